import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** Files of clients' configuration over this size are no such files. */
const LARGEST_FILE_BYTES = 1024 * 1024;

/** Reads a regular file of at most 1 MiB, never waiting for a FIFO. */
export async function readSmallFile(file: string): Promise<string> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = await handle.stat();
    if (!found.isFile() || found.size > LARGEST_FILE_BYTES) throw new Error('not a small regular file');
    // A file may grow while it is read, and those of /proc have no size: the bound holds for what is read.
    const buffer = Buffer.alloc(LARGEST_FILE_BYTES + 1);
    let length = 0;
    for (let read = 1; read > 0 && length < buffer.length; length += read) {
      read = (await handle.read(buffer, length, buffer.length - length, null)).bytesRead;
    }
    if (length > LARGEST_FILE_BYTES) throw new Error('not a small regular file');
    return buffer.toString('utf8', 0, length);
  } finally {
    await handle.close();
  }
}
