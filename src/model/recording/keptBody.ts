import type { UnreadBody } from './unreadCall';

/** How much of one body is kept. */
export const KEPT_BODY_BYTES = 256 * 1024;

/** Bytes that all bodies under way may hold together, so that many at once cost no more than this. */
export interface Budget {
  left: number;
}

/** Collects the beginning of a body and counts the rest. */
export class KeptBody {
  private readonly pieces: Uint8Array[] = [];
  private kept = 0;
  private bytes = 0;

  /** @param keep false for bodies that are only counted: archives, streams, credentials */
  constructor(
    private readonly budget: Budget,
    private readonly keep: boolean,
  ) {}

  add(piece: Uint8Array): void {
    this.bytes += piece.length;
    if (!this.keep) return;
    const room = Math.min(KEPT_BODY_BYTES - this.kept, this.budget.left, piece.length);
    if (room <= 0) return;
    // A copy: whoever feeds it may use the memory again.
    this.pieces.push(new Uint8Array(piece.subarray(0, room)));
    this.kept += room;
    this.budget.left -= room;
  }

  /** The body as it came so far; undefined when there was none. */
  unread(): UnreadBody | undefined {
    if (this.bytes === 0) return undefined;
    return this.keep ? { bytes: this.bytes, kept: this.copy() } : { bytes: this.bytes };
  }

  /** What was kept of it, as it came. */
  raw(): { readonly bytes: Buffer; readonly total: number } {
    return { bytes: Buffer.from(this.copy().buffer), total: this.bytes };
  }

  /** Gives the memory back. */
  release(): void {
    this.budget.left += this.kept;
    this.kept = 0;
    this.pieces.length = 0;
  }

  /** In memory of its own, which may be given away. */
  private copy(): Uint8Array<ArrayBuffer> {
    const all = new Uint8Array(this.kept);
    let at = 0;
    for (const piece of this.pieces) {
      all.set(piece, at);
      at += piece.length;
    }
    return all;
  }
}
