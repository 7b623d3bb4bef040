import type { ContainerState, Sighting } from '../../model/container';
import { known, unknown, type Fact } from '../../model/fact';
import type { Findings } from '../../model/inspection';
import { exactInteger, parseJsonExact, type ExactInteger } from '../../util/json';
import { asNumber, asRecord, memberAt } from '../../util/records';
import type { MessageOf } from '../grpc/message';
import type { CriContainer, PodSandbox } from './messages';

const CONTAINER_STATES: readonly ContainerState[] = ['created', 'running', 'exited', 'unknown'];

/** Labels by which the kubelet marks what it makes. Source: kubernetes pkg/kubelet/types/labels.go. */
const POD_NAME = 'io.kubernetes.pod.name';
const POD_NAMESPACE = 'io.kubernetes.pod.namespace';

export interface CriPlace {
  readonly layerId: string;
  /** containerd's namespace for CRI; undefined for other runtimes. */
  readonly containerdNamespace: string | undefined;
}

/** A pod sandbox as a sighting: its pause container has the sandbox's own id. */
export function sandboxSighting(place: CriPlace, sandbox: MessageOf<typeof PodSandbox.fields>): Sighting {
  const name = podName(sandbox.metadata?.namespace, sandbox.metadata?.name, sandbox.id);
  const state = sandbox.state === 0 ? 'sandbox ready' : 'sandbox not ready';
  return {
    ...common(place, sandbox.id, sandbox.labels, sandbox.createdAt),
    name: `${name} (sandbox)`,
    state: sandbox.state === 0 ? 'running' : 'exited',
    stateText: sandbox.runtimeHandler === '' ? state : `${state}, runtime handler ${sandbox.runtimeHandler}`,
    sandbox: { id: sandbox.id, name, isSandbox: true },
  };
}

/** A CRI container as a sighting, with the pod it belongs to. */
export function containerSighting(place: CriPlace, container: MessageOf<typeof CriContainer.fields>): Sighting {
  const pod = podName(container.labels.get(POD_NAMESPACE), container.labels.get(POD_NAME), container.podSandboxId);
  const attempt = container.metadata?.attempt ?? 0;
  const state = CONTAINER_STATES[container.state] ?? 'unknown';
  return {
    ...common(place, container.id, container.labels, container.createdAt),
    name: container.metadata?.name || container.id.slice(0, 12),
    state,
    stateText: attempt > 0 ? `${state}, attempt ${attempt}` : state,
    sandbox: { id: container.podSandboxId, name: pod, isSandbox: false },
    ...(container.image?.image ? { image: container.image.image } : {}),
  };
}

function common(
  place: CriPlace,
  runtimeId: string,
  labels: ReadonlyMap<string, string>,
  createdAt: ExactInteger,
): Pick<Sighting, 'layerId' | 'runtimeId' | 'labels' | 'containerdNamespace' | 'createdAtMs'> {
  return {
    layerId: place.layerId,
    runtimeId,
    labels,
    // Nanoseconds do not fit a number, milliseconds do.
    createdAtMs: Number(BigInt(createdAt) / 1_000_000n),
    ...(place.containerdNamespace ? { containerdNamespace: place.containerdNamespace } : {}),
  };
}

function podName(namespace: string | undefined, name: string | undefined, id: string): string {
  return name ? `${namespace || 'default'}/${name}` : `pod ${id.slice(0, 12)}`;
}

/**
 * What a verbose status tells. Its `info.info` is JSON in a string; what it holds differs: containerd gives pid, spec and
 * config, CRI-O no config, cri-dockerd sandbox id and pid alone.
 */
export function findingsOf(status: unknown, info: ReadonlyMap<string, string>, source: string, how: string): Findings {
  const verbose = parsed(info.get('info'));
  const pid = asNumber(memberAt(verbose, 'pid')) ?? 0;
  const spec = asRecord(memberAt(verbose, 'runtimeSpec'));
  const none = (what: string): Fact<never> =>
    unknown(`The runtime's verbose status holds no ${what}.`, `See what it does hold: ${how}`, 'cri');
  return {
    criRecord: known('cri', { status: plain(status), info: verbose ?? Object.fromEntries(info) }, source, how),
    initPid: pid > 0 ? known('cri', pid, source, how) : none('init process'),
    ociConfig: spec ? known('cri', spec, `${source}, info.runtimeSpec`, how) : none('spec'),
  };
}

function parsed(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return parseJsonExact(text);
  } catch {
    return undefined;
  }
}

/** Maps as objects, so that a record can be shown and sent as JSON. */
function plain(value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, member]) => [String(key), plain(member)]));
  if (Array.isArray(value)) return value.map(plain);
  const record = asRecord(value);
  if (record) return Object.fromEntries(Object.entries(record).map(([key, member]) => [key, plain(member)]));
  return typeof value === 'bigint' ? exactInteger(value.toString()) : value;
}
