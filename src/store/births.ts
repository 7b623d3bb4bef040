import { recordedFor } from '../model/apiCalls/recorded';
import { runtimeCalls } from '../model/apiCalls/lowerCalls';
import type { Container } from '../model/container';
import { valueOf } from '../model/fact';
import type { Inspection } from '../model/inspection';
import type { RecordedCall } from '../model/recording/recordedCall';
import { hostKeyOf } from '../model/snapshot/host';
import type { Birth } from '../model/trace/birth';
import { buildBirth, type BirthInput } from '../model/trace/buildBirth';
import { lastRun } from '../model/trace/dockerEvent';
import { kindOf } from '../model/trace/httpSteps';
import type { Observation } from '../model/trace/observation';
import type { StreamState, Trace } from '../model/trace/trace';
import { Emitter } from '../util/emitter';
import { asBoolean, asString, memberAt } from '../util/records';

/** How many traces are kept; each is some hundred lines of JSON. */
const MOST_TRACES = 30;

/** A birth, and how it came to be known. */
export interface KnownBirth {
  readonly birth: Birth;
  /** True while it is followed. */
  readonly live: boolean;
  /** True when somebody watched while it happened. */
  readonly traced: boolean;
  /** What was listened to; for births that nobody watched, what could not be had. */
  readonly streams: readonly StreamState[];
}

/** The births that were watched, and all others as far as they can still be known. */
export class Births {
  private readonly traces = new Map<string, Trace>();
  private readonly changes = new Emitter<string>();

  /** Fires with the container's id when its trace has gone on. */
  readonly onDidChange = this.changes.event;

  keep(trace: Trace): void {
    this.traces.delete(trace.containerId);
    this.traces.set(trace.containerId, trace);
    const [oldest] = this.traces.keys();
    if (this.traces.size > MOST_TRACES && oldest !== undefined) this.traces.delete(oldest);
    this.changes.fire(trace.containerId);
  }

  /** The trace of a container, by its id in the inventory or in its layer. */
  traceOf(containerId: string): Trace | undefined {
    // A container in a snapshot has the id of one that may be traced here and now.
    if (hostKeyOf(containerId) !== undefined) return undefined;
    return this.traces.get(containerId) ?? this.traces.get(containerId.slice(containerId.lastIndexOf('/') + 1));
  }

  /** What is still known, with what a trace has seen besides: its processes may have ended, and containerd keeps no events. */
  withTrace<T extends { readonly observations: readonly Observation[] }>(containerId: string, seen: T): T {
    const traced = this.traceOf(containerId)?.observations ?? [];
    const known = new Set(seen.observations.map(identity));
    const more = traced.filter((one) => !known.has(identity(one)));
    return { ...seen, observations: [...seen.observations, ...more].sort((a, b) => a.atUs - b.atUs) };
  }

  /** @param seen what is known without a trace */
  build(
    containerId: string,
    about: { readonly inspection?: Inspection; readonly container?: Container | undefined },
    recorded: readonly RecordedCall[],
    seen: { readonly observations: readonly Observation[]; readonly missing: readonly StreamState[] },
    reveal: boolean,
  ): KnownBirth {
    const trace = this.traceOf(containerId);
    const { inspection, container } = about;
    const runtimeId = container?.runtimeId ?? trace?.containerId ?? containerId.slice(containerId.lastIndexOf('/') + 1);
    const record = valueOf(inspection?.facts.engineRecord);
    const name = container?.name ?? nameOf(record);
    const own = container
      ? recordedFor(container, recorded)
      : recordedFor({ runtimeId, name: undefined, createdAtMs: undefined }, recorded);
    const engineError = asString(memberAt(record, 'State', 'Error'));
    const runs = asBoolean(memberAt(record, 'State', 'Running'));
    const lines = inspection && container ? linesOf(inspection, container) : undefined;
    const input: BirthInput = {
      containerId: runtimeId,
      asker: askerOf(trace, container, seen.observations),
      observations: trace ? withOthers(trace.observations, seen.observations) : ofLastStart(seen.observations),
      // A container that existed before may be started again: what was recorded of earlier runs is none of this birth.
      recorded: trace ? own.filter(({ at }) => Date.parse(at) >= Date.parse(trace.waitingSince)) : own,
      reveal,
      ...(name === undefined ? {} : { name }),
      ...(engineError ? { engineError } : {}),
      ...(runs === undefined ? {} : { runs }),
      ...(lines ? { runtimeLines: lines } : {}),
    };
    return {
      birth: buildBirth(input),
      live: trace?.live ?? false,
      traced: trace !== undefined,
      streams: trace?.streams ?? seen.missing,
    };
  }

  dispose(): void {
    this.changes.dispose();
  }
}

/** The same event, line or process, whichever way it was learnt of. */
function identity(one: Observation): string {
  switch (one.source) {
    case 'docker-events':
      return `docker ${one.type} ${one.action} ${one.atUs}`;
    case 'containerd-events':
      return `containerd ${one.namespace} ${one.topic} ${one.atUs}`;
    case 'dockerd-log':
      return `log ${one.method} ${one.path} ${one.atUs}`;
    case 'procfs':
      return `process ${one.pid} ${one.startTicks}`;
  }
}

/** What is still known can reach back to earlier starts of the same container. */
function ofLastStart(seen: readonly Observation[]): readonly Observation[] {
  const docker = lastRun(seen.filter((one) => one.source === 'docker-events'));
  const heard = seen.filter((one) => one.source === 'containerd-events');
  const made = heard.map(({ topic }) => topic).lastIndexOf('/containers/create');
  const logged = new Map(
    seen
      .filter((one) => one.source === 'dockerd-log')
      .filter((one) => one.method === 'POST' && BIRTH_CALLS.has(kindOf(one)))
      .map((one) => [kindOf(one), one]),
  );
  return [
    ...docker,
    ...heard.slice(Math.max(0, made)).filter(({ topic }) => !/\/(?:exit|delete)$/.test(topic)),
    ...seen.filter(({ source }) => source === 'procfs'),
    ...logged.values(),
  ];
}

const BIRTH_CALLS: ReadonlySet<string> = new Set(['create', 'attach', 'wait', 'start', 'restart']);

/** A trace holds all of its sources but dockerd's log, which is read afterwards. */
function withOthers(traced: readonly Observation[], seen: readonly Observation[]): readonly Observation[] {
  return [...traced, ...ofLastStart(seen).filter(({ source }) => source === 'dockerd-log')];
}

/** Who asked containerd: containerd's namespaces tell whose containers they hold. */
function askerOf(
  trace: Trace | undefined,
  container: Container | undefined,
  seen: readonly Observation[],
): BirthInput['asker'] {
  const observations = trace?.observations ?? seen;
  if (container?.layers.some((id) => id.startsWith('engine:')) === true) return 'dockerd';
  if (observations.some(({ source }) => source === 'docker-events' || source === 'dockerd-log')) return 'dockerd';
  const namespace =
    trace?.containerdNamespace ?? container?.sightings.find((one) => one.containerdNamespace)?.containerdNamespace;
  const fromCri = container?.sandbox !== undefined || container?.layers.some((id) => id.startsWith('cri:')) === true;
  return namespace === 'moby' ? 'dockerd' : fromCri ? 'cri' : 'client';
}

function nameOf(record: unknown): string | undefined {
  return asString(memberAt(record, 'Name'))?.replace(/^\//, '');
}

/** The OCI runtime's command lines as they must have been. */
function linesOf({ facts }: Inspection, container: Container): BirthInput['runtimeLines'] {
  const context = {
    container,
    facts,
    reveal: false,
    from: 'dockerd' as const,
    startedAt: undefined,
    endedAt: undefined,
  };
  const [create, start] = runtimeCalls(context, valueOf(facts.shim)?.kind === 'conmon' ? 'conmon' : 'shim');
  return create && start ? { program: create.method, create: create.target, start: start.target } : undefined;
}
