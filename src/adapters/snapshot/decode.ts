import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { RuntimeError, type ProblemCode } from '../../model/problem';
import { SNAPSHOT_FORMAT, SNAPSHOT_VERSION, type Snapshot } from '../../model/snapshot/snapshot';
import { snapshotSchema } from '../../model/snapshot/snapshotSchema';
import { asNumber, asRecord } from '../../util/records';
import { readWith, SchemaError } from '../../util/schema';

/** The largest snapshot, as a file and unpacked: some thousand containers. */
export const LARGEST_BYTES = 64 * 1024 * 1024;
/** Deeper than anything that engines and runtimes say. */
export const DEEPEST = 100;
/** So many values of JSON: `[[],[],…` of the largest size would otherwise need many times its bytes. */
export const MOST_VALUES = 4_000_000;

/**
 * Reads a snapshot from the bytes of a file that anybody may have made: JSON, or JSON packed by
 * gzip or brotli. Time and memory are
 * bounded by the limits above.
 *
 * @param what what is being done, with the file's name, for errors
 * @throws RuntimeError `too-large`, `malformed` (with the place in the document) or `unsupported` (a newer format)
 */
export function decodeSnapshot(bytes: Uint8Array, what: string): Snapshot {
  const refuse = (code: ProblemCode, reason: string, remedy: string): never => {
    throw new RuntimeError({ code, what, reason, remedy });
  };
  if (bytes.length > LARGEST_BYTES) refuse('too-large', `It is over ${mebibytes(LARGEST_BYTES)}.`, TOO_LARGE);
  const json = unpack(bytes, refuse);
  const excess = excessOf(json);
  if (excess !== undefined) refuse('too-large', excess, TOO_LARGE);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json));
  } catch (error) {
    // The parser's words may quote the file, which may hold secrets: only the place is told.
    const place = /position \d+/.exec(error instanceof Error ? error.message : '')?.[0];
    return refuse('malformed', `It is not valid JSON in UTF-8${place ? ` (${place})` : ''}.`, DAMAGED);
  }
  const record = asRecord(value);
  if (record?.format !== SNAPSHOT_FORMAT) {
    return refuse(
      'malformed',
      `It is no snapshot: its member "format" is not "${SNAPSHOT_FORMAT}".`,
      'Choose a file that Export Snapshot has written.',
    );
  }
  const version = asNumber(record.schemaVersion);
  if (version !== undefined && version > SNAPSHOT_VERSION) {
    return refuse(
      'unsupported',
      `It has version ${version} of the snapshot format; this explorer knows versions up to ${SNAPSHOT_VERSION}.`,
      'Update the extension Container Runtime Explorer.',
    );
  }
  try {
    return readWith(snapshotSchema, value);
  } catch (error) {
    if (error instanceof SchemaError) return refuse('malformed', `${error.path}: ${error.reason}`, DAMAGED);
    throw error;
  }
}

const TOO_LARGE = 'Take the snapshot on a host with fewer containers, or look into the file with other tools.';
const DAMAGED = 'The file was changed or cut, or another program wrote it: export the snapshot again.';

function unpack(bytes: Uint8Array, refuse: (code: ProblemCode, reason: string, remedy: string) => never): Uint8Array {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  // Brotli has no mark of its own: what is neither gzip nor begins as JSON does is tried.
  if (!isGzip && (bytes.length === 0 || /^[\s\ufeff{[]/.test(String.fromCharCode(bytes[0] ?? 0)))) return bytes;
  const options = { maxOutputLength: LARGEST_BYTES };
  try {
    return isGzip ? gunzipSync(bytes, options) : brotliDecompressSync(bytes, options);
  } catch (error) {
    return (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE'
      ? refuse('too-large', `Unpacked it is over ${mebibytes(LARGEST_BYTES)}.`, TOO_LARGE)
      : refuse(
          'malformed',
          isGzip
            ? 'It begins as a gzip file and cannot be unpacked.'
            : 'It is neither JSON nor packed by gzip or brotli.',
          DAMAGED,
        );
  }
}

/** Counts nesting and values before anything is built from them. One pass over the bytes. */
function excessOf(json: Uint8Array): string | undefined {
  let depth = 0;
  let values = 0;
  for (let at = 0; at < json.length; at++) {
    switch (json[at]) {
      case QUOTE:
        for (at++; at < json.length && json[at] !== QUOTE; at++) if (json[at] === BACKSLASH) at++;
        break;
      case OPEN_BRACE:
      case OPEN_BRACKET:
        values++;
        if (++depth > DEEPEST) return `It is nested more than ${DEEPEST} levels deep.`;
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        depth--;
        break;
      case COMMA:
        values++;
        break;
      default:
        break;
    }
    if (values > MOST_VALUES) return `It has more than ${MOST_VALUES} values.`;
  }
  return undefined;
}

const QUOTE = 34;
const COMMA = 44;
const BACKSLASH = 92;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

function mebibytes(bytes: number): string {
  return `${bytes / 1024 / 1024} MiB`;
}
