import type { ApiCall } from './apiCall';
import type { CgroupReport } from './cgroup';
import type { Fact } from './fact';
import type { ContainerProcess } from './process';

/** The shim (or, for Podman and CRI-O, the monitor) of a container. */
export interface ShimFacts {
  readonly pid: number;
  readonly kind: 'containerd-shim' | 'conmon';
  readonly argv: readonly string[];
  /** ISO 8601. */
  readonly startedAt?: string;
  /** The socket on which it serves containerd, `unix://…`. */
  readonly socket?: string;
  /** Its parent: 1 or the nearest subreaper, never containerd. */
  readonly parentPid: number;
  readonly parentComm?: string;
  /** The containers it serves, by runtime id; several for a pod. */
  readonly serves: readonly string[];
  /** Every process below it. */
  readonly processes: readonly ContainerProcess[];
}

/** The OCI runtime that made the container. */
export interface RuntimeFacts {
  /** containerd's name: `io.containerd.runc.v2`. */
  readonly runtimeName?: string;
  /** The binary: `runc`, `crun`, a path. */
  readonly binary: string;
  readonly version?: string;
  /** Folder given to it by --root, where its state lies. */
  readonly root?: string;
  readonly cgroupDriver?: 'cgroupfs' | 'systemd' | 'none';
}

/** What is needed to speak to the engine of a container as its own client would. */
export interface EngineContext {
  /** `unix:///var/run/docker.sock`, `tcp://…`. */
  readonly endpoint: string;
  /** The version used on the wire, such as "1.41": min(ours, the server's). */
  readonly apiVersion: string;
  readonly serverVersion: string;
  /** `GET /info`, as it answered. */
  readonly info: unknown;
}

/** The facts of one container. Every one says where it came from, or why it is not known. */
export interface ContainerFacts {
  readonly initPid: Fact<number>;
  readonly shimPid: Fact<number>;
  /** Controller list as the kernel prints it ("" for v2) → path. Source: /proc/PID/cgroup. */
  readonly cgroupPaths: Fact<Readonly<Record<string, string>>>;
  /** Namespace type → inode number. Source: links of /proc/PID/ns. */
  readonly namespaces: Fact<Readonly<Record<string, number>>>;
  /** The parsed OCI config.json. */
  readonly ociConfig: Fact<unknown>;
  readonly bundlePath: Fact<string>;
  readonly runtime: Fact<RuntimeFacts>;
  readonly processes: Fact<readonly ContainerProcess[]>;
  readonly shim: Fact<ShimFacts>;
  readonly cgroups: Fact<CgroupReport>;
  /** The engine's own record: `docker inspect`, as it answered. */
  readonly engineRecord: Fact<unknown>;
  /** The engine's record of the container's image (`docker image inspect`): what the image itself asked for. */
  readonly engineImage: Fact<unknown>;
  /** The engine's events of this container that are still in its ring of 256, oldest first, as it answered. */
  readonly engineEvents: Fact<readonly unknown[]>;
  readonly engine: Fact<EngineContext>;
  /** runc's state.json or crun's status, as on disk. */
  readonly runtimeState: Fact<unknown>;
  /** containerd's container and task record. */
  readonly containerdRecord: Fact<unknown>;
  /** The verbose CRI status of the container or sandbox, with the config it was created with where the runtime tells. */
  readonly criRecord: Fact<unknown>;
}

export type FactName = keyof ContainerFacts;

/** What one adapter found out about one container: answers to some of the questions. */
export type Findings = { readonly [K in FactName]?: ContainerFacts[K] };

/** Everything about one container. */
export interface Inspection {
  readonly id: string;
  readonly name: string;
  readonly observedAt: string;
  readonly facts: ContainerFacts;
  readonly apiCalls: readonly ApiCall[];
}
