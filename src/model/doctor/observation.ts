import type { Problem } from '../problem';
import type { ProcessRecord, ProcessTable } from '../process';

/*
 * What the shim doctor looks at: the same containers as processes, as folders, as containerd's tasks, as states of the
 * OCI runtime and as sockets. All of one moment, and told apart by which containerd they belong to.
 */

/** A shim or monitor with what is below it. */
export interface ObservedShim {
  readonly kind: 'containerd-shim' | 'conmon';
  readonly process: ProcessRecord;
  /** The id it was started for: for a pod, the sandbox's. */
  readonly id: string;
  /** containerd's namespace; absent for conmon. */
  readonly namespace?: string;
  /**
   * containerd's socket as we reach it; absent when it is not the same file for the shim as for us, so that no containerd
   * that we can ask is its one.
   */
  readonly containerd?: string;
  readonly runtimeName?: string;
  /** Ids of the containers whose processes are its children. */
  readonly serves: readonly string[];
}

/** A folder below which containerd keeps the bundles of one namespace, and that could be listed. */
export interface ObservedFolder {
  readonly path: string;
  readonly containerd: string;
  readonly namespace: string;
}

export interface ObservedBundle {
  readonly path: string;
  readonly id: string;
  readonly namespace: string;
  readonly containerd: string;
  /** Unix milliseconds. */
  readonly changedAtMs: number;
  /** The path of the shim's socket, as the files of the bundle name it. */
  readonly shimSocket?: string;
  /** What init.pid names, and when it was written. */
  readonly initPid?: { readonly pid: number; readonly writtenAtMs: number };
}

export type TaskStatus = 'unknown' | 'created' | 'running' | 'stopped' | 'paused' | 'pausing';

export interface ObservedTask {
  readonly id: string;
  readonly pid: number;
  readonly status: TaskStatus;
  /** Unix milliseconds; absent while it runs. */
  readonly exitedAtMs?: number;
}

/** A namespace of a containerd that has answered. */
export interface ObservedNamespace {
  readonly containerd: string;
  readonly namespace: string;
  readonly containers: ReadonlySet<string>;
  readonly tasks: ReadonlyMap<string, ObservedTask>;
  /** False when this containerd counts PIDs in another PID namespace. */
  readonly pidsAreOurs: boolean;
}

/** What an OCI runtime noted of one container. */
export interface ObservedState {
  readonly runtime: string;
  readonly id: string;
  readonly file: string;
  /** Of the folder's containerd; absent for folders that are not one namespace's. */
  readonly namespace?: string;
  readonly initPid?: number;
  readonly initStartTicks?: number;
  readonly createdAtMs?: number;
  readonly bundle?: string;
}

/** A socket file in a folder of shims' sockets. */
export interface ObservedSocket {
  readonly path: string;
  readonly changedAtMs: number;
  /** Whether any process listens on it, by the kernel's list of sockets. */
  readonly listening: boolean;
  /** The containerd and container whose shim it was made for, where its name or a bundle tells. */
  readonly owner?: { readonly containerd: string; readonly namespace: string; readonly id: string };
}

/** Everything, at one moment. */
export interface Observation {
  /** Unix milliseconds, our clock. */
  readonly atMs: number;
  /** Unix seconds; absent where /proc does not say. */
  readonly bootTime?: number;
  readonly processes: ProcessTable;
  readonly shims: readonly ObservedShim[];
  /** containerds that answered, by socket. */
  readonly answered: ReadonlySet<string>;
  readonly namespaces: readonly ObservedNamespace[];
  readonly folders: readonly ObservedFolder[];
  readonly bundles: readonly ObservedBundle[];
  readonly states: readonly ObservedState[];
  readonly sockets: readonly ObservedSocket[];
  /** Ids for which a call is under way that makes or removes a container. */
  readonly busy: ReadonlySet<string>;
  /** What could not be looked at. */
  readonly gaps: readonly Problem[];
}

/** When a process started, unix milliseconds. */
export function startedAtMs({ bootTime }: Observation, { startTicks }: ProcessRecord): number | undefined {
  // USER_HZ is 100 on every Linux: time(7).
  return bootTime === undefined ? undefined : bootTime * 1_000 + startTicks * 10;
}
