import { asArray, asRecord, asString, asStrings, memberAt } from '../../util/records';
import { maskArgs } from '../secrets';
import { shellLine } from '../../util/text';
import { runtimeParty, type Party } from '../apiCall';
import type { Container } from '../container';
import { isKnown, valueOf } from '../fact';
import type { ContainerFacts, RuntimeFacts } from '../inspection';
import type { Call } from './engineCalls';
import { ctrCreate, ctrTask, runtimeCommand, type CtrSource } from './replay';

/** What the calls below the engine are about. */
export interface LowerContext {
  readonly container: Container;
  readonly facts: ContainerFacts;
  /** Who asked containerd. */
  readonly from: Party;
  readonly reveal: boolean;
  /** When the task was started, if that is known. */
  readonly startedAt: string | undefined;
  /** When it ended. */
  readonly endedAt: string | undefined;
}

/** What was asked of containerd to make the container and its task. Source: moby daemon/start.go and internal/libcontainerd. */
export function containerdCalls(context: LowerContext): Call[] {
  const { container, facts, from } = context;
  const runtime = valueOf(facts.runtime);
  const namespace = namespaceOf(container) ?? 'moby';
  const socket = containerdSocket(container);
  const grpc = grpcFrom(from, socket, namespace);
  const id = container.runtimeId;
  const bundle = valueOf(facts.bundlePath);
  const source: CtrSource = {
    address: socket ?? '/run/containerd/containerd.sock',
    namespace,
    id,
    bundle,
    spec: valueOf(facts.ociConfig),
    runtimeName: runtime?.runtimeName ?? 'io.containerd.runc.v2',
  };
  const task = { ctr: ctrTask(source) };
  const [create, makeTask, start] = [
    grpc(
      'containerd.services.containers.v1.Containers/Create',
      'containerd stores the record of the container: its spec, runtime and labels. Still no process.',
      {
        container: {
          id,
          runtime: { name: runtime?.runtimeName ?? 'io.containerd.runc.v2', options: runtimeOptions(runtime) },
          spec: isKnown(facts.ociConfig)
            ? `the OCI spec: ${JSON.stringify(facts.ociConfig.value).length} characters of JSON (see OCI config.json)`
            : 'the OCI spec',
          labels: engineLabels(facts),
        },
      },
    ),
    grpc(
      'containerd.services.tasks.v1.Tasks/Create',
      'containerd makes the bundle, starts a shim and has it create the task: the init process exists now, and waits.',
      {
        containerId: id,
        ...(bundle ? { bundle } : {}),
        rootfs: rootOf(facts),
        terminal: memberAt(valueOf(facts.ociConfig), 'process', 'terminal') === true,
      },
      context.startedAt,
    ),
    grpc(
      'containerd.services.tasks.v1.Tasks/Start',
      'containerd has the init process go on to the program of the container.',
      { containerId: id },
      context.startedAt,
    ),
  ] as const;
  return [
    { ...create, copies: { ctr: ctrCreate(source) } },
    { ...makeTask, copies: task },
    { ...start, copies: task },
  ];
}

/** The start of the shim, and what it is asked over its own socket. Source: containerd core/runtime/v2. */
export function shimCalls({ container, facts, startedAt }: LowerContext): Call[] {
  const shim = valueOf(facts.shim);
  const namespace = namespaceOf(container) ?? 'moby';
  const program = shim?.argv[0] ?? 'containerd-shim-runc-v2';
  const bundle = valueOf(facts.bundlePath);
  const because = shim
    ? `The command line of the running shim (PID ${shim.pid}); containerd starts it by calling it once with "start".`
    : 'containerd starts every task with a shim like this.';
  const group = shim?.serves[0] ?? container.runtimeId;
  const line = shellLine([
    program,
    '-namespace',
    namespace,
    '-id',
    group,
    '-address',
    containerdSocket(container) ?? '/run/containerd/containerd.sock',
    'start',
  ]);
  const ttrpc = (method: string, meaning: string, payload: unknown): Call => ({
    from: 'containerd',
    to: 'shim',
    protocol: 'ttrpc',
    method: `containerd.task.v2.Task/${method}`,
    target: shim?.socket ?? 'the socket of the shim',
    payload,
    evidence: 'reconstructed',
    because: 'A task that runs was created and started over the socket of its shim.',
    meaning,
    ...(startedAt ? { at: startedAt } : {}),
  });
  return [
    {
      from: 'containerd',
      to: 'shim',
      protocol: 'exec',
      method: program,
      target: line,
      evidence: 'reconstructed',
      because,
      meaning:
        'The shim starts, leaves containerd for a parent of its own and becomes the subreaper of the container: it outlives containerd.',
      ...(shim?.startedAt ? { at: shim.startedAt } : startedAt ? { at: startedAt } : {}),
    },
    ttrpc('Create', 'The shim calls the OCI runtime to create the container.', {
      id: container.runtimeId,
      ...(bundle ? { bundle } : {}),
    }),
    ttrpc('Start', 'The shim calls the OCI runtime to start it.', { id: container.runtimeId }),
  ];
}

/**
 * The command lines of the OCI runtime; none for a shim that is not runc's, which may call no such program at all. Source:
 * containerd cmd/containerd-shim-runc-v2/process; Podman libpod/oci_conmon.
 */
export function runtimeCalls(context: LowerContext, from: 'shim' | 'conmon'): Call[] {
  const { container, facts, startedAt } = context;
  const runtime = valueOf(facts.runtime);
  if (isOwnAffair(runtime)) return [];
  const binary = runtime?.binary ?? 'runc';
  const to = runtimeParty(binary);
  const bundle = valueOf(facts.bundlePath) ?? '<bundle>';
  const namespace = namespaceOf(container);
  const state =
    from === 'shim' && runtime?.root !== undefined && namespace
      ? [`--root`, runtime.root.endsWith(`/${namespace}`) ? runtime.root : `${runtime.root}/${namespace}`]
      : [];
  const log = from === 'shim' ? ['--log', `${bundle}/log.json`, '--log-format', 'json'] : [];
  const driver = runtime?.cgroupDriver === 'systemd' ? ['--systemd-cgroup'] : [];
  const pidFile = from === 'shim' ? `${bundle}/init.pid` : `${bundle}/pidfile`;
  const exec = (by: Party, words: readonly string[], verb: 'create' | 'start', meaning: string): Call => ({
    from: by,
    to,
    protocol: 'exec',
    method: binary,
    target: shellLine([binary, ...words]),
    copies: {
      'OCI runtime': runtimeCommand([binary, ...words], verb, state[1], container.runtimeId),
    },
    evidence: 'reconstructed',
    because:
      'The runtime exits when it is done, so no process shows it: the bundle, its state folder and its options do.',
    meaning,
    ...(startedAt ? { at: startedAt } : {}),
  });
  const id = container.runtimeId;
  return [
    exec(
      from,
      [...state, ...log, ...driver, 'create', '--bundle', bundle, '--pid-file', pidFile, id],
      'create',
      'Makes namespaces, cgroup and mounts from config.json, and leaves an init process that waits at a FIFO.',
    ),
    // Podman itself calls start; conmon only watches.
    exec(
      from === 'conmon' ? 'podman' : from,
      [...state, ...log, 'start', id],
      'start',
      'Opens the FIFO: the waiting init process becomes the program of the container, with the same PID.',
    ),
  ];
}

/** What the runtime asks of the kernel, from the spec. */
export function kernelCalls({ facts, reveal, startedAt }: LowerContext): Call[] {
  const spec = valueOf(facts.ociConfig);
  if (spec === undefined) return [];
  const runtime = valueOf(facts.runtime);
  if (isOwnAffair(runtime)) return [];
  const from = runtimeParty(runtime?.binary ?? 'runc');
  const call = (method: string, target: string, payload: unknown, meaning: string): Call => ({
    from,
    to: 'kernel',
    protocol: 'syscall',
    method,
    target,
    payload,
    evidence: 'reconstructed',
    because: 'config.json says so; the order is that of runc.',
    meaning,
    ...(startedAt ? { at: startedAt } : {}),
  });
  const namespaces = asArray(memberAt(spec, 'linux', 'namespaces'));
  const fresh = namespaces
    .filter((one) => !asString(memberAt(one, 'path')))
    .map((one) => asString(memberAt(one, 'type')) ?? '');
  const joined = namespaces.flatMap((one) =>
    asString(memberAt(one, 'path')) ? [asString(memberAt(one, 'path')) ?? ''] : [],
  );
  const args = asStrings(memberAt(spec, 'process', 'args'));
  return [
    ...(joined.length > 0
      ? [
          call(
            'setns',
            joined.join(' '),
            { paths: joined },
            'The process enters namespaces that exist already, such as those of another container.',
          ),
        ]
      : []),
    call(
      'clone / unshare',
      fresh.map((type) => CLONE_FLAGS[type] ?? type).join(' | ') || 'no new namespace',
      { namespaces: fresh },
      'New namespaces come to be: what the process sees from here on is its own.',
    ),
    call(
      'write',
      asString(memberAt(spec, 'linux', 'cgroupsPath')) ?? 'the cgroup',
      asRecord(memberAt(spec, 'linux', 'resources')) ?? {},
      'Limits are written into the files of the cgroup, and the process is put into it.',
    ),
    call(
      'mount, pivot_root',
      asString(memberAt(spec, 'root', 'path')) ?? 'rootfs',
      { mounts: asArray(memberAt(spec, 'mounts')).length },
      'The mounts of the spec are made, and the root file system of the container becomes /.',
    ),
    call(
      'execve',
      shellLine(reveal ? args : maskArgs(args)),
      { cwd: memberAt(spec, 'process', 'cwd') },
      'After capabilities, seccomp and user are set, the init process becomes the program of the container.',
    ),
  ];
}

/** What follows when the init process of a task has ended. */
export function endCalls(context: LowerContext): Call[] {
  const { container, from, endedAt } = context;
  if (!endedAt) return [];
  const grpc = grpcFrom(from, containerdSocket(container), namespaceOf(container) ?? 'moby');
  const id = container.runtimeId;
  return [
    grpc(
      'containerd.services.tasks.v1.Tasks/Delete',
      'The shim has runc delete what is left, hands over the exit code and ends. The bundle goes, and config.json with it.',
      { containerId: id },
      endedAt,
    ),
    grpc(
      'containerd.services.containers.v1.Containers/Delete',
      'dockerd also deletes the record in containerd: only its own is left.',
      { id },
      endedAt,
    ),
  ];
}

const CLONE_FLAGS: Readonly<Record<string, string>> = {
  mount: 'CLONE_NEWNS',
  network: 'CLONE_NEWNET',
  uts: 'CLONE_NEWUTS',
  ipc: 'CLONE_NEWIPC',
  pid: 'CLONE_NEWPID',
  user: 'CLONE_NEWUSER',
  cgroup: 'CLONE_NEWCGROUP',
  time: 'CLONE_NEWTIME',
};

/** Which program makes the container, and in which kernel, is the affair of shims like Kata's. */
function isOwnAffair(runtime: RuntimeFacts | undefined): boolean {
  return runtime?.binary.split('/').at(-1)?.startsWith('containerd-shim-') === true;
}

function grpcFrom(from: Party, socket: string | undefined, namespace: string) {
  return (method: string, meaning: string, payload: unknown, at?: string): Call => ({
    from,
    to: 'containerd',
    protocol: 'grpc',
    method,
    target: `${socket ? `unix://${socket}` : "containerd's socket"} (containerd-namespace: ${namespace})`,
    payload,
    evidence: 'reconstructed',
    because: 'A container with a task in containerd was made by these calls; containerd keeps no log of them.',
    meaning,
    ...(at ? { at } : {}),
  });
}

function namespaceOf(container: Container): string | undefined {
  return container.sightings.find((sighting) => sighting.containerdNamespace !== undefined)?.containerdNamespace;
}

/** Layer ids of containerd name its socket: `containerd:<socket>:<namespace>`. */
function containerdSocket(container: Container): string | undefined {
  const sighting = container.sightings.find(({ layerId }) => layerId.startsWith('containerd:'));
  return sighting?.layerId.slice('containerd:'.length, -(1 + (sighting.containerdNamespace ?? '').length));
}

function runtimeOptions(runtime: RuntimeFacts | undefined): unknown {
  return {
    ...(runtime?.binary ? { binaryName: runtime.binary } : {}),
    ...(runtime?.root ? { root: runtime.root } : {}),
    ...(runtime?.cgroupDriver === 'systemd' ? { systemdCgroup: true } : {}),
  };
}

function engineLabels(facts: ContainerFacts): unknown {
  return memberAt(valueOf(facts.containerdRecord), 'container', 'labels') ?? {};
}

function rootOf(facts: ContainerFacts): string {
  return asString(memberAt(valueOf(facts.ociConfig), 'root', 'path')) ?? 'mounted by the shim from the snapshot';
}
