import { parseJsonExact } from '../../util/json';
import type { RecordedBody } from './recordedCall';

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
    this.pieces.push(piece.slice(0, room));
    this.kept += room;
    this.budget.left -= room;
  }

  /** The body as it is recorded; undefined when there was none. */
  result(): RecordedBody | undefined {
    if (this.bytes === 0) return undefined;
    if (!this.keep) return { bytes: this.bytes };
    const truncated = this.kept < this.bytes;
    const text = decode(this.pieces, truncated);
    if (text === undefined) return { bytes: this.bytes };
    return {
      bytes: this.bytes,
      value: truncated ? text : jsonOrText(text),
      ...(truncated ? { truncated: true } : {}),
    };
  }

  /** What was kept of it, as it came. */
  raw(): { readonly bytes: Buffer; readonly total: number } {
    return { bytes: Buffer.concat(this.pieces), total: this.bytes };
  }

  /** Gives the memory back. */
  release(): void {
    this.budget.left += this.kept;
    this.kept = 0;
    this.pieces.length = 0;
  }
}

/** The pieces as text; undefined when they are none. A character that was cut in two at the end is left out. */
function decode(pieces: readonly Uint8Array[], truncated: boolean): string | undefined {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    const text = pieces.map((piece) => decoder.decode(piece, { stream: true })).join('');
    return truncated ? text : text + decoder.decode();
  } catch {
    return undefined;
  }
}

function jsonOrText(text: string): unknown {
  if (!/^\s*[[{"]/.test(text)) return text;
  try {
    return parseJsonExact(text);
  } catch {
    return text;
  }
}
