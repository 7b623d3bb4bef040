import type { Observation } from '../../model/trace/observation';
import type { Connection } from '../docker/connection';

/** What the tracing thread is to watch. Names are for people: `unix:///var/run/docker.sock`. */
export interface TraceTargets {
  readonly engines: readonly { readonly name: string; readonly connection: Connection }[];
  readonly containerds: readonly { readonly name: string; readonly socketPath: string }[];
}

/** What the tracing thread tells. */
export type FromTracer =
  | { readonly kind: 'observations'; readonly observations: readonly Observation[] }
  | { readonly kind: 'stream'; readonly name: string; readonly state: 'connected' }
  | { readonly kind: 'stream'; readonly name: string; readonly state: 'lost'; readonly reason: string };
