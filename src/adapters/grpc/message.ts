import { Reader, Writer } from 'protobufjs/minimal';
import { RuntimeError } from '../../model/problem';
import { exactInteger, type ExactInteger } from '../../util/json';

/*
 * Protobuf messages described by tables: field numbers come from the published .proto files, nothing is parsed or
 * generated at run time. Maps become Map objects, because their keys are foreign; integers keep all their digits;
 * unknown fields are skipped, so newer servers are no trouble.
 */

const VARINT = 0;
const LENGTH_DELIMITED = 2;

/** One field: its number, how it is read into what was there before, and how it is written. */
export interface Field<T> {
  readonly number: number;
  readonly wireType: number;
  /** The value when the field is absent (proto3 leaves defaults out). */
  initial(): T;
  read(reader: Reader, current: T): T;
  /** Writes tag and value; nothing for the default value. */
  write(writer: Writer, value: T): void;
}

export type Fields = Readonly<Record<string, Field<unknown>>>;

/** The decoded value of a message with these fields. */
export type MessageOf<F extends Fields> = { readonly [K in keyof F]: ReturnType<F[K]['initial']> };

/** A message's description, with its full protobuf name for errors. */
export class MessageType<F extends Fields> {
  private readonly byNumber: ReadonlyMap<number, readonly [string, Field<unknown>]>;

  constructor(
    readonly name: string,
    readonly fields: F,
  ) {
    this.byNumber = new Map(Object.entries(fields).map(([key, field]) => [field.number, [key, field] as const]));
  }

  /** @throws RuntimeError `malformed` when the bytes are no such message */
  decode(bytes: Uint8Array): MessageOf<F> {
    const values: Record<string, unknown> = {};
    for (const [key, field] of Object.entries(this.fields)) values[key] = field.initial();
    try {
      const reader = Reader.create(bytes);
      while (reader.pos < reader.len) {
        const tag = reader.uint32();
        const wireType = tag & 7;
        const entry = this.byNumber.get(tag >>> 3);
        if (!entry || entry[1].wireType !== wireType) reader.skipType(wireType);
        else values[entry[0]] = entry[1].read(reader, values[entry[0]]);
      }
    } catch (error) {
      throw new RuntimeError(
        { code: 'malformed', what: `Decoding ${this.name}`, reason: 'The bytes are no such message.' },
        error,
      );
    }
    // Every key was given its field's own initial value or what that field read.
    return values as MessageOf<F>;
  }

  encode(value: Partial<MessageOf<F>>): Buffer {
    const writer = Writer.create();
    for (const [key, field] of Object.entries(this.fields)) {
      if (value[key] !== undefined) field.write(writer, value[key]);
    }
    return Buffer.from(writer.finish());
  }
}

/** A string. */
export function text(number: number): Field<string> {
  return {
    number,
    wireType: LENGTH_DELIMITED,
    initial: () => '',
    read: (reader) => reader.string(),
    write: (writer, value) => {
      if (value !== '') writer.uint32(tagOf(number, LENGTH_DELIMITED)).string(value);
    },
  };
}

/** Bytes. What is read is a view into the message: it lives as long as that. */
export function bytes(number: number): Field<Uint8Array> {
  return {
    number,
    wireType: LENGTH_DELIMITED,
    initial: () => new Uint8Array(0),
    read: (reader) => reader.bytes(),
    write: (writer, value) => {
      if (value.length > 0) writer.uint32(tagOf(number, LENGTH_DELIMITED)).bytes(value);
    },
  };
}

/** Of bytes or a message, only how long it is: what is large and not wanted is dropped while decoding. */
export function byteLength(number: number): Field<number> {
  return {
    number,
    wireType: LENGTH_DELIMITED,
    initial: () => 0,
    read: (reader) => {
      const length = reader.uint32();
      reader.skip(length);
      return length;
    },
    write: () => undefined,
  };
}

/** uint32, int32 or an enum. */
export function int(number: number): Field<number> {
  return {
    number,
    wireType: VARINT,
    initial: () => 0,
    read: (reader) => reader.int32(),
    write: (writer, value) => {
      if (value !== 0) writer.uint32(tagOf(number, VARINT)).int32(value);
    },
  };
}

/** uint32 proper: values over 2³¹ stay positive. */
export function uint(number: number): Field<number> {
  return { ...int(number), read: (reader) => reader.uint32() };
}

/** uint64. */
export function uint64(number: number): Field<ExactInteger> {
  return {
    number,
    wireType: VARINT,
    initial: () => 0,
    read: (reader) => exactInteger(decimalOf(reader.uint64())),
    write: (writer, value) => {
      if (value !== 0) writer.uint32(tagOf(number, VARINT)).uint64(value);
    },
  };
}

/** int64. */
export function int64(number: number): Field<ExactInteger> {
  return {
    ...uint64(number),
    read: (reader) => exactInteger(decimalOf(reader.int64())),
    write: (writer, value) => {
      if (value !== 0) writer.uint32(tagOf(number, VARINT)).int64(value);
    },
  };
}

export function bool(number: number): Field<boolean> {
  return {
    number,
    wireType: VARINT,
    initial: () => false,
    read: (reader) => reader.bool(),
    write: (writer, value) => {
      if (value) writer.uint32(tagOf(number, VARINT)).bool(value);
    },
  };
}

/** A message inside; undefined when absent. */
export function message<F extends Fields>(number: number, type: MessageType<F>): Field<MessageOf<F> | undefined> {
  return {
    number,
    wireType: LENGTH_DELIMITED,
    initial: () => undefined,
    read: (reader) => type.decode(reader.bytes()),
    write: (writer, value) => {
      if (value) writer.uint32(tagOf(number, LENGTH_DELIMITED)).bytes(type.encode(value));
    },
  };
}

/** Any number of a field (strings or messages), in their order. */
export function repeated<T>(field: Field<T>): Field<readonly Exclude<T, undefined>[]> {
  return {
    number: field.number,
    wireType: field.wireType,
    initial: () => [],
    read: (reader, current) => {
      const item = field.read(reader, field.initial());
      // The list is this decoding's own: growing it in place keeps long lists linear.
      if (item !== undefined) (current as unknown[]).push(item);
      return current;
    },
    write: (writer, values) => {
      for (const value of values) field.write(writer, value);
    },
  };
}

/** `map<string, T>`. */
export function map<T>(number: number, valueField: Field<T>): Field<ReadonlyMap<string, Exclude<T, undefined>>> {
  const entry = new MessageType('map entry', { key: text(1), value: valueField });
  return {
    number,
    wireType: LENGTH_DELIMITED,
    initial: () => new Map(),
    read: (reader, current) => {
      const { key, value } = entry.decode(reader.bytes());
      if (value !== undefined) (current as Map<string, unknown>).set(key, value);
      return current;
    },
    write: (writer, values) => {
      for (const [key, value] of values) {
        writer.uint32(tagOf(number, LENGTH_DELIMITED)).bytes(entry.encode({ key, value }));
      }
    },
  };
}

/** `map<string, string>`. */
export function textMap(number: number): Field<ReadonlyMap<string, string>> {
  return map(number, text(2));
}

/** The digits of a 64-bit integer: protobufjs gives an object that knows them all. */
function decimalOf(value: { toString(): string }): string {
  return value.toString();
}

function tagOf(number: number, wireType: number): number {
  return ((number << 3) | wireType) >>> 0;
}
