import { parseJsonExact } from '../../util/json';
import { asString, memberAt } from '../../util/records';
import type { RecordedBody, RecordedCall, RecordedEntry, RecordedGap } from './recordedCall';
import { containerOfPath, createdContainer, execOfPath } from './subject';

/*
 * Between the relay and its recorder: reading a call's framing is cheap, and done where the bytes go by; what was kept of
 * its bodies is read where it delays nobody.
 */

/** A body as it came. */
export interface UnreadBody {
  /** All bytes of it, kept or not; of a chunked body without its framing. */
  readonly bytes: number;
  /** Its beginning, as far as it was kept: its own copy. Absent for bodies that are only counted. */
  readonly kept?: Uint8Array<ArrayBuffer>;
}

/** A call whose bodies nobody has read. */
export interface UnreadCall extends Omit<RecordedCall, 'request' | 'response' | 'containerId' | 'grpc'> {
  readonly request?: UnreadBody;
  readonly response?: UnreadBody;
}

export type UnreadEntry = UnreadCall | RecordedGap;

/** The kept bytes of an entry. */
export function keptOf(entry: UnreadEntry): readonly Uint8Array<ArrayBuffer>[] {
  return entry.kind === 'gap' ? [] : [entry.request, entry.response].flatMap((body) => body?.kept ?? []);
}

/** An entry of which only the sizes of its bodies are left, and why. */
export function withoutBodies(entry: UnreadEntry, incomplete: string): UnreadEntry {
  if (entry.kind === 'gap') return entry;
  const { request, response, ...rest } = entry;
  return {
    ...rest,
    ...(request ? { request: { bytes: request.bytes } } : {}),
    ...(response ? { response: { bytes: response.bytes } } : {}),
    incomplete: entry.incomplete ?? incomplete,
  };
}

/** How many exec instances are remembered. */
const MOST_EXECS = 1000;

/** Reads the bodies of calls, and finds the container that each is about. One for all connections of a relay. */
export class CallReader {
  /** Exec instance → the container it runs in. */
  private readonly execs = new Map<string, string>();

  read(entry: UnreadEntry): RecordedEntry {
    if (entry.kind === 'gap') return entry;
    const { request, response, ...rest } = entry;
    const asked = request && bodyOf(request);
    const answered = response && bodyOf(response);
    const containerId = this.containerOf(entry.method, entry.path, answered?.value);
    return {
      ...rest,
      ...(asked ? { request: asked } : {}),
      ...(answered ? { response: answered } : {}),
      ...(containerId === undefined ? {} : { containerId }),
    };
  }

  private containerOf(method: string, path: string, response: unknown): string | undefined {
    const { execs } = this;
    const exec = execOfPath(path);
    if (exec !== undefined) return execs.get(exec);
    const named = containerOfPath(path);
    if (named === undefined) return createdContainer(method, path, response);
    const made = execMade(method, path, response);
    if (made !== undefined) {
      const [oldest] = execs.keys();
      if (execs.size >= MOST_EXECS && oldest !== undefined) execs.delete(oldest);
      execs.set(made, named);
    }
    return named;
  }
}

/** The id of the exec instance that a call has made. */
function execMade(method: string, path: string, response: unknown): string | undefined {
  const isExec = method === 'POST' && /\/containers\/[^/?]+\/exec(?:\?|$)/.test(path);
  return isExec ? asString(memberAt(response, 'Id')) : undefined;
}

function bodyOf({ bytes, kept }: UnreadBody): RecordedBody {
  if (kept === undefined) return { bytes };
  const truncated = kept.length < bytes;
  const text = decode(kept, truncated);
  if (text === undefined) return { bytes };
  return { bytes, value: truncated ? text : jsonOrText(text), ...(truncated ? { truncated: true } : {}) };
}

/** Bytes as text; undefined when they are none. A character that was cut in two at the end is left out. */
function decode(bytes: Uint8Array, truncated: boolean): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: truncated });
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
