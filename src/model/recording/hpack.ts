import { UnreadableMessage } from './messageReader';

/*
 * Reads the header blocks of HTTP/2 (HPACK, RFC 7541), one direction of one connection. Only reading is here: nothing is
 * ever sent. The libraries for it on npm are without care for years, or part of a whole HTTP/2 stack.
 */

/** A header field: its name and value as latin-1 text. */
export type HeaderField = readonly [name: string, value: string];

/** RFC 7541, 4.2: what a connection starts with. */
const FIRST_TABLE_BYTES = 4096;
/** A peer may ask for larger tables; none that speaks gRPC does by default. */
const LARGEST_TABLE_BYTES = 64 * 1024;
/** RFC 7541, 4.1: what every entry costs beside its texts. */
const ENTRY_BYTES = 32;
const MOST_FIELDS = 1000;

/** Header blocks must be given to it in the order of the connection, all of them: each may change the table. */
export class HeaderDecoder {
  /** Newest first. */
  private readonly table: HeaderField[] = [];
  private tableBytes = 0;
  private mostBytes = FIRST_TABLE_BYTES;

  /** @throws UnreadableMessage when the block is none; the connection can't be read on from there */
  decode(block: Uint8Array): readonly HeaderField[] {
    const input = new BlockReader(block);
    const fields: HeaderField[] = [];
    while (!input.isAtEnd) {
      const field = this.field(input);
      if (field && fields.push(field) > MOST_FIELDS) throw new UnreadableMessage('a call has too many headers');
    }
    return fields;
  }

  /** One representation (RFC 7541, 6); undefined for a change of the table's size. */
  private field(input: BlockReader): HeaderField | undefined {
    const first = input.peek();
    if (first >= 0x80) return this.at(input.integer(7));
    if (first >= 0x40) {
      const field = this.literal(input, 6);
      this.add(field);
      return field;
    }
    if (first >= 0x20) {
      this.resize(input.integer(5));
      return undefined;
    }
    return this.literal(input, 4);
  }

  private literal(input: BlockReader, prefixBits: number): HeaderField {
    const index = input.integer(prefixBits);
    const name = index === 0 ? input.text() : this.at(index)[0];
    return [name, input.text()];
  }

  private at(index: number): HeaderField {
    const field = index <= STATIC_TABLE.length ? STATIC_TABLE[index - 1] : this.table[index - STATIC_TABLE.length - 1];
    if (!field) throw new UnreadableMessage('a header names an entry that is not in the table');
    return field;
  }

  private add(field: HeaderField): void {
    this.table.unshift(field);
    this.tableBytes += costOf(field);
    this.evict();
  }

  private resize(bytes: number): void {
    if (bytes > LARGEST_TABLE_BYTES) throw new UnreadableMessage('a table of headers is too large');
    this.mostBytes = bytes;
    this.evict();
  }

  private evict(): void {
    while (this.tableBytes > this.mostBytes) {
      const oldest = this.table.pop();
      if (!oldest) return;
      this.tableBytes -= costOf(oldest);
    }
  }
}

function costOf([name, value]: HeaderField): number {
  return name.length + value.length + ENTRY_BYTES;
}

/** The primitive types of a block (RFC 7541, 5). */
class BlockReader {
  private offset = 0;

  constructor(private readonly block: Uint8Array) {}

  get isAtEnd(): boolean {
    return this.offset >= this.block.length;
  }

  peek(): number {
    const byte = this.block[this.offset];
    if (byte === undefined) throw new UnreadableMessage('a header block is cut off');
    return byte;
  }

  integer(prefixBits: number): number {
    const most = 2 ** prefixBits - 1;
    let value = this.next() & most;
    if (value < most) return value;
    for (let shift = 0; shift <= 21; shift += 7) {
      const byte = this.next();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new UnreadableMessage('a number in a header block is too large');
  }

  text(): string {
    const huffman = this.peek() >= 0x80;
    const length = this.integer(7);
    const bytes = this.block.subarray(this.offset, this.offset + length);
    if (bytes.length < length) throw new UnreadableMessage('a header block is cut off');
    this.offset += length;
    return Buffer.from(huffman ? huffmanDecoded(bytes) : bytes).toString('latin1');
  }

  private next(): number {
    const byte = this.peek();
    this.offset++;
    return byte;
  }
}

/** @throws UnreadableMessage for what is no code, or no proper end of one */
function huffmanDecoded(bytes: Uint8Array): number[] {
  const out: number[] = [];
  let code = 0;
  let length = 0;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      code = code * 2 + ((byte >> bit) & 1);
      length++;
      const symbol = HUFFMAN.symbolOf(code, length);
      if (symbol === undefined) continue;
      if (symbol === END_OF_STRING) throw new UnreadableMessage('a header holds the mark of its end');
      out.push(symbol);
      code = 0;
      length = 0;
    }
  }
  // What is left of the last byte is filled with ones (RFC 7541, 5.2).
  if (length > 7 || code !== 2 ** length - 1) throw new UnreadableMessage('a header has no proper end');
  return out;
}

const END_OF_STRING = 256;

/**
 * How many bits the code of each byte has, and of the mark of the end (RFC 7541, appendix B), as runs: "13 23 28*7". The
 * code is canonical, so the lengths say all of it.
 */
const CODE_LENGTHS = `
13 23 28*7 24 30 28*2 30 28*8 30 28*9
6 10*2 12 13 6 8 11 10*2 8 11 8 6*3 5*3 6*7 7 8 15 6 12 10
13 6 7*22 8 7 8 13 19 13 14 6
15 5 6 5 6 5 6*3 5 7*2 6*3 5 6 7 6 5*2 6 7*5 15 11 14 13 28
20 22 20*2 22*3 23 22 23*5 24 23 24*2 22 23 24 23*4 21 22 23 22 23*2 24
22 21 20 22*2 23*2 21 23 22*2 24 21 22 23*2 21*2 22 21 23 22 23*2 20 22*3 23 22*2 23
26*2 20 19 22 23 22 25 26*3 27*2 26 24 25 19 21 26 27*2 26 27 24 21*2 26*2 28 27*3
20 24 20 21 22 21*2 23 22*2 25*2 24*2 26 23 26 27 26*2 27*5 28 27*5 26
30`;

/** A canonical code: codes of one length follow each other in the order of their symbols. */
class CanonicalCode {
  private readonly byLength: readonly { readonly first: number; readonly symbols: readonly number[] }[];

  constructor(lengths: readonly number[]) {
    const longest = Math.max(...lengths);
    const byLength = [{ first: 0, symbols: [] as number[] }];
    for (let length = 1; length <= longest; length++) {
      const shorter = byLength[length - 1];
      const first = shorter ? (shorter.first + shorter.symbols.length) * 2 : 0;
      byLength.push({ first, symbols: lengths.flatMap((own, symbol) => (own === length ? [symbol] : [])) });
    }
    this.byLength = byLength;
  }

  symbolOf(code: number, length: number): number | undefined {
    const of = this.byLength[length];
    if (!of) throw new UnreadableMessage('a header holds no known code');
    return of.symbols[code - of.first];
  }
}

const HUFFMAN = new CanonicalCode(
  CODE_LENGTHS.trim()
    .split(/\s+/)
    .flatMap((run) => {
      const [length = '', times = '1'] = run.split('*');
      return Array<number>(Number(times)).fill(Number(length));
    }),
);

/** RFC 7541, appendix A, in its order: names, with "=" and a value where the entry has one. */
const STATIC_TABLE = [
  ':authority',
  ':method=GET',
  ':method=POST',
  ':path=/',
  ':path=/index.html',
  ':scheme=http',
  ':scheme=https',
  ':status=200',
  ':status=204',
  ':status=206',
  ':status=304',
  ':status=400',
  ':status=404',
  ':status=500',
  'accept-charset',
  'accept-encoding=gzip,deflate',
  'accept-language',
  'accept-ranges',
  'accept',
  'access-control-allow-origin',
  'age',
  'allow',
  'authorization',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-range',
  'content-type',
  'cookie',
  'date',
  'etag',
  'expect',
  'expires',
  'from',
  'host',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'last-modified',
  'link',
  'location',
  'max-forwards',
  'proxy-authenticate',
  'proxy-authorization',
  'range',
  'referer',
  'refresh',
  'retry-after',
  'server',
  'set-cookie',
  'strict-transport-security',
  'transfer-encoding',
  'user-agent',
  'vary',
  'via',
  'www-authenticate',
].map((entry): HeaderField => {
  const [name = '', value = ''] = entry.split('=');
  return [name, value.replace(',', ', ')];
});
