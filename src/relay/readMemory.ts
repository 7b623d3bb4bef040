/** For answers, and streams that say little: many can be open. */
const SMALL_BYTES = 16 * 1024;
/** For streams: as much as a unix socket holds, so that few calls of the kernel carry much. */
const LARGE_BYTES = 256 * 1024;
/** One is read into while the other is written. */
const MOST_FREE = 2;

/** Memory that one connection is read into, used again as soon as the other side has what was in it. */
export class ReadMemory {
  private free: Uint8Array[] = [];
  private size = SMALL_BYTES;

  take(): Uint8Array {
    return this.free.pop() ?? new Uint8Array(this.size);
  }

  /** @param filled how much was read into it: where it was too small, larger ones follow */
  giveBack(memory: Uint8Array, filled: number): void {
    if (filled === memory.length && this.size < LARGE_BYTES) {
      this.size = LARGE_BYTES;
      this.free = [];
    }
    if (memory.length === this.size && this.free.length < MOST_FREE) this.free.push(memory);
  }
}
