import { asString, memberAt } from '../../util/records';
import { maskPath, maskValueOf } from '../recording/mask';
import type { RecordedCall } from '../recording/recordedCall';
import { pathParts } from '../recording/subject';
import type { BirthStep } from './birth';
import type { DockerEvent, LoggedCall } from './observation';
import type { RankedStep } from './order';

/** Where the client's calls of a birth stand among its other steps. */
export const HTTP_RANKS = {
  ping: 0,
  create: 10,
  createAnswer: 13,
  attach: 20,
  wait: 22,
  start: 30,
  startAnswer: 200,
} as const;

const MEANINGS: Readonly<Record<string, string>> = {
  ping: 'The client asks whether the engine is there and which version of the API it speaks.',
  create:
    'The client asks for a container: dockerd checks, fills in defaults and stores the record. No process is started.',
  attach: 'The client attaches to the streams before the start, so that no output is lost.',
  wait: 'The client asks to be told the exit code, before the start: a short process could end in between.',
  start: 'The client asks to start the container: from here on every layer below is at work.',
};

/** What is known of the client's calls on the engine. */
export interface HttpEvidence {
  /** About this container, oldest first, and the ping before. */
  readonly recorded: readonly RecordedCall[];
  readonly logged: readonly LoggedCall[];
  readonly events: readonly DockerEvent[];
  readonly containerId: string;
  readonly name: string | undefined;
  readonly reveal: boolean;
}

/** The calls of the client: recorded, else from dockerd's own log, else those that must have been, marked so. */
export function httpSteps(evidence: HttpEvidence): RankedStep[] {
  const { recorded, logged, events, reveal } = evidence;
  const kinds = new Set(recorded.map(kindOf));
  const fromLog = logged.filter((call) => !kinds.has(kindOf(call)));
  const logKinds = new Set(fromLog.map(kindOf));
  const steps = [
    ...recorded.flatMap((call) => recordedSteps(call, reveal)),
    ...fromLog.map((call) => ({ rank: rankOf(kindOf(call)), step: loggedStep(call, reveal) })),
  ];
  const created = events.find(({ type, action }) => type === 'container' && action === 'create');
  if (created && !kinds.has('create') && !logKinds.has('create')) steps.push(reconstructed('create', evidence));
  if (!kinds.has('start') && !logKinds.has('start')) steps.push(reconstructed('start', evidence));
  return steps;
}

/** `create`, `start`, … ; the last word of any other path. */
export function kindOf({ path }: { readonly path: string }): string {
  const parts = pathParts(path);
  return parts[0] === '_ping' ? 'ping' : (parts.at(-1) ?? '');
}

function rankOf(kind: string): number {
  return (HTTP_RANKS as Readonly<Record<string, number>>)[kind] ?? HTTP_RANKS.wait;
}

function recordedSteps(call: RecordedCall, reveal: boolean): RankedStep[] {
  const kind = kindOf(call);
  const atUs = Date.parse(call.at) * 1000;
  const path = reveal ? call.path : maskPath(call.path);
  const body = call.request?.value;
  const request: BirthStep = {
    id: kind,
    from: 'client',
    to: 'dockerd',
    label: `${call.method} ${shortPath(call.path)}`,
    detail: `${call.method} ${path}`,
    evidence: 'recorded',
    because: `Recorded by the relay.${call.incomplete === undefined ? '' : ` ${call.incomplete}`}`,
    atUs,
    precisionUs: 1000,
    source: 'relay',
    meaning: MEANINGS[kind] ?? 'A call on the Engine API.',
    ...(body === undefined ? {} : { payload: reveal ? body : maskValueOf(body) }),
  };
  // The answers of attach and wait come when the container ends.
  const answers = kind === 'create' || kind === 'start';
  if (!answers || call.status === undefined || call.durationMs === undefined)
    return [{ rank: rankOf(kind), step: request }];
  const failed = call.status >= 400;
  const said = asString(memberAt(call.response?.value, 'message'));
  const answer: BirthStep = {
    id: `${kind}-answer`,
    from: 'dockerd',
    to: 'client',
    label: `${call.status}${failed ? '' : kind === 'create' ? ' created' : ' started'}`,
    ...(failed && said !== undefined ? { detail: said } : {}),
    isAnswer: true,
    ...(failed ? { failed } : {}),
    evidence: 'recorded',
    because: `Recorded by the relay: the call took ${call.durationMs} ms.`,
    atUs: atUs + call.durationMs * 1000,
    precisionUs: 2000,
    source: 'relay',
    meaning: failed ? 'dockerd says that it failed, and why.' : 'dockerd says that it is done.',
    ...(call.response?.value === undefined
      ? {}
      : { payload: reveal ? call.response.value : maskValueOf(call.response.value) }),
  };
  const rank = kind === 'create' ? HTTP_RANKS.createAnswer : HTTP_RANKS.startAnswer;
  return [
    { rank: rankOf(kind), step: request },
    { rank, step: answer },
  ];
}

function loggedStep({ method, path, atUs, precisionUs }: LoggedCall, reveal: boolean): BirthStep {
  const kind = kindOf({ path });
  return {
    id: kind,
    from: 'client',
    to: 'dockerd',
    label: `${method} ${shortPath(path)}`,
    detail: `${method} ${reveal ? path : maskPath(path)}`,
    evidence: 'observed',
    because: "dockerd's own debug log says that it was called so.",
    atUs,
    precisionUs,
    source: 'dockerd-log',
    meaning: MEANINGS[kind] ?? 'A call on the Engine API.',
  };
}

function reconstructed(kind: 'create' | 'start', { containerId, name }: HttpEvidence): RankedStep {
  const query =
    kind === 'create' && name !== undefined
      ? `?name=${encodeURIComponent(name.replace(/\p{Surrogate}/gu, '\ufffd'))}`
      : '';
  const path = kind === 'create' ? `/containers/create${query}` : `/containers/${containerId}/start`;
  return {
    rank: HTTP_RANKS[kind],
    step: {
      id: kind,
      from: 'client',
      to: 'dockerd',
      label: `POST ${shortPath(path)}`,
      detail: `POST ${path}`,
      evidence: 'reconstructed',
      because:
        kind === 'create'
          ? "The engine's event container/create follows such a call. Its moment is not known: turn on Record API Calls to see it."
          : 'An engine starts a container when it is asked to, or by itself after a failure (restart policy). Its moment is not known: turn on Record API Calls to see it.',
      meaning: MEANINGS[kind] ?? '',
    },
  };
}

/** Without version, query and id: what tells one call from another in a picture. */
export function shortPath(path: string): string {
  return `/${pathParts(path)
    .map((part) => (/^[0-9a-f]{12,64}$/.test(part) ? '…' : part))
    .join('/')}`;
}
