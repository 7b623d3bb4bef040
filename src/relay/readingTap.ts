import type { Side, WireRecorder } from '../model/recording/connection';
import type { Tap } from './tap';

/** Reads the calls of a connection where its bytes go by: of what is only counted, nothing is copied. */
export class ReadingTap implements Tap {
  constructor(
    private readonly recorder: WireRecorder,
    private readonly onClose: () => void,
  ) {}

  bytes(side: Side, bytes: Uint8Array): void {
    this.guard(() => this.recorder.feed(side, bytes, Date.now()));
  }

  end(side: Side): void {
    this.guard(() => this.recorder.end(side, Date.now()));
  }

  close(): void {
    this.guard(() => this.recorder.close(Date.now()));
    this.onClose();
  }

  /** The recording of this connection ends, before it has begun or where nobody knows. */
  giveUp(reason: string): void {
    this.recorder.breakOff('request', 0, reason, Date.now());
  }

  /** A fault of ours ends the recording of a connection, never the connection. */
  private guard(work: () => void): void {
    if (this.recorder.isOver) return;
    try {
      work();
    } catch {
      this.giveUp('it could not be read');
    }
  }
}
