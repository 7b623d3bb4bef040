import type { ApiCall } from '../apiCall';
import type { Container } from '../container';
import { isKnown, valueOf } from '../fact';
import type { ContainerFacts } from '../inspection';
import { asArray, asString, asStrings, memberAt } from '../../util/records';
import { shellLine } from '../../util/text';
import type { RecordedCall } from '../recording/recordedCall';
import { maskArgs, maskPayload } from '../secrets';
import { endedAt, engineCalls, startedAt, wasStarted, type Call } from './engineCalls';
import { crictl } from './replay';
import { withRecorded } from './recorded';
import { containerdCalls, endCalls, kernelCalls, runtimeCalls, shimCalls, type LowerContext } from './lowerCalls';

export interface CallsInput {
  readonly container: Container;
  readonly facts: ContainerFacts;
  /** Whether secrets are shown. */
  readonly reveal?: boolean;
  /** Calls that a relay has recorded, of any container, oldest first. */
  readonly recorded?: readonly RecordedCall[];
}

/** All calls on the way from a client to the container's program, each with its evidence, in their order. */
export function buildApiCalls({ container, facts, reveal = false, recorded = [] }: CallsInput): readonly ApiCall[] {
  const built = calls(container, facts, reveal);
  const proven = withRecorded(built, recorded, container, valueOf(facts.engine), reveal);
  return proven.map((call, index) => ({ seq: index + 1, ...call }));
}

function calls(container: Container, facts: ContainerFacts, reveal: boolean): Call[] {
  const record = valueOf(facts.engineRecord);
  if (container.layers.some((id) => id.startsWith('engine:podman:')))
    return podmanCalls(container, facts, record, reveal);
  if (record !== undefined) {
    const lower = {
      container,
      facts,
      reveal,
      from: 'dockerd' as const,
      startedAt: startedAt(record),
      endedAt: endedAt(record),
    };
    return [...engineCalls(facts, reveal), ...(wasStarted(record) ? taskCalls(lower) : []), ...endCalls(lower)];
  }
  const fromCri = isKnown(facts.criRecord);
  const lower = {
    container,
    facts,
    reveal,
    from: fromCri ? ('cri' as const) : ('client' as const),
    startedAt: undefined,
    endedAt: undefined,
  };
  const served = container.sightings.some(({ layerId }) => layerId.startsWith('containerd:'));
  const runs = isKnown(facts.initPid);
  if (served)
    return [
      ...(fromCri ? criCalls(container, facts, reveal) : []),
      ...(runs ? taskCalls(lower) : containerdCalls(lower).slice(0, 1)),
    ];
  // Nothing but a runtime knows it: somebody has called that by hand.
  return runs
    ? [...runtimeCalls(lower, 'shim').map((call) => ({ ...call, from: 'client' as const })), ...kernelCalls(lower)]
    : [];
}

function taskCalls(context: LowerContext): Call[] {
  return [
    ...containerdCalls(context),
    ...shimCalls(context),
    ...runtimeCalls(context, 'shim'),
    ...kernelCalls(context),
  ];
}

/** The kubelet's calls. containerd keeps the create request word for word in its record. */
function criCalls(container: Container, facts: ContainerFacts, reveal: boolean): Call[] {
  const config = memberAt(valueOf(facts.criRecord), 'info', 'config');
  const isSandbox = container.sandbox?.isSandbox === true;
  const socket = container.sightings.find(({ layerId }) => layerId.startsWith('cri:'))?.layerId.slice('cri:'.length);
  const call = (
    method: 'RunPodSandbox' | 'CreateContainer' | 'StartContainer',
    meaning: string,
    payload: unknown,
    because: string,
  ): Call => ({
    from: 'kubelet',
    to: 'cri',
    protocol: 'grpc',
    method: `runtime.v1.RuntimeService/${method}`,
    target: 'the CRI socket',
    payload: reveal ? payload : maskPayload(payload).value,
    evidence: 'reconstructed',
    because,
    meaning,
    ...(socket === undefined
      ? {}
      : {
          copies: {
            crictl: crictl(
              socket,
              method,
              { sandbox: container.sandbox?.id, container: container.runtimeId },
              reveal ? config : maskPayload(config).value,
            ),
          },
        }),
  });
  const kept = 'The runtime keeps the config of the request; the call itself is not logged.';
  if (isSandbox)
    return [
      call(
        'RunPodSandbox',
        'The sandbox of the pod comes to be: its namespaces, its cgroup and a pause process that holds them.',
        { config },
        kept,
      ),
    ];
  return [
    call(
      'CreateContainer',
      'The runtime prepares the container inside the pod: record and snapshot, no process yet.',
      { podSandboxId: container.sandbox?.id, config },
      kept,
    ),
    call(
      'StartContainer',
      'The runtime makes the task in the shim of the pod.',
      { containerId: container.runtimeId },
      'A container that runs was started.',
    ),
  ];
}

/** Podman needs no daemon: the client's own process starts conmon, and conmon calls the runtime. */
function podmanCalls(container: Container, facts: ContainerFacts, record: unknown, reveal: boolean): Call[] {
  const typed = asStrings(memberAt(record, 'Config', 'CreateCommand'));
  const shim = valueOf(facts.shim);
  const started = asString(memberAt(record, 'State', 'StartedAt'));
  const at = started && !started.startsWith('0001') ? started : undefined;
  const context: LowerContext = {
    container,
    facts,
    reveal,
    from: 'podman',
    startedAt: at,
    endedAt: undefined,
  };
  const create: Call = {
    from: 'client',
    to: 'podman',
    protocol: 'exec',
    method: 'podman',
    target: typed.length > 0 ? shellLine(reveal ? typed : maskArgs(typed)) : 'podman create',
    payload: { names: asArray(memberAt(record, 'Names')), image: memberAt(record, 'ImageName') },
    evidence: typed.length > 0 ? 'recorded' : 'reconstructed',
    because:
      typed.length > 0
        ? 'Podman keeps the command line as it was typed (Config.CreateCommand).'
        : 'Podman keeps the command line only of containers that its own command line has made.',
    meaning: 'Podman stores the record of the container and makes its layer. There is no daemon: this process does it.',
  };
  if (!at) return [create];
  const conmon: Call = {
    from: 'podman',
    to: 'conmon',
    protocol: 'exec',
    method: shim?.argv[0] ?? 'conmon',
    target: shim ? shellLine(reveal ? shim.argv : maskArgs(shim.argv)) : 'conmon',
    evidence: 'reconstructed',
    because: shim
      ? `The command line of the running conmon (PID ${shim.pid}).`
      : 'Every container of Podman has a conmon of its own.',
    meaning:
      "conmon holds the streams and the exit code, as the shim does in containerd's world: the container outlives podman.",
    at: shim?.startedAt ?? at,
  };
  return [create, conmon, ...runtimeCalls(context, 'conmon'), ...kernelCalls(context)];
}
