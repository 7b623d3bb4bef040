/** Reads a stream of bytes that comes in pieces of any size, step by step. */
export abstract class StepReader {
  /** How many bytes of the stream have been read. */
  offset = 0;

  /** @throws UnreadableMessage; `offset` is then where the trouble is */
  feed(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      const next = this.step(bytes, at);
      this.offset += next - at;
      at = next;
    }
  }

  /** Reads on from a place, and returns the place after what it has read. */
  protected abstract step(bytes: Uint8Array, at: number): number;
}
