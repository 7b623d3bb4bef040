import { parseJsonExact } from '../../util/json';
import type { Fields, MessageOf, MessageType } from '../grpc/message';
import { RuncOptions, RuntimeOptions, type AnyValue } from './messages';

/** An Any, decoded where its type is known. JSON-serialisable. */
export interface DecodedAny {
  readonly typeUrl: string;
  /** The message's fields or the parsed JSON; absent when the type is not known to us or the bytes are not of it. */
  readonly value?: unknown;
  /** How many bytes it holds. */
  readonly bytes: number;
}

/** The specs and CRI's metadata are JSON inside an Any, against its name. Source: containerd core/runtime/typeurl.go. */
const JSON_TYPES = [
  'types.containerd.io/opencontainers/',
  'github.com/containerd/cri/',
  'github.com/containerd/containerd/',
];

/** Decodes an Any by its type. Never throws: what cannot be read is left out and its size said. */
export function decodeAny(any: AnyValue): DecodedAny {
  const told = { typeUrl: any.typeUrl, bytes: any.value.length };
  try {
    const value = valueOf(any);
    return value === undefined ? told : { ...told, value };
  } catch {
    return told;
  }
}

function valueOf({ typeUrl, value }: AnyValue): unknown {
  // With and without "type.googleapis.com/" before it: both are in use.
  const name = typeUrl.replace(/^type\.googleapis\.com\//, '');
  if (name === RuncOptions.name) return setFields(RuncOptions, value);
  if (name === RuntimeOptions.name) {
    const { configBody, ...others } = RuntimeOptions.decode(value);
    return { ...others, configBody: Buffer.from(configBody).toString('utf8') };
  }
  if (JSON_TYPES.some((prefix) => name.startsWith(prefix))) {
    return parseJsonExact(Buffer.from(value).toString('utf8'), `Reading ${name}`);
  }
  return undefined;
}

/** The fields of a message that are not at their default. */
function setFields<F extends Fields>(type: MessageType<F>, bytes: Uint8Array): unknown {
  const entries = Object.entries<unknown>(type.decode(bytes) as Record<string, unknown>);
  return Object.fromEntries(entries.filter(([, value]) => value !== '' && value !== 0 && value !== false));
}

/** The runtime options that decide how the OCI runtime is called; undefined when there are none of runc's kind. */
export function runcOptionsOf(any: AnyValue | undefined): MessageOf<typeof RuncOptions.fields> | undefined {
  if (any === undefined || !any.typeUrl.endsWith(RuncOptions.name)) return undefined;
  try {
    return RuncOptions.decode(any.value);
  } catch {
    return undefined;
  }
}
