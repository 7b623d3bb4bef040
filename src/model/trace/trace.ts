import type { Observation } from './observation';

/** One source that was listened to, or why it was not. */
export interface StreamState {
  /** For people: `unix:///var/run/docker.sock`, `/proc`. */
  readonly name: string;
  readonly state: 'connecting' | 'connected' | 'lost';
  readonly reason?: string;
}

/** What was seen of one container's birth while somebody watched. JSON-serialisable. */
export interface Trace {
  readonly containerId: string;
  readonly containerdNamespace?: string;
  /** ISO 8601: before that nobody watched. */
  readonly waitingSince: string;
  /** True while it goes on. */
  readonly live: boolean;
  readonly streams: readonly StreamState[];
  /** Those about this container, in the order in which they came. */
  readonly observations: readonly Observation[];
}
