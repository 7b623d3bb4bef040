import type { ContainerState } from '../../model/container';
import { known, unknown, type Fact } from '../../model/fact';
import type { KubeContainer, KubeNode, KubePod, NodeCondition } from '../../model/kubernetes/cluster';
import { checkDockershim } from '../../model/kubernetes/dockershim';
import { CRI_SOCKET_ANNOTATION } from '../../model/kubernetes/dockershimEvidence';
import type { KubeletConfig } from '../../model/kubernetes/kubelet';
import { placeOf, type MachineIds } from '../../model/kubernetes/thisMachine';
import { asArray, asNumber, asRecord, asString, memberAt } from '../../util/records';
import { shellLine } from '../../util/text';

/** What of this machine counts when a node is read. */
export interface ThisMachine {
  readonly ids: MachineIds;
  readonly kubeletOf: (node: MachineIds) => KubeletConfig | undefined;
}

/** A Node object of the API. Undefined for what has no name. Source: Kubernetes API reference, core/v1 Node. */
export function toNode(raw: unknown, contextName: string, machine: ThisMachine): KubeNode | undefined {
  const name = asString(memberAt(raw, 'metadata', 'name'));
  if (!name) return undefined;
  const info = (key: string): string | undefined => asString(memberAt(raw, 'status', 'nodeInfo', key)) || undefined;
  const criSocket = asString(memberAt(raw, 'metadata', 'annotations', CRI_SOCKET_ANNOTATION)) || undefined;
  const ids: MachineIds = {
    ...optional('machineId', info('machineID')),
    ...optional('bootId', info('bootID')),
    ...optional('systemUuid', info('systemUUID')),
  };
  const conditions = asArray(memberAt(raw, 'status', 'conditions')).flatMap(toCondition);
  const readyText = conditions.find(({ type }) => type === 'Ready')?.status;
  const ready = readyText === 'True' || readyText === 'False' || readyText === 'Unknown' ? readyText : undefined;
  const place = placeOf(ids, machine.ids);
  const fact = (value: string | undefined, path: string, why: string): Fact<string> => {
    const how = shellLine(['kubectl', '--context', contextName, 'get', 'node', name, '-o', `jsonpath={${path}}`]);
    return value === undefined
      ? unknown(
          why,
          `See the whole object: ${shellLine(['kubectl', '--context', contextName, 'get', 'node', name, '-o', 'yaml'])}`,
          'kubernetes-api',
        )
      : known('kubernetes-api', value, `Kubernetes API GET /api/v1/nodes, ${path.slice(1)} of ${name}`, how);
  };
  const ofInfo = (key: string): Fact<string> =>
    fact(info(key), `.status.nodeInfo.${key}`, 'The node does not report it.');
  return {
    name,
    ...optional('uid', asString(memberAt(raw, 'metadata', 'uid'))),
    containerRuntime: ofInfo('containerRuntimeVersion'),
    kubelet: ofInfo('kubeletVersion'),
    osImage: ofInfo('osImage'),
    kernel: ofInfo('kernelVersion'),
    criSocket: fact(
      criSocket,
      `.metadata.annotations.${CRI_SOCKET_ANNOTATION.replaceAll('.', '\\.')}`,
      'The node has no such annotation: only kubeadm writes it, and not from 1.34 on.',
    ),
    conditions,
    ready,
    ...ids,
    place,
    dockershim: checkDockershim(
      {
        kubeletVersion: info('kubeletVersion'),
        containerRuntime: info('containerRuntimeVersion'),
        criSocket,
        ready,
        kubelet: place.verdict === 'here' ? machine.kubeletOf(ids) : undefined,
      },
      name,
    ),
  };
}

function toCondition(raw: unknown): NodeCondition[] {
  const type = asString(memberAt(raw, 'type'));
  const status = asString(memberAt(raw, 'status'));
  if (!type || !status) return [];
  return [{ type, status, ...optional('message', asString(memberAt(raw, 'message')) || undefined) }];
}

const LISTS = [
  ['init', 'initContainers', 'initContainerStatuses'],
  ['main', 'containers', 'containerStatuses'],
  ['ephemeral', 'ephemeralContainers', 'ephemeralContainerStatuses'],
] as const;

/** A Pod object of the API. Undefined for what has no name. Source: Kubernetes API reference, core/v1 Pod. */
export function toPod(raw: unknown): KubePod | undefined {
  const name = asString(memberAt(raw, 'metadata', 'name'));
  if (!name) return undefined;
  return {
    name,
    namespace: asString(memberAt(raw, 'metadata', 'namespace')) ?? '',
    uid: asString(memberAt(raw, 'metadata', 'uid')) ?? '',
    phase: asString(memberAt(raw, 'status', 'phase')) ?? 'Unknown',
    ...optional('nodeName', asString(memberAt(raw, 'spec', 'nodeName')) || undefined),
    containers: LISTS.flatMap(([role, specKey, statusKey]) => {
      const statuses = asArray(memberAt(raw, 'status', statusKey));
      return asArray(memberAt(raw, 'spec', specKey)).flatMap((spec) => toContainer(role, spec, statuses));
    }),
  };
}

function toContainer(role: KubeContainer['role'], spec: unknown, statuses: readonly unknown[]): KubeContainer[] {
  const name = asString(memberAt(spec, 'name'));
  if (!name) return [];
  // Within one pod names are unique: here the name is the identity that the API itself gives.
  const status = statuses.find((candidate) => memberAt(candidate, 'name') === name);
  const containerUri = asString(memberAt(status, 'containerID')) || undefined;
  const runtimeId = containerUri?.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '');
  return [
    {
      name,
      role,
      ...optional('image', asString(memberAt(status, 'image')) || asString(memberAt(spec, 'image'))),
      ...optional('containerUri', containerUri),
      ...optional('runtimeId', runtimeId),
      ...stateOf(status),
      restarts: asNumber(memberAt(status, 'restartCount')) ?? 0,
    },
  ];
}

function stateOf(status: unknown): { readonly state: ContainerState; readonly stateText: string } {
  const state = asRecord(memberAt(status, 'state'));
  if (state?.running !== undefined) return { state: 'running', stateText: 'running' };
  if (state?.terminated !== undefined) {
    const code = asNumber(memberAt(state.terminated, 'exitCode'));
    const reason = asString(memberAt(state.terminated, 'reason'));
    return {
      state: 'exited',
      stateText: `terminated${reason ? `: ${reason}` : ''}${code === undefined ? '' : ` (${code})`}`,
    };
  }
  const reason = asString(memberAt(state?.waiting, 'reason'));
  return {
    state: state?.waiting === undefined ? 'unknown' : 'created',
    stateText: reason ? `waiting: ${reason}` : 'waiting',
  };
}

function optional<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: V });
}
