import type { Container } from '../container';
import { maskPath, maskValueOf } from '../recording/mask';
import type { GrpcDetails, RecordedCall } from '../recording/recordedCall';
import { pathParts } from '../recording/subject';
import { curl, rawHttp, type CallTarget } from './copies';
import type { Call } from './engineCalls';

/** Puts recorded calls in the place of those that were only rebuilt or seen in events. What was not recorded stays as it is. */
export function withRecorded(
  calls: readonly Call[],
  recorded: readonly RecordedCall[],
  container: Container,
  target: CallTarget | undefined,
  reveal: boolean,
): readonly Call[] {
  const own = recorded.filter((call) => concerns(call, container));
  if (own.length === 0) return calls;
  const create = own.filter((call) => isCreate(call)).at(-1);
  const ping = create && pingBefore(create, recorded);
  return calls.map((call) => {
    if (call.protocol === 'grpc') return inPlaceOfRpc(call, own, reveal);
    if (call.from !== 'client' || call.to !== 'dockerd' || call.protocol !== 'http') return call;
    const found = pathParts(call.target)[0] === '_ping' ? ping : matching(call, own);
    return found ? inPlaceOf(call, found, target, reveal) : call;
  });
}

/** The recorded calls that made a container and started it the last time, with the ping before them, oldest first. */
export function recordedFor(container: Known, recorded: readonly RecordedCall[]): readonly RecordedCall[] {
  const own = recorded.filter((call) => concerns(call, container) && BIRTH_KINDS.has(kindOf(call.method, call.path)));
  const create = own.filter((call) => isCreate(call)).at(-1);
  const ping = create && pingBefore(create, recorded);
  // Of each kind the last: what was asked for earlier starts is none of this one.
  const last = new Map(own.map((call) => [kindOf(call.method, call.path), call]));
  return [
    ...(ping ? [ping] : []),
    ...[...last.values()].sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || a.seq - b.seq),
  ];
}

const BIRTH_KINDS: ReadonlySet<string> = new Set(
  ['create', 'attach', 'wait', 'start', 'restart'].map((verb) => `POST containers ${verb}`),
);

/** The same id may be in two of containerd's namespaces. CRI's clients name none: theirs are all in one. */
function isOfNamespace({ namespace }: GrpcDetails, { sightings = [] }: Known): boolean {
  const own = sightings.flatMap(({ containerdNamespace }) => containerdNamespace ?? []);
  return namespace === undefined || own.length === 0 || own.includes(namespace);
}

/** What tells a container from others. */
type Known = Pick<Container, 'runtimeId'> & {
  readonly sightings?: Container['sightings'];
  readonly name?: string | undefined;
  readonly createdAtMs?: number | undefined;
};

/** Whether a recorded call is about a container. Names are only believed for calls after the container was made. */
export function concerns(call: RecordedCall, container: Known): boolean {
  const named = call.containerId;
  if (named === undefined) return false;
  if (call.grpc) return named === container.runtimeId && isOfNamespace(call.grpc, container);
  if (named === container.runtimeId) return true;
  if (/^[0-9a-f]{4,63}$/.test(named) && container.runtimeId.startsWith(named)) return true;
  const madeAt = container.createdAtMs;
  // A name may have been another container's before. The engine tells its time to the second.
  return container.name === named && madeAt !== undefined && Date.parse(call.at) >= Math.floor(madeAt / 1000) * 1000;
}

/** A container can be started many times; what led to its present state is the last call of each kind. */
function matching(call: Call, own: readonly RecordedCall[]): RecordedCall | undefined {
  const wanted = kindOf(call.method, call.target);
  return own.filter((candidate) => succeeded(candidate) && kindOf(candidate.method, candidate.path) === wanted).at(-1);
}

/** Method and path, whichever the container and the version: `POST containers start`. */
function kindOf(method: string, path: string): string {
  const [collection = '', ...rest] = pathParts(path);
  return `${method} ${collection} ${rest.slice(-1).join('')}`;
}

function isCreate(call: RecordedCall): boolean {
  return succeeded(call) && kindOf(call.method, call.path) === 'POST containers create';
}

/** 304 means that it was so already: that call has changed nothing. */
function succeeded({ status }: RecordedCall): boolean {
  return status !== undefined && status < 300;
}

/** The last ping on the same connection, in the same run of the relay, before the container was made. */
function pingBefore(create: RecordedCall, recorded: readonly RecordedCall[]): RecordedCall | undefined {
  const run = runOf(create);
  return recorded
    .filter(
      (call) =>
        runOf(call) === run &&
        call.connection === create.connection &&
        call.seq < create.seq &&
        pathParts(call.path)[0] === '_ping',
    )
    .at(-1);
}

function runOf({ id }: RecordedCall): string {
  return id.slice(0, id.lastIndexOf('-'));
}

function inPlaceOf(call: Call, recorded: RecordedCall, target: CallTarget | undefined, reveal: boolean): Call {
  const path = reveal ? recorded.path : maskPath(recorded.path);
  const value = recorded.request?.value;
  const payload = value === undefined || reveal ? value : maskValueOf(value);
  const whole = recorded.request?.truncated !== true;
  const { payload: _rebuilt, copies: rebuiltCopies, ...rest } = call;
  return {
    ...rest,
    method: recorded.method,
    target: path,
    ...(payload === undefined ? {} : { payload }),
    evidence: 'recorded',
    because: because(recorded),
    at: recorded.at,
    copies: {
      ...rebuiltCopies,
      ...(target && whole ? { curl: curl(target, recorded.method, path, payload) } : {}),
      ...(whole ? { 'Raw HTTP': rawHttp(recorded.method, path, payload) } : {}),
    },
  };
}

/** A call of containerd's or CRI's API that a client made by itself. What dockerd asks of containerd, no relay sees. */
function inPlaceOfRpc(call: Call, own: readonly RecordedCall[], reveal: boolean): Call {
  if (call.from !== 'client' && call.from !== 'kubelet') return call;
  const found = own.filter(({ path, grpc }) => grpc?.status === 0 && path === `/${call.method}`).at(-1);
  if (!found) return call;
  const { payload: _rebuilt, ...rest } = call;
  const value = found.request?.value;
  return {
    ...rest,
    from: 'client',
    ...(value === undefined ? {} : { payload: reveal ? value : maskValueOf(value) }),
    evidence: 'recorded',
    because: because(found),
    at: found.at,
  };
}

function because(call: RecordedCall): string {
  const took = call.durationMs === undefined ? 'it still went on when last seen' : `it took ${call.durationMs} ms`;
  const status = call.grpc
    ? statusOfRpc(call.grpc)
    : call.status === undefined
      ? 'no answer was seen'
      : `the engine answered ${call.status}`;
  const streams =
    call.upgraded === undefined
      ? ''
      : ` The connection then carried streams: ${call.upgraded.sentBytes} bytes to the engine, ${call.upgraded.receivedBytes} back.`;
  const cut =
    call.request?.truncated === true ? ` Only the beginning of its ${call.request.bytes} bytes was kept.` : '';
  const incomplete = call.incomplete === undefined ? '' : ` ${call.incomplete}`;
  return `Recorded by the relay at ${call.at}: ${status}, ${took}.${streams}${cut}${incomplete}`;
}

function statusOfRpc({ status, error }: GrpcDetails): string {
  if (status === undefined) return 'no status was seen';
  return status === 0 ? 'containerd answered OK' : `containerd answered with gRPC status ${status} (${error ?? ''})`;
}
