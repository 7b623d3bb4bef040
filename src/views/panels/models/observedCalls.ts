import { maskPath } from '../../../model/recording/mask';
import type { GrpcDetails, RecordedCall } from '../../../model/recording/recordedCall';
import { maskArgs, maskPayload, maskText } from '../../../model/secrets';
import { milliseconds } from '../../../model/trace/diagram';
import { CLOCKS, type Observation } from '../../../model/trace/observation';
import type { StreamState } from '../../../model/trace/trace';
import type { ObservedCallsView, ObservedCallView } from '../../../protocol/pages';
import { shellLine } from '../../../util/text';
import { isoMicroseconds } from './birthPage';

/** Everything that was seen of a container, and what could not be had. */
export interface SeenCalls {
  readonly recorded: readonly RecordedCall[];
  readonly observations: readonly Observation[];
  readonly missing: readonly StreamState[];
}

/** More rows than that nobody reads; the newest are shown. */
const MOST_ROWS = 500;

const SOURCES: Readonly<Record<keyof typeof CLOCKS, string>> = {
  relay: 'relay',
  'docker-events': 'Docker event',
  'containerd-events': 'containerd event',
  'dockerd-log': "dockerd's log",
  procfs: '/proc',
};

/** All of it in one order of time, each with its clock and how exact that is. */
export function observedCalls({ recorded, observations, missing }: SeenCalls, reveal: boolean): ObservedCallsView {
  const rows = [
    ...recorded.map((call) => ({ atUs: Date.parse(call.at) * 1000, ...recordedRow(call, reveal) })),
    ...observations.map((one) => ({ atUs: one.atUs, ...rowOf(one, reveal) })),
  ].sort((a, b) => a.atUs - b.atUs);
  const shown = rows.slice(-MOST_ROWS);
  const first = shown[0]?.atUs ?? 0;
  return {
    rows: shown.map(({ atUs, ...row }) => ({
      at: isoMicroseconds(atUs),
      offset: `+${milliseconds(atUs - first)}`,
      ...row,
    })),
    missing: missing.map(({ name, reason }) => ({ name, why: reason ?? 'It did not answer.' })),
  };
}

type Row = Omit<ObservedCallView, 'at' | 'offset'>;

function recordedRow(call: RecordedCall, reveal: boolean): Row {
  return {
    source: SOURCES.relay,
    what: call.grpc ? rpcText(call.path, call.grpc) : httpText(call, reveal),
    ...CLOCKS.relay,
    ...(call.grpc && call.request?.value !== undefined ? payloadText(call.request.value, reveal) : {}),
  };
}

function httpText({ method, path, status }: RecordedCall, reveal: boolean): string {
  return `${method} ${reveal ? path : maskPath(path)}${status === undefined ? '' : ` → ${status}`}`;
}

/** `containerd.services.tasks.v1.Tasks/Start (moby) → OK`. */
function rpcText(path: string, { namespace, status, error }: GrpcDetails): string {
  const outcome = status === undefined ? '' : status === 0 ? ' → OK' : ` → ${status}: ${maskText(error ?? '')}`;
  return `${path.slice(1)}${namespace === undefined ? '' : ` (${namespace})`}${outcome}`;
}

function payloadText(value: unknown, reveal: boolean): Pick<Row, 'payload'> {
  return { payload: JSON.stringify(reveal ? value : maskPayload(value).value, undefined, 2) ?? '' };
}

function rowOf(one: Observation, reveal: boolean): Row {
  const payload = (value: unknown): Pick<Row, 'payload'> => payloadText(value, reveal);
  const common = { source: SOURCES[one.source], ...CLOCKS[one.source] };
  switch (one.source) {
    case 'docker-events':
      return { ...common, what: `${one.type} ${one.action}`, ...payload(one.payload) };
    case 'containerd-events':
      return { ...common, what: `${one.topic} (${one.namespace})`, ...payload(one.payload) };
    case 'dockerd-log':
      return { ...common, what: `Calling ${one.method} ${reveal ? one.path : maskPath(one.path)}` };
    case 'procfs': {
      const argv = reveal ? one.argv : maskArgs(one.argv);
      return {
        ...common,
        what: `start of ${one.role} (PID ${one.pid})`,
        ...(argv.length > 0 ? { payload: shellLine(argv) } : {}),
      };
    }
  }
}
