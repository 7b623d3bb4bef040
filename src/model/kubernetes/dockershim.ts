import { socketOwner, type KubeletConfig, type SocketOwner } from './kubelet';
import { evidenceOf, type Evidence } from './dockershimEvidence';
import { migrationOf, type Migration } from './dockershimMigration';

/*
 * dockershim was the part of the kubelet that spoke CRI on one side and the Docker API on the other. Kubernetes 1.24 took it
 * out. "docker://" is said by dockershim and by its successor cri-dockerd alike, so the version, the socket annotation of
 * kubeadm and the kubelet's own command line decide. Source: kubernetes.io, "Migrating from dockershim".
 */

/**
 * - `works`: the kubelet's built-in dockershim is in use, and works until the kubelet becomes 1.24;
 * - `removed`: the node is set up for dockershim, which its kubelet (1.24 or later) does not have;
 * - `migrated`: the kubelet uses containerd, CRI-O or another runtime without Docker;
 * - `cri-dockerd`: Docker Engine, through cri-dockerd;
 * - `unknown`: what is known does not decide, and `because` says what is missing.
 */
export type DockershimVerdict = 'works' | 'removed' | 'migrated' | 'cri-dockerd' | 'unknown';

/** What the check is made from; undefined what could not be had. */
export interface DockershimInput {
  /** Node.status.nodeInfo.kubeletVersion: "v1.23.17". */
  readonly kubeletVersion: string | undefined;
  /** Node.status.nodeInfo.containerRuntimeVersion: "docker://20.10.12". */
  readonly containerRuntime: string | undefined;
  /** The annotation kubeadm.alpha.kubernetes.io/cri-socket as it stands. */
  readonly criSocket: string | undefined;
  /** The Ready condition: a node that is not ready no longer reports, so what it says may be old. */
  readonly ready: 'True' | 'False' | 'Unknown' | undefined;
  /** The node's kubelet, where the node is this machine and its command line can be read. */
  readonly kubelet: KubeletConfig | undefined;
}

export interface DockershimCheck {
  readonly verdict: DockershimVerdict;
  /** Why, in a sentence or two. */
  readonly because: string;
  /** What was looked at and what it says, also where it says nothing. */
  readonly evidence: readonly Evidence[];
  /** Things to mend although they do not decide: an annotation that is stale. */
  readonly notes: readonly string[];
  readonly migration: Migration;
}

type Decision = Pick<DockershimCheck, 'verdict' | 'because'>;

/** The release that has no dockershim any more. */
const REMOVED_IN = 24;

/** Judges one node. Pure: everything it uses is in `input`. */
export function checkDockershim(input: DockershimInput, nodeName: string): DockershimCheck {
  const minor = kubeletMinor(input.kubeletVersion);
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(input.containerRuntime ?? '')?.[1]?.toLowerCase();
  const annotation = input.criSocket ? socketOwner(input.criSocket) : undefined;
  const decision =
    scheme === 'docker'
      ? judgeDocker(input, minor, annotation)
      : scheme === undefined
        ? judgeSilent(input, minor, annotation)
        : judgeOther(input, scheme);
  return {
    ...decision,
    evidence: evidenceOf(input, nodeName),
    notes: notesOf(input, scheme, annotation, decision.verdict),
    migration: migrationOf(decision.verdict, nodeName),
  };
}

/** The minor version of a kubelet of Kubernetes 1, vendor suffixes ("v1.23.17-eks-0a21954", "v1.9.3-gke.0") set aside. */
export function kubeletMinor(version: string | undefined): number | undefined {
  const match = /^v?1\.(\d{1,4})(?:\.|\+|-|$)/.exec(version ?? '');
  return match?.[1] === undefined ? undefined : Number(match[1]);
}

/** The runtime that the kubelet's own configuration names; undefined where it is not known or names none. */
function configured({ kubelet }: DockershimInput): SocketOwner | undefined {
  if (!kubelet) return undefined;
  if (kubelet.containerRuntime === 'docker') return 'dockershim';
  return kubelet.endpoint === undefined ? undefined : socketOwner(kubelet.endpoint.address);
}

function judgeDocker(input: DockershimInput, minor: number | undefined, annotation: SocketOwner | undefined): Decision {
  const { kubelet, kubeletVersion: version } = input;
  const owner = configured(input);
  if (owner === 'cri-dockerd') {
    return { verdict: 'cri-dockerd', because: 'The kubelet’s own endpoint is the socket of cri-dockerd.' };
  }
  if (owner === 'containerd' || owner === 'cri-o') {
    return {
      verdict: 'unknown',
      because: `The node reports Docker, but its kubelet is set up for ${owner} now: what the node reports is older than that, or the kubelet found here is another node’s.`,
    };
  }
  if (minor === undefined) {
    return {
      verdict: 'unknown',
      because:
        'The runtime is Docker, which dockershim and cri-dockerd report alike, and the kubelet’s version cannot be read.',
    };
  }
  if (minor >= REMOVED_IN) {
    if (owner === 'dockershim') {
      return {
        verdict: 'removed',
        because: `The kubelet is ${version}, and it was started for dockershim, which 1.24 took out: it cannot start a pod like this.`,
      };
    }
    if (annotation === 'dockershim' && input.ready !== 'True') {
      return {
        verdict: 'removed',
        because: `The kubelet is ${version} and has no dockershim, kubeadm’s annotation still names dockershim’s socket, and the node is not ready.`,
      };
    }
    return {
      verdict: 'cri-dockerd',
      because: `A kubelet of version ${version} has no dockershim any more, so one that reports docker:// reaches Docker Engine through cri-dockerd.`,
    };
  }
  if (owner === 'dockershim') return works(version, 'its command line names dockershim');
  if (kubelet && kubelet.containerRuntime !== 'remote' && owner === undefined && kubelet.unread.length === 0) {
    return works(version, 'its command line names no remote runtime, and then dockershim is what it uses');
  }
  if (annotation === 'cri-dockerd') {
    return {
      verdict: 'cri-dockerd',
      because: 'kubeadm’s annotation names cri-dockerd’s socket, and the node reports Docker.',
    };
  }
  if (annotation === 'dockershim') {
    return works(version, 'kubeadm’s annotation names dockershim’s socket, and the node reports Docker');
  }
  return {
    verdict: 'unknown',
    because: `A kubelet of version ${version} can reach Docker through its own dockershim or through cri-dockerd, and both report docker://. Only the kubelet’s command line tells, and it cannot be read from here.`,
  };
}

function works(version: string | undefined, how: string): Decision {
  return {
    verdict: 'works',
    because: `The kubelet is ${version}, which still has dockershim, and ${how}. It stops working when the kubelet becomes 1.24.`,
  };
}

/** No runtime is reported: a kubelet that never reached one, or an answer without it. */
function judgeSilent(input: DockershimInput, minor: number | undefined, annotation: SocketOwner | undefined): Decision {
  const forDockershim = configured(input) === 'dockershim' || (!configured(input) && annotation === 'dockershim');
  if (minor !== undefined && minor >= REMOVED_IN && forDockershim) {
    return {
      verdict: 'removed',
      because: `The kubelet is ${input.kubeletVersion} and set up for dockershim, which it does not have; it reports no runtime at all.`,
    };
  }
  return {
    verdict: 'unknown',
    because: input.containerRuntime
      ? 'What the node reports as its runtime names no scheme such as containerd://.'
      : 'The node reports no container runtime.',
  };
}

function judgeOther(input: DockershimInput, scheme: string): Decision {
  const owner = configured(input);
  if (owner === 'dockershim') {
    return {
      verdict: 'unknown',
      because: `The node reports ${scheme}, but its kubelet is set up for dockershim now: what the node reports is older than that, or the kubelet found here is another node’s.`,
    };
  }
  return {
    verdict: 'migrated',
    because: `The kubelet uses ${scheme}: neither dockershim nor Docker Engine is involved.`,
  };
}

const EXPECTED: Readonly<Record<string, SocketOwner>> = { containerd: 'containerd', 'cri-o': 'cri-o' };

function notesOf(
  { criSocket, kubelet }: DockershimInput,
  scheme: string | undefined,
  annotation: SocketOwner | undefined,
  verdict: DockershimVerdict,
): string[] {
  const notes: string[] = [];
  if (criSocket && annotation) {
    const expected = verdict === 'cri-dockerd' ? 'cri-dockerd' : EXPECTED[scheme ?? ''];
    // A path of somebody's own proves nothing either way.
    if (expected && annotation !== expected && annotation !== 'other') {
      notes.push(
        `The annotation is stale: it names the socket of ${annotation}, and the node uses ${expected}. kubeadm believes it at its next upgrade.`,
      );
    }
    if (!/^[a-z]+:\/\//.test(criSocket)) {
      notes.push(
        'The annotation lacks unix://, as old versions of kubeadm wrote it; kubeadm puts it there at an upgrade.',
      );
    }
  }
  if (kubelet && kubelet.unread.length > 0) {
    notes.push(`Could not be read, and may name the endpoint: ${kubelet.unread.join(', ')}.`);
  }
  return notes;
}
