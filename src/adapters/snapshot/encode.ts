import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { RuntimeError } from '../../model/problem';
import type { Snapshot } from '../../model/snapshot/snapshot';
import { snapshotSchema } from '../../model/snapshot/snapshotSchema';
import { pruneWith } from '../../util/schema';
import { decodeSnapshot } from './decode';

/** How a file is packed, by the end of its name: `.json`, `.gz`, `.br`. */
export type Packing = 'none' | 'gzip' | 'brotli';

/** The packing that a file's name asks for. */
export function packingOf(file: string): Packing {
  return file.endsWith('.gz') ? 'gzip' : file.endsWith('.br') ? 'brotli' : 'none';
}

/**
 * The bytes of a snapshot's file. They are read back before they are handed out, so that no file is written that could not
 * be opened again.
 *
 * @param packing brotli sees what containers have in common and makes a tenth of what gzip makes; more tools know gzip
 * @throws RuntimeError saying what in this host cannot be written
 */
export function encodeSnapshot(snapshot: Snapshot, packing: Packing): Uint8Array {
  const what = 'Writing the snapshot';
  let json: Buffer;
  try {
    // What is not packed is for people too.
    const indentation = packing === 'none' ? 1 : undefined;
    json = Buffer.from(`${JSON.stringify(pruneWith(snapshotSchema, snapshot), undefined, indentation)}\n`);
  } catch (error) {
    throw RuntimeError.from(error, what);
  }
  decodeSnapshot(json, what);
  switch (packing) {
    case 'none':
      return json;
    case 'gzip':
      return gzipSync(json, { level: 9 });
    case 'brotli':
      return brotliCompressSync(json, { params: BROTLI(json.length) });
  }
}

/** A window over the whole of most snapshots: their containers repeat each other. */
const BROTLI = (bytes: number): Readonly<Record<number, number>> => ({
  [constants.BROTLI_PARAM_QUALITY]: 9,
  [constants.BROTLI_PARAM_LGWIN]: 24,
  [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
  [constants.BROTLI_PARAM_SIZE_HINT]: bytes,
});
