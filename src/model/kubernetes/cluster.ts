import type { ContainerState } from '../container';
import type { Fact } from '../fact';
import type { Problem } from '../problem';
import type { DockershimCheck } from './dockershim';
import type { NodePlace } from './thisMachine';

/** A condition of a node, such as Ready. Source: Node.status.conditions. */
export interface NodeCondition {
  readonly type: string;
  /** "True", "False" or "Unknown". */
  readonly status: string;
  readonly message?: string;
}

/** A node as the API server shows it. All texts are hostile. */
export interface KubeNode {
  readonly name: string;
  readonly uid?: string;
  /** "containerd://1.7.2": Node.status.nodeInfo.containerRuntimeVersion. */
  readonly containerRuntime: Fact<string>;
  readonly kubelet: Fact<string>;
  readonly osImage: Fact<string>;
  readonly kernel: Fact<string>;
  /** The annotation kubeadm.alpha.kubernetes.io/cri-socket as it stands. */
  readonly criSocket: Fact<string>;
  readonly conditions: readonly NodeCondition[];
  /** Undefined when the node says nothing of it. */
  readonly ready: 'True' | 'False' | 'Unknown' | undefined;
  /** Identifiers by which a machine can be told: Node.status.nodeInfo. */
  readonly machineId?: string;
  readonly bootId?: string;
  readonly systemUuid?: string;
  readonly place: NodePlace;
  readonly dockershim: DockershimCheck;
}

/** A container of a pod. Source: Pod.status.{init,ephemeral,}containerStatuses, else Pod.spec. */
export interface KubeContainer {
  readonly name: string;
  readonly role: 'init' | 'main' | 'ephemeral';
  readonly image?: string;
  /** "containerd://<64 hex digits>" as it stands; absent before the container was created. */
  readonly containerUri?: string;
  /** The part after the scheme. */
  readonly runtimeId?: string;
  readonly state: ContainerState;
  /** The API's own words: "running", "waiting: CrashLoopBackOff", "terminated: Completed (0)". */
  readonly stateText: string;
  readonly restarts: number;
}

export interface KubePod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Absent while the pod is not scheduled. */
  readonly nodeName?: string;
  /** Pending, Running, Succeeded, Failed or Unknown. */
  readonly phase: string;
  readonly containers: readonly KubeContainer[];
}

/** A list, with what kept it from being whole. */
export interface Listed<T> {
  readonly items: readonly T[];
  /** The command that lists the same. */
  readonly how: string;
  readonly observedAt: string;
  readonly problem?: Problem;
}

/** What a cluster says of its nodes; where nodes may not be listed, of the pods that may. */
export interface ClusterReport {
  /** The API server's version, where it tells. */
  readonly version?: string;
  readonly nodes: Listed<KubeNode>;
  /** Only asked for where nodes may not be listed. */
  readonly pods?: Listed<KubePod>;
}

/** A pod container's cgroup as the kubelet of its node names it, by container id. */
export type NodeCgroups = ReadonlyMap<string, string>;
