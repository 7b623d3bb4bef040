import { asNumber, asString, memberAt } from '../../util/records';
import { shellLine } from '../../util/text';
import type { RecordedCall } from '../recording/recordedCall';
import { maskArgs, maskPayload } from '../secrets';
import { LANES, type Birth, type BirthStatus, type BirthStep, type Lane } from './birth';
import { httpSteps } from './httpSteps';
import { layerTimes } from './marks';
import type { ContainerdEvent, DockerEvent, LoggedCall, Observation, ProcessSeen } from './observation';
import { inOrder, type RankedStep } from './order';

/** All that is known of a birth. */
export interface BirthInput {
  readonly containerId: string;
  readonly name?: string;
  /** Who asks containerd: the engine, the CRI, or a client such as ctr by itself. */
  readonly asker: 'dockerd' | 'cri' | 'client';
  readonly observations: readonly Observation[];
  /** Recorded calls about this container and the ping before them, oldest first. */
  readonly recorded: readonly RecordedCall[];
  /** Command lines of the OCI runtime as they must have been, for when none was seen. */
  readonly runtimeLines?: { readonly program: string; readonly create: string; readonly start: string };
  /** What the engine noted as the reason of a failed start (State.Error). */
  readonly engineError?: string;
  /** Whether the container runs now, where that is known from elsewhere. */
  readonly runs?: boolean;
  readonly reveal: boolean;
}

const RANK = {
  dockerCreate: 12,
  network: 35,
  snapshot: 38,
  containersCreate: 40,
  askCreate: 44,
  shimStarter: 46,
  shim: 50,
  runtimeCreate: 60,
  init: 70,
  tasksCreate: 80,
  askStart: 84,
  runtimeStart: 90,
  program: 95,
  tasksStart: 100,
  dockerStart: 110,
  end: 150,
} as const;

/** Puts together who asked whom for what, and when, from what was recorded and observed; what must have been is marked so. */
export function buildBirth(input: BirthInput): Birth {
  const { containerId, observations, asker } = input;
  const docker = observations.filter((one): one is DockerEvent => one.source === 'docker-events');
  const containerd = observations.filter((one): one is ContainerdEvent => one.source === 'containerd-events');
  const processes = observations.filter((one): one is ProcessSeen => one.source === 'procfs');
  const logged = observations.filter((one): one is LoggedCall => one.source === 'dockerd-log');
  const throughEngine = asker === 'dockerd';
  const name = input.name ?? nameIn(docker);
  const http = throughEngine
    ? httpSteps({ recorded: input.recorded, logged, events: docker, containerId, name, reveal: input.reveal })
    : [];
  const ranked: RankedStep[] = [
    ...http,
    ...docker.flatMap((event) => dockerStep(event, input.reveal)),
    ...containerd.map((event) => containerdStep(event, asker, input.reveal)),
    ...processSteps(input, processes, containerd),
  ];
  const steps = inOrder(numbered(ranked));
  const { status, failure } = outcome(input, steps, docker, containerd);
  return {
    containerId,
    ...(name === undefined ? {} : { name }),
    status,
    ...(failure === undefined ? {} : { failure }),
    lanes: LANES.filter((lane) => lane !== 'cri' || asker === 'cri').filter(
      (lane) =>
        steps.some(({ from, to }) => from === lane || to === lane) ||
        lane === 'containerd' ||
        (lane === 'dockerd' && throughEngine),
    ),
    steps,
    times: layerTimes(steps),
    recorded: input.recorded,
  };
}

const DOCKER_RANKS: Readonly<Record<string, number>> = {
  'container create': RANK.dockerCreate,
  'container attach': 21,
  'network connect': RANK.network,
  'container start': RANK.dockerStart,
};

function dockerStep(event: DockerEvent, reveal: boolean): RankedStep[] {
  const { type, action, payload, atUs, precisionUs } = event;
  // Execs and health checks are none of a birth, and reading makes its own.
  if (/^(?:exec_|health_status|top|archive-path|resize)/.test(action)) return [];
  const kind = `${type} ${action}`;
  const known = DOCKER_RANKS[kind] !== undefined || ['die', 'destroy', 'disconnect', 'unmount'].includes(action);
  return [
    {
      rank: DOCKER_RANKS[kind] ?? (known ? RANK.end : RANK.network),
      step: {
        id: kind === 'container start' ? 'event-start' : `event-${type}-${action}`,
        from: 'dockerd',
        to: 'dockerd',
        label: `event ${kind}`,
        evidence: 'observed',
        because: `The engine published the event ${type}/${action}.`,
        atUs,
        precisionUs,
        source: 'docker-events',
        payload: reveal ? payload : maskPayload(payload).value,
        ...(action === 'die' ? { failed: true } : {}),
        meaning: DOCKER_MEANINGS[kind] ?? 'dockerd tells whoever listens to its events.',
      },
    },
  ];
}

const DOCKER_MEANINGS: Readonly<Record<string, string>> = {
  'container create': 'dockerd has stored the record of the container and made its writable layer.',
  'container attach': 'A client has attached to the streams.',
  'network connect': 'dockerd has connected the container to a network, before its task is made.',
  'container start': 'dockerd has noted that the container runs.',
  'container die': 'dockerd has learned that the init process is no more.',
  'network disconnect': 'dockerd has taken the container off the network: its task is no more, or never was.',
};

interface TopicTold {
  readonly id: string;
  readonly rank: number;
  readonly by: 'asker' | 'shim' | 'containerd';
  readonly meaning: string;
}

const TOPICS: Readonly<Record<string, TopicTold>> = {
  '/snapshot/prepare': {
    id: 'snapshot-prepare',
    rank: RANK.snapshot,
    by: 'asker',
    meaning: 'The snapshotter has made a writable layer on top of those of the image.',
  },
  '/snapshot/commit': {
    id: 'snapshot-commit',
    rank: RANK.snapshot,
    by: 'asker',
    meaning: 'A layer was finished and can be built upon.',
  },
  '/containers/create': {
    id: 'containers-create',
    rank: RANK.containersCreate,
    by: 'asker',
    meaning: 'containerd has stored the record of the container: its spec, runtime and labels. Still no process.',
  },
  '/containers/update': {
    id: 'containers-update',
    rank: RANK.containersCreate,
    by: 'asker',
    meaning: 'The record of the container was changed.',
  },
  '/tasks/create': {
    id: 'tasks-create',
    rank: RANK.tasksCreate,
    by: 'shim',
    meaning: 'The shim tells that the task is created: the init process exists, and waits at a FIFO before its execve.',
  },
  '/tasks/start': {
    id: 'tasks-start',
    rank: RANK.tasksStart,
    by: 'shim',
    meaning: 'The shim tells that the init process has gone on to the program of the container.',
  },
  '/tasks/exit': {
    id: 'tasks-exit',
    rank: RANK.end,
    by: 'shim',
    meaning: 'The shim tells that the init process has ended, and its exit code.',
  },
  '/tasks/delete': {
    id: 'tasks-delete',
    rank: RANK.end,
    by: 'shim',
    meaning: 'What was left of the task is removed, the bundle with it.',
  },
  '/containers/delete': {
    id: 'containers-delete',
    rank: RANK.end + 1,
    by: 'asker',
    meaning: 'containerd has deleted the record of the container.',
  },
};

function containerdStep(event: ContainerdEvent, asker: BirthInput['asker'], reveal: boolean): RankedStep {
  const { topic, namespace, payload, atUs, precisionUs } = event;
  const told = TOPICS[topic] ?? {
    id: topic.replaceAll('/', '-'),
    rank: RANK.end,
    by: 'containerd',
    meaning: 'An event of containerd.',
  };
  const from: Lane = told.by === 'asker' ? asker : told.by;
  return {
    rank: told.rank,
    step: {
      id: told.id,
      from,
      to: 'containerd',
      label: topic,
      detail: `event ${topic} in the containerd namespace ${namespace}`,
      evidence: 'observed',
      because:
        told.by === 'shim'
          ? `The shim published the event ${topic} through containerd.`
          : `containerd published the event ${topic} once the call was carried out.`,
      atUs,
      precisionUs,
      source: 'containerd-events',
      payload: reveal ? payload : maskPayload(payload).value,
      meaning: told.meaning,
    },
  };
}

function processSteps(
  input: BirthInput,
  processes: readonly ProcessSeen[],
  containerd: readonly ContainerdEvent[],
): RankedStep[] {
  const { reveal, asker, runtimeLines } = input;
  const words = (argv: readonly string[]): string => shellLine(reveal ? argv : maskArgs(argv));
  const steps: RankedStep[] = [];
  const add = (rank: number, step: BirthStep): void => void steps.push({ rank, step });
  const seen = (process: ProcessSeen): Pick<BirthStep, 'evidence' | 'atUs' | 'precisionUs' | 'source' | 'payload'> => ({
    evidence: 'observed',
    atUs: process.atUs,
    precisionUs: process.precisionUs,
    source: 'procfs',
    payload: {
      pid: process.pid,
      parentPid: process.parentPid,
      startTicks: process.startTicks,
      argv: reveal ? process.argv : maskArgs(process.argv),
    },
  });
  const hasTask = containerd.some(({ topic }) => topic === '/tasks/create' || topic === '/tasks/start');
  const made = containerd.some(({ topic }) => topic === '/containers/create');
  const starter = processes.find(({ role }) => role === 'shim-starter');
  const shim = processes.find(({ role }) => role === 'shim');
  const runtime = (verb: string): ProcessSeen | undefined =>
    processes.find((process) => process.role === 'runtime' && process.verb === verb);
  const init = processes.find(({ role }) => role === 'init');
  if (made || hasTask)
    add(RANK.askCreate, {
      id: 'ask-tasks-create',
      from: asker,
      to: 'containerd',
      label: 'Tasks/Create',
      evidence: 'reconstructed',
      because: 'A task is only made when somebody asks containerd for it; it keeps no log of that.',
      meaning: 'containerd is asked for a task: it makes the bundle and starts a shim.',
    });
  if (starter)
    add(RANK.shimStarter, {
      id: 'shim-starter',
      from: 'containerd',
      to: 'shim',
      label: 'shim … start',
      detail: words(starter.argv),
      ...seen(starter),
      because: `Process ${starter.pid} was seen in /proc; its start time is the kernel's.`,
      meaning:
        'containerd runs the shim with the word start: it leaves the true shim behind, says its address and ends.',
    });
  if (shim)
    add(RANK.shim, {
      id: 'shim',
      from: starter ? 'shim' : 'containerd',
      to: 'shim',
      label: `shim starts (PID ${shim.pid})`,
      detail: words(shim.argv),
      ...seen(shim),
      because: `Field 22 of /proc/${shim.pid}/stat: ${shim.startTicks} ticks after boot.`,
      meaning: 'The shim: from now on the parent of the container, whatever becomes of containerd.',
    });
  const create = runtime('create');
  if (create ?? (made || hasTask)) add(RANK.runtimeCreate, runtimeStep('create', create, runtimeLines, words, seen));
  if (init) {
    add(RANK.init, {
      id: 'init',
      from: 'runtime',
      to: 'init',
      label: `clone: init (PID ${init.pid})`,
      ...seen(init),
      because: `Field 22 of /proc/${init.pid}/stat: ${init.startTicks} ticks after boot. execve later keeps PID and start time.`,
      meaning: 'The OCI runtime clones the first process of the container, into its new namespaces.',
    });
    if (init.programUs)
      add(RANK.program, {
        id: 'program',
        from: 'init',
        to: 'init',
        label: `execve ${init.argv[0] ?? ''}`,
        detail: words(init.argv),
        evidence: 'observed',
        because: `The command line in /proc/${init.pid}/cmdline was still the runtime's at one look, and the program's at the next.`,
        atUs: init.programUs[0],
        precisionUs: Math.max(1, init.programUs[1] - init.programUs[0]),
        source: 'procfs',
        meaning: 'The init process becomes the program of the container.',
      });
  }
  if (hasTask) {
    add(RANK.askStart, {
      id: 'ask-tasks-start',
      from: asker,
      to: 'containerd',
      label: 'Tasks/Start',
      evidence: 'reconstructed',
      because: 'A task is only started when somebody asks containerd for it; it keeps no log of that.',
      meaning: 'containerd is asked to start the task, and asks its shim.',
    });
    add(RANK.runtimeStart, runtimeStep('start', runtime('start'), runtimeLines, words, seen));
  }
  return steps;
}

function runtimeStep(
  verb: 'create' | 'start',
  process: ProcessSeen | undefined,
  lines: BirthInput['runtimeLines'],
  words: (argv: readonly string[]) => string,
  seen: (process: ProcessSeen) => Pick<BirthStep, 'evidence' | 'atUs' | 'precisionUs' | 'source' | 'payload'>,
): BirthStep {
  const common = {
    id: `runtime-${verb}`,
    from: 'shim' as const,
    to: 'runtime' as const,
    meaning:
      verb === 'create'
        ? 'The OCI runtime makes namespaces, cgroup and mounts from config.json, and leaves an init process that waits.'
        : 'The OCI runtime opens the FIFO at which the init process waits.',
  };
  if (!process) {
    return {
      ...common,
      label: `${programOf(lines?.program)} ${verb}`,
      ...(lines === undefined ? {} : { detail: lines[verb] }),
      evidence: 'reconstructed',
      because: 'It ended before /proc was looked at, or nobody looked; a shim makes and starts a task in no other way.',
    };
  }
  const program = programOf(process.argv[0]);
  const gone = process.goneUs;
  const lived = gone
    ? ` It was gone between ${offsetMs(gone[0], process)} and ${offsetMs(gone[1], process)} ms later.`
    : '';
  return {
    ...common,
    label: `${program} ${verb}`,
    detail: words(process.argv),
    ...seen(process),
    because: `Process ${process.pid} was seen in /proc; its start time is the kernel's.${lived}`,
  };
}

/** The name of the runtime's program; runc, the default of shims, where none is known. */
function programOf(path: string | undefined): string {
  return path?.split('/').at(-1) || 'runc';
}

function offsetMs(atUs: number, { atUs: from }: ProcessSeen): string {
  return ((atUs - from) / 1000).toFixed(1);
}

function nameIn(events: readonly DockerEvent[]): string | undefined {
  return events
    .filter(({ type }) => type === 'container')
    .map(({ payload }) => asString(memberAt(payload, 'Actor', 'Attributes', 'name')))
    .find((name) => name !== undefined && name !== '');
}

function outcome(
  { engineError, runs }: BirthInput,
  steps: readonly BirthStep[],
  docker: readonly DockerEvent[],
  containerd: readonly ContainerdEvent[],
): { readonly status: BirthStatus; readonly failure?: string } {
  if (steps.some(({ id }) => id === 'tasks-start' || id === 'event-start')) return { status: 'running' };
  const answer = steps.find(({ id, failed }) => (id === 'start-answer' || id === 'create-answer') && failed === true);
  const exit = [...docker, ...containerd].find((one) =>
    one.source === 'docker-events' ? one.action === 'die' : one.topic === '/tasks/exit',
  );
  const code =
    asString(memberAt(exit?.payload, 'Actor', 'Attributes', 'exitCode')) ??
    asNumber(memberAt(exit?.payload, 'exit_status'));
  const failure =
    answer?.detail ??
    (engineError || undefined) ??
    (code === undefined ? undefined : `The task ended with exit code ${code} before it was started.`);
  const ended = steps.some(
    ({ id }) => id === 'containers-delete' || id === 'event-container-die' || id === 'event-network-disconnect',
  );
  if (answer ?? ended)
    return {
      status: 'failed',
      failure:
        failure ??
        'containerd let go of the container before its task was started; events do not say why. Turn on Record API Calls to have the engine’s own words.',
    };
  if (runs !== undefined) return { status: runs ? 'running' : 'unknown' };
  return {
    status: steps.some(({ id }) => id === 'tasks-create' || id === 'containers-create') ? 'starting' : 'unknown',
  };
}

/** Ids stay unique when something happens twice (two networks, two starts). */
function numbered(ranked: readonly RankedStep[]): RankedStep[] {
  const counts = new Map<string, number>();
  return ranked.map(({ rank, step }) => {
    const count = (counts.get(step.id) ?? 0) + 1;
    counts.set(step.id, count);
    return count === 1 ? { rank, step } : { rank, step: { ...step, id: `${step.id}.${count}` } };
  });
}
