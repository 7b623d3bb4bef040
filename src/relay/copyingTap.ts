import type { Side } from '../model/recording/connection';
import type { ToRecorder } from './messages';
import type { Tap } from './tap';

/** Gives the recorder's thread a copy of all that a connection carries. */
export class CopyingTap implements Tap {
  private readonly carried = { request: 0, response: 0 };
  private copies = true;

  constructor(
    private readonly connection: number,
    /** False when the recorder has too much to do already. */
    private readonly hasRoom: (bytes: number) => boolean,
    private readonly post: (message: ToRecorder, bytes?: ArrayBuffer) => void,
    private readonly onClose: () => void,
  ) {}

  bytes(side: Side, bytes: Uint8Array): void {
    if (!this.copies) return;
    if (!this.hasRoom(bytes.length)) {
      this.giveUp(side);
      return;
    }
    this.carried[side] += bytes.length;
    const copy = new Uint8Array(bytes);
    this.post({ kind: 'bytes', connection: this.connection, side, at: Date.now(), bytes: copy }, copy.buffer);
  }

  end(side: Side): void {
    this.post({ kind: 'end', connection: this.connection, side, at: Date.now() });
  }

  close(): void {
    this.post({ kind: 'close', connection: this.connection, at: Date.now() });
    this.onClose();
  }

  /** The recorder cannot keep up, or has too many connections. */
  giveUp(side: Side): void {
    this.copies = false;
    const byte = this.carried[side];
    this.post({ kind: 'overload', connection: this.connection, side, at: Date.now(), byte });
  }

  /** The recorder needs no more of it. */
  enough(): void {
    this.copies = false;
  }
}
