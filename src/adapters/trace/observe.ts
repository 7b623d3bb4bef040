import type { Container } from '../../model/container';
import { isKnown, valueOf } from '../../model/fact';
import type { ContainerFacts } from '../../model/inspection';
import type { ProcessTable } from '../../model/process';
import { dockerEventOf } from '../../model/trace/dockerEvent';
import type { EventMemory } from '../../model/trace/eventMemory';
import type { DockerEvent, Observation, ProcessSeen } from '../../model/trace/observation';
import type { StreamState } from '../../model/trace/trace';
import { asBoolean, memberAt } from '../../util/records';
import { callsAbout, readDaemonLog } from '../docker/daemonLog';
import { readArgv, readStat } from '../kernel/procTable';
import { measureBootClock, microsecondClock, TICK_US } from './bootClock';

/** What is still known of what happened to a container, from wherever something is kept. */
export interface StillKnown {
  /** By time. */
  readonly observations: readonly Observation[];
  /** What could not be had, and why. */
  readonly missing: readonly StreamState[];
}

/** Gathers what engines, the kernel, dockerd's log and our own memory still hold. Never rejects. */
export async function observeStillKnown(
  container: Pick<Container, 'runtimeId' | 'name'>,
  facts: ContainerFacts,
  processes: ProcessTable,
  memory: EventMemory,
): Promise<StillKnown> {
  const { runtimeId, name } = container;
  const { events, missing } = keptByEngine(facts);
  const heard = memory.of(runtimeId);
  if (heard.length === 0)
    missing.push(
      lost(
        "containerd's events",
        memory.watchingSince === undefined
          ? 'containerd keeps none, and the explorer has not listened yet.'
          : `containerd keeps none; the explorer listens since ${memory.watchingSince}, and heard none of this container.`,
      ),
    );
  const [seen, logged] = await Promise.all([
    processesSeen(runtimeId, facts),
    calls(runtimeId, name, facts, processes, events),
  ]);
  if (seen.length === 0) missing.push(lost('/proc', 'Neither its shim nor its init process runs now, or can be read.'));
  missing.push(...logged.missing);
  const observations = [...events, ...heard, ...seen, ...logged.observations].sort((a, b) => a.atUs - b.atUs);
  return { observations, missing };
}

/** The same of a container on another host, of which only its engine can be asked. */
export function observeFar(facts: ContainerFacts): StillKnown {
  const { events, missing } = keptByEngine(facts);
  const elsewhere = 'It is on the host of the engine, and cannot be read from here.';
  return {
    observations: events,
    missing: [...missing, ...["containerd's events", '/proc', "dockerd's log"].map((what) => lost(what, elsewhere))],
  };
}

function keptByEngine({ engineEvents }: ContainerFacts): {
  readonly events: DockerEvent[];
  readonly missing: StreamState[];
} {
  const what = "the engine's events";
  if (!isKnown(engineEvents)) return { events: [], missing: [lost(what, engineEvents.unavailable)] };
  const events = engineEvents.value.flatMap((event) => dockerEventOf(event) ?? []);
  const gone = 'It keeps the last 256 of all containers, and those of this one are gone.';
  return { events, missing: events.length === 0 ? [lost(what, gone)] : [] };
}

/** Shim and init with the start times that the kernel keeps as long as they run. */
async function processesSeen(containerId: string, facts: ContainerFacts): Promise<ProcessSeen[]> {
  const wanted = [
    ['shim', valueOf(facts.shim)?.pid] as const,
    ['init', isKnown(facts.initPid) && facts.initPid.route === 'procfs' ? facts.initPid.value : undefined] as const,
  ].filter(([, pid]) => pid !== undefined);
  // Looking for one turn of the clock keeps this thread busy for at most 10 ms.
  const boot = wanted.length > 0 ? measureBootClock(microsecondClock(), 1) : undefined;
  if (!boot) return [];
  const found = await Promise.all(
    wanted.map(async ([role, pid = 0]): Promise<ProcessSeen[]> => {
      const [stat, argv] = await Promise.all([readStat('/proc', pid), readArgv('/proc', pid)]);
      if (!stat) return [];
      return [
        {
          source: 'procfs',
          role,
          containerId,
          pid,
          startTicks: stat.startTicks,
          parentPid: stat.parentPid,
          argv,
          atUs: boot.bootUs + stat.startTicks * TICK_US - boot.errorUs,
          precisionUs: TICK_US + boot.errorUs,
        },
      ];
    }),
  );
  return found.flat();
}

async function calls(
  id: string,
  name: string | undefined,
  facts: ContainerFacts,
  processes: ProcessTable,
  events: readonly DockerEvent[],
): Promise<StillKnown> {
  const engine = valueOf(facts.engine);
  if (!engine) return { observations: [], missing: [] };
  const socket = /^unix:\/\/(.*)$/.exec(engine.endpoint)?.[1];
  if (socket === undefined)
    return { observations: [], missing: [lost("dockerd's log", 'The engine is on another machine.')] };
  const log = await readDaemonLog(processes, socket, asBoolean(memberAt(engine.info, 'Debug')));
  if (!isKnown(log)) return { observations: [], missing: [lost("dockerd's log", `${log.unavailable} ${log.remedy}`)] };
  const createdUs =
    events.find(({ type, action }) => type === 'container' && action === 'create')?.atUs ?? createdOf(facts);
  return { observations: callsAbout(log.value, { id, name, createdUs }), missing: [] };
}

/** `Created` of the engine's record is when it had stored it, some milliseconds after the call. */
function createdOf(facts: ContainerFacts): number | undefined {
  const created = Date.parse(String(memberAt(valueOf(facts.engineRecord), 'Created')));
  return Number.isNaN(created) ? undefined : created * 1000 + 1000;
}

function lost(name: string, reason: string): StreamState {
  return { name, state: 'lost', reason };
}
