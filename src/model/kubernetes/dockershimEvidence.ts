import { shellQuote } from '../../util/text';
import type { DockershimInput } from './dockershim';
import { socketOwner } from './kubelet';

/** One thing that was looked at. */
export interface Evidence {
  readonly what: string;
  /** The value as it stands (hostile), or why there is none. */
  readonly value: string;
  readonly found: boolean;
  /** What it means for the verdict. */
  readonly says: string;
  /** A command that shows it. */
  readonly how: string;
}

export const CRI_SOCKET_ANNOTATION = 'kubeadm.alpha.kubernetes.io/cri-socket';

/** Everything that the check looks at, most telling first. */
export function evidenceOf(input: DockershimInput, nodeName: string): Evidence[] {
  const node = shellQuote(nodeName);
  const path = (fields: string): string => `kubectl get node ${node} -o jsonpath='{${fields}}'`;
  const { kubeletVersion, containerRuntime, criSocket, ready } = input;
  return [
    {
      what: 'Container runtime',
      value: containerRuntime || 'not reported',
      found: !!containerRuntime,
      says: /^docker:/i.test(containerRuntime ?? '')
        ? 'Docker Engine: by dockershim or by cri-dockerd, which report the same.'
        : containerRuntime
          ? 'Not Docker Engine.'
          : 'Nothing.',
      how: path('.status.nodeInfo.containerRuntimeVersion'),
    },
    {
      what: 'Kubelet version',
      value: kubeletVersion || 'not reported',
      found: !!kubeletVersion,
      says: 'Kubelets have dockershim up to 1.23, and none from 1.24 on.',
      how: path('.status.nodeInfo.kubeletVersion'),
    },
    {
      what: 'Annotation cri-socket',
      value: criSocket || 'not there',
      found: !!criSocket,
      says: criSocket
        ? `The socket that kubeadm noted in ${CRI_SOCKET_ANNOTATION} (${ownerWords(criSocket)}). Nothing keeps it in step with the kubelet.`
        : `Only kubeadm writes ${CRI_SOCKET_ANNOTATION}, and not from 1.34 on.`,
      how: path(`.metadata.annotations.${CRI_SOCKET_ANNOTATION.replaceAll('.', '\\.')}`),
    },
    kubeletEvidence(input),
    {
      what: 'Ready',
      value: ready ?? 'not reported',
      found: ready !== undefined,
      says:
        ready === 'True' ? 'The node reports, so what it says is current.' : 'What the node says of itself may be old.',
      how: path(".status.conditions[?(@.type=='Ready')].status"),
    },
  ];
}

function kubeletEvidence({ kubelet }: DockershimInput): Evidence {
  const what = 'The kubelet’s own configuration';
  if (!kubelet) {
    return {
      what,
      value: 'not readable from here',
      found: false,
      says: 'It would decide. It can be read on the node alone.',
      how: "tr '\\0' ' ' < /proc/$(pgrep -o kubelet)/cmdline",
    };
  }
  const { pid, containerRuntime, endpoint } = kubelet;
  return {
    what: `${what} (PID ${pid} on this machine)`,
    value:
      [
        containerRuntime === undefined ? undefined : `--container-runtime=${containerRuntime}`,
        endpoint === undefined ? undefined : `${endpoint.source}: ${endpoint.address}`,
      ]
        .filter((part) => part !== undefined)
        .join(', ') || 'names no runtime',
    found: true,
    says:
      endpoint === undefined
        ? 'Without a remote endpoint, kubelets up to 1.23 use their own dockershim.'
        : `The socket is ${ownerWords(endpoint.address)}.`,
    how: `tr '\\0' ' ' < /proc/${pid}/cmdline`,
  };
}

function ownerWords(address: string): string {
  const owner = socketOwner(address);
  return owner === 'other' ? 'of a runtime that its path does not tell' : `that of ${owner}`;
}
