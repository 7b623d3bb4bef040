import { asNumber, asRecord, asString, type UnknownRecord } from '../../util/records';

/** A request's or response's body, as far as it was kept. */
export interface RecordedBody {
  /** All bytes of the body, kept or not; of a chunked body without its framing. */
  readonly bytes: number;
  /** What was kept: parsed JSON, a text, or (absent) nothing, because it is binary or a stream. */
  readonly value?: unknown;
  /** True when `value` is only the beginning. */
  readonly truncated?: boolean;
}

/** A call of a client on the engine's API, as its bytes went over the wire. JSON-serialisable: one line of a recording. */
export interface RecordedCall {
  readonly kind: 'call';
  /** Unique over all recordings of a workspace. A later line with the same id replaces an earlier one. */
  readonly id: string;
  /** 1, 2, 3… in the order in which requests began, within one run of the relay. */
  readonly seq: number;
  /** Calls with the same number (and run) came over one connection. */
  readonly connection: number;
  /** When the first byte of the request was seen, ISO 8601, this machine's clock. */
  readonly at: string;
  /** Milliseconds from there to the last byte of the response; absent while it goes on. */
  readonly durationMs?: number;
  readonly method: string;
  /** With its version and query, as sent. May hold secrets. */
  readonly path: string;
  /** Absent when no response was seen. */
  readonly status?: number;
  readonly request?: RecordedBody;
  readonly response?: RecordedBody;
  /** The connection left HTTP: what it became, and how many bytes went each way after that. They are counted, not kept. */
  readonly upgraded?: { readonly to: string; readonly sentBytes: number; readonly receivedBytes: number };
  /** Only of calls by gRPC, whose `path` is `/package.Service/Method`: what HTTP's own status and bodies do not say. */
  readonly grpc?: GrpcDetails;
  /** The container it is about: an id, or the id's beginning or name that the client used. Absent when it is about none. */
  readonly containerId?: string;
  /** Why not all of it was recorded, as a sentence. The call itself was never touched. */
  readonly incomplete?: string;
}

type CallHead = Pick<
  RecordedCall,
  'kind' | 'id' | 'seq' | 'connection' | 'at' | 'durationMs' | 'method' | 'path' | 'status'
>;

/** What every call has, by whatever protocol; `endedMs` undefined while it goes on. Both times in unix milliseconds. */
export function callHead(
  run: string,
  call: Pick<RecordedCall, 'seq' | 'connection' | 'method' | 'path'> & { readonly atMs: number },
  status: number | undefined,
  endedMs: number | undefined,
): CallHead {
  const { seq, connection, atMs, method, path } = call;
  return {
    kind: 'call',
    id: `${run}-${seq}`,
    seq,
    connection,
    at: new Date(atMs).toISOString(),
    ...(endedMs === undefined ? {} : { durationMs: Math.max(0, endedMs - atMs) }),
    method,
    path,
    ...(status === undefined ? {} : { status }),
  };
}

/** What a gRPC call has beside its messages. Source: gRPC over HTTP2, and containerd's namespaces (docs/namespaces.md). */
export interface GrpcDetails {
  /** How many messages the client sent and the server answered: one each, except for streams. */
  readonly sent: number;
  readonly received: number;
  /** containerd's namespace that the client named. */
  readonly namespace?: string;
  /** gRPC's status: 0 is OK. Absent while it goes on, or when none was seen. */
  readonly status?: number;
  /** What the server said to a status that is not 0. */
  readonly error?: string;
}

/** A connection, or its rest, of which nothing is recorded. */
export interface RecordedGap {
  readonly kind: 'gap';
  readonly at: string;
  readonly connection: number;
  /** As a sentence, with the byte from which on it holds. */
  readonly incomplete: string;
}

export type RecordedEntry = RecordedCall | RecordedGap;

/** Reads one entry of a recording; undefined for anything else. */
export function readEntry(value: unknown): RecordedEntry | undefined {
  const record = asRecord(value);
  const at = asString(record?.at);
  const connection = asNumber(record?.connection);
  if (!record || at === undefined || Number.isNaN(Date.parse(at)) || connection === undefined) return undefined;
  const incomplete = asString(record.incomplete);
  if (record.kind === 'gap') return { kind: 'gap', at, connection, incomplete: incomplete ?? 'Not recorded.' };
  return record.kind === 'call' ? readCall(record, at, connection, incomplete) : undefined;
}

function readCall(
  record: UnknownRecord,
  at: string,
  connection: number,
  incomplete: string | undefined,
): RecordedCall | undefined {
  const id = asString(record.id);
  const seq = asNumber(record.seq);
  const method = asString(record.method);
  const path = asString(record.path);
  if (id === undefined || seq === undefined || method === undefined || path === undefined) return undefined;
  const durationMs = asNumber(record.durationMs);
  const status = asNumber(record.status);
  const request = readBody(record.request);
  const response = readBody(record.response);
  const upgraded = asRecord(record.upgraded);
  const grpc = asRecord(record.grpc);
  const containerId = asString(record.containerId);
  return {
    kind: 'call',
    id,
    seq,
    connection,
    at,
    method,
    path,
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(status === undefined ? {} : { status }),
    ...(request ? { request } : {}),
    ...(response ? { response } : {}),
    ...(upgraded
      ? {
          upgraded: {
            to: asString(upgraded.to) ?? 'a stream',
            sentBytes: asNumber(upgraded.sentBytes) ?? 0,
            receivedBytes: asNumber(upgraded.receivedBytes) ?? 0,
          },
        }
      : {}),
    ...(grpc ? { grpc: readGrpc(grpc) } : {}),
    ...(containerId === undefined ? {} : { containerId }),
    ...(incomplete === undefined ? {} : { incomplete }),
  };
}

function readGrpc(record: UnknownRecord): GrpcDetails {
  const namespace = asString(record.namespace);
  const status = asNumber(record.status);
  const error = asString(record.error);
  return {
    sent: asNumber(record.sent) ?? 0,
    received: asNumber(record.received) ?? 0,
    ...(namespace === undefined ? {} : { namespace }),
    ...(status === undefined ? {} : { status }),
    ...(error === undefined ? {} : { error }),
  };
}

function readBody(value: unknown): RecordedBody | undefined {
  const record = asRecord(value);
  const bytes = asNumber(record?.bytes);
  if (!record || bytes === undefined) return undefined;
  return {
    bytes,
    ...(record.value === undefined ? {} : { value: record.value }),
    ...(record.truncated === true ? { truncated: true } : {}),
  };
}
