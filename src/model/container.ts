import type { ProcessRef } from './process';

/** A container's state. The source's own word stays beside it in `stateText`. */
export type ContainerState = (typeof CONTAINER_STATES)[number];

/** Docker's words, which the other engines' are translated to. */
export const CONTAINER_STATES = [
  'created',
  'running',
  'paused',
  'restarting',
  'removing',
  'exited',
  'dead',
  'unknown',
] as const;

/** True for the states in which an init process exists. */
export function hasInit(state: ContainerState): boolean {
  return state === 'running' || state === 'paused';
}

/** What one layer says of one container: the only thing that adapters report, and the evidence for its identity. */
export interface Sighting {
  /** The layer that says so; see LayerReport.id. */
  readonly layerId: string;
  /** The id under which this layer knows it; for engines and containerd usually 64 hex digits. */
  readonly runtimeId: string;
  /** The containerd namespace, where one is involved. */
  readonly containerdNamespace?: string;
  /** The name this layer uses, hostile. */
  readonly name?: string;
  readonly image?: string;
  readonly state?: ContainerState;
  /** The source's own words: "Up 3 minutes (healthy)". */
  readonly stateText?: string;
  /** Unix milliseconds. */
  readonly createdAtMs?: number;
  readonly labels?: ReadonlyMap<string, string>;
  /** The init process as the layer names it; `startTicks` only when the layer itself knows it. */
  readonly initPid?: number;
  readonly initStartTicks?: number;
  readonly bundle?: string;
  /** True for the container in which the explorer itself runs. */
  readonly own?: boolean;
  /** The shim or monitor process that serves it. */
  readonly shim?: ProcessRef;
  /** A pod: what groups containers that share a sandbox. */
  readonly sandbox?: { readonly id: string; readonly name: string; readonly isSandbox: boolean };
}

/** A Compose project's share in a container. Source: labels com.docker.compose.*. */
export interface ComposeMembership {
  readonly project: string;
  readonly service: string;
  readonly number?: string;
  readonly configFiles: readonly string[];
  readonly workingDir?: string;
}

/** A layer that does not hold a container (any more), and why. */
export interface LetGo {
  readonly layerId: string;
  readonly because: string;
}

/** One container: everything that all layers say of it, joined by evidence. JSON-serialisable but for the maps. */
export interface Container {
  /**
   * Unique in an inventory: the id itself, or `<containerd namespace>/<id>` when no engine names it. Where two have that,
   * each is told apart by its containerd (`containerd:<socket>:<namespace>/<id>`), its bundle or its init process.
   */
  readonly id: string;
  readonly runtimeId: string;
  readonly name?: string;
  readonly image?: string;
  readonly state: ContainerState;
  readonly stateText?: string;
  readonly createdAtMs?: number;
  readonly labels: ReadonlyMap<string, string>;
  readonly compose?: ComposeMembership;
  /** Ids of the layers that know it, top to bottom. */
  readonly layers: readonly string[];
  readonly sightings: readonly Sighting[];
  readonly letGo: readonly LetGo[];
  readonly sandbox?: Sighting['sandbox'];
}

/** The sighting of a container in one layer. */
export function sightingIn(container: Container, layerId: string): Sighting | undefined {
  return container.sightings.find((sighting) => sighting.layerId === layerId);
}
