/*
 * What was seen to happen while a container came to be: events of engines and of containerd, lines of dockerd's log, and
 * processes in /proc. Plain data: it comes from a worker thread.
 */

/** Where an observation comes from. */
export type ObservationSource = 'docker-events' | 'containerd-events' | 'dockerd-log' | 'procfs';

/** One observation. Times are unix microseconds of the clock that CLOCKS names for its source. */
interface Observed<S extends ObservationSource> {
  readonly source: S;
  /** The earliest moment at which it can have been. */
  readonly atUs: number;
  /** By how much it can have been later. */
  readonly precisionUs: number;
}

/** An event of an engine, as `GET /events` tells it. */
export interface DockerEvent extends Observed<'docker-events'> {
  readonly containerId: string;
  /** `container`, `network`, … */
  readonly type: string;
  /** `create`, `start`, `die`, `connect`, … */
  readonly action: string;
  /** The event itself; hostile, may hold secrets in labels. */
  readonly payload: unknown;
}

/** An event of containerd with its decoded payload. */
export interface ContainerdEvent extends Observed<'containerd-events'> {
  /** Absent for events of snapshots, which name a key. */
  readonly containerId?: string;
  readonly namespace: string;
  /** `/tasks/create`, … */
  readonly topic: string;
  readonly payload: unknown;
}

/** A line of dockerd's own debug log that tells of a call. */
export interface LoggedCall extends Observed<'dockerd-log'> {
  /** Absent for calls that name no container, such as its create. */
  readonly containerId?: string;
  readonly method: string;
  /** With version and query, as logged. */
  readonly path: string;
}

/** What a process was to the container. */
export type ProcessRole =
  /** The shim's first process, which containerd runs with `start` and which leaves the shim behind. */
  | 'shim-starter'
  | 'shim'
  /** The OCI runtime, with its verb: `create`, `start`, … */
  | 'runtime'
  /** The container's first process. */
  | 'init';

/** A process seen in /proc: its start as the kernel tells it, and between which looks it was there. */
export interface ProcessSeen extends Observed<'procfs'> {
  readonly role: ProcessRole;
  readonly containerId: string;
  readonly pid: number;
  readonly startTicks: number;
  readonly parentPid: number;
  /** Its command line when last read; hostile. */
  readonly argv: readonly string[];
  /** For `runtime`: its command, `create` or `start`. */
  readonly verb?: string;
  /** For `init`: it was still the OCI runtime's own code at the first moment, and the container's program at the second. */
  readonly programUs?: readonly [after: number, before: number];
  /** It was there at the first moment, and gone at the second. */
  readonly goneUs?: readonly [after: number, before: number];
}

export type Observation = DockerEvent | ContainerdEvent | LoggedCall | ProcessSeen;

/** Which clock a time was read from, and how exact it is, in words. */
export interface ClockNote {
  readonly clock: string;
  readonly precision: string;
}

/** The sources and their clocks. */
export const CLOCKS: Readonly<Record<ObservationSource | 'relay', ClockNote>> = {
  relay: {
    clock: "this machine's real-time clock, read by the relay when the first byte passed",
    precision: '1 ms',
  },
  'docker-events': {
    clock: "the engine's real-time clock, read when it published the event (timeNano)",
    precision: '1 µs shown; the event follows what it tells of',
  },
  'containerd-events': {
    clock: "containerd's (for /tasks/…: the shim's) real-time clock, read when the event was published",
    precision: '1 µs shown; the event follows what it tells of',
  },
  'dockerd-log': {
    clock: "dockerd's real-time clock, read when it wrote the line, before it served the call",
    precision: '1 µs shown',
  },
  procfs: {
    clock: "the kernel's boot clock (field 22 of /proc/PID/stat), put on the real-time clock by /proc/uptime",
    precision: '10 ms: the kernel counts it in ticks, rounded down',
  },
};

/** The real end of an observation's interval. */
export function latestUs({ atUs, precisionUs }: { readonly atUs: number; readonly precisionUs: number }): number {
  return atUs + precisionUs;
}
