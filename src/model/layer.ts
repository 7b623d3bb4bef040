import type { Fact } from './fact';
import type { KubeContext } from './kubernetes/context';
import type { Problem } from './problem';

/** The kinds of layers, top to bottom. */
export const LAYER_KINDS = ['client', 'engine', 'cri', 'containerd', 'shim', 'oci-runtime', 'kernel'] as const;
export type LayerKind = (typeof LAYER_KINDS)[number];

/** `ok`: it answered; `partly`: it answered with gaps; `failed`: see `problem`; `absent`: not on this machine. */
export type LayerStatus = 'ok' | 'partly' | 'failed' | 'absent';

/** One labelled fact of a layer, such as "Cgroup driver: systemd". */
export interface LayerDetail {
  readonly label: string;
  readonly fact: Fact<string>;
}

/** A program that a layer needs, and that runs only once the user has allowed it. */
export interface AwaitedProgram {
  readonly argv: readonly string[];
  /** By which the permission is kept: the line and this machine. */
  readonly fingerprint: string;
}

/** One runtime layer of this host, as the adapter that asked it reports it. */
export interface LayerReport {
  /** Identity alone, never status: `engine:unix:///var/run/docker.sock`, `containerd:<socket>:<namespace>`,
   *  `shim`, `oci-runtime:runc`, `kernel`. */
  readonly id: string;
  readonly kind: LayerKind;
  /** "Docker Engine", "containerd · moby", "runc". */
  readonly name: string;
  readonly version?: string;
  readonly endpoint?: string;
  readonly status: LayerStatus;
  readonly problem?: Problem;
  /** For containerd: the namespace this layer shows. */
  readonly containerdNamespace?: string;
  readonly details: readonly LayerDetail[];
  /** What must be allowed before this layer can be asked. */
  readonly awaits?: AwaitedProgram;
  /** For the clients of Kubernetes: the contexts of the kubeconfig files. */
  readonly kubeContexts?: readonly KubeContext[];
}

/** A layer in an inventory: the report and the containers it knows. */
export interface Layer extends LayerReport {
  readonly containerIds: readonly string[];
}
