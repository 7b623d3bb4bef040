/*
 * The little of tar that is needed to read what an engine's archive endpoint answers: the first entry, a regular file or a
 * symbolic link. Source: POSIX pax, ustar; Go's archive/tar, with which engines write.
 */

const BLOCK = 512;

/** Nothing at all, as tar says it: two blocks of zeros. */
export const EMPTY_TAR: Buffer = Buffer.alloc(2 * BLOCK);

/** The first entry of an archive. */
export type TarEntry =
  | { readonly kind: 'file'; readonly content: Buffer }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'other' };

/** The first entry; undefined when this is no archive, or it ends in the middle. */
export function firstEntry(archive: Buffer): TarEntry | undefined {
  let target: string | undefined;
  for (let at = 0; at + BLOCK <= archive.length;) {
    const header = archive.subarray(at, at + BLOCK);
    const size = sizeOf(header);
    if (size === undefined || !isHeader(header)) return undefined;
    const start = at + BLOCK;
    if (start + size > archive.length) return undefined;
    const content = archive.subarray(start, start + size);
    at = start + Math.ceil(size / BLOCK) * BLOCK;
    switch (String.fromCharCode(header[156] ?? 0)) {
      // Extended headers come before the entry that they are about.
      case 'x':
        target = paxValue(content, 'linkpath') ?? target;
        break;
      case 'K':
        target = untilZero(content);
        break;
      case 'g':
      case 'L':
        break;
      case '0':
      case '\0':
        return { kind: 'file', content };
      case '2':
        return { kind: 'link', target: target ?? untilZero(header.subarray(157, 257)) };
      default:
        return { kind: 'other' };
    }
  }
  return undefined;
}

function isHeader(header: Buffer): boolean {
  let sum = 0;
  // The checksum is counted as if its own field were blank.
  for (const [index, byte] of header.entries()) sum += index >= 148 && index < 156 ? 0x20 : byte;
  return sum === octal(header.subarray(148, 156));
}

/** In octal; larger files than 8 GiB are written in another way, and are none of ours. */
function sizeOf(header: Buffer): number | undefined {
  return octal(header.subarray(124, 136));
}

function octal(field: Buffer): number | undefined {
  const text = untilZero(field).trim();
  return /^[0-7]{1,12}$/.test(text) ? Number.parseInt(text, 8) : undefined;
}

/** Records are "LENGTH KEY=VALUE\n", with the length of the whole record in bytes. */
function paxValue(content: Buffer, key: string): string | undefined {
  for (let at = 0; at < content.length;) {
    const blank = content.indexOf(0x20, at);
    const length = blank < 0 ? Number.NaN : Number(content.toString('latin1', at, blank));
    if (!Number.isInteger(length) || length <= blank - at + 1 || at + length > content.length) return undefined;
    const record = content.toString('utf8', blank + 1, at + length - 1);
    if (record.startsWith(`${key}=`)) return record.slice(key.length + 1);
    at += length;
  }
  return undefined;
}

function untilZero(field: Buffer): string {
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? field.length : end);
}
