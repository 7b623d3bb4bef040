import type { Container, Sighting } from '../container';
import type { ContainerFacts } from '../inspection';
import type { Layer } from '../layer';
import type { KernelReadings } from '../lineage/readings';
import type { Problem } from '../problem';
import type { ProcessRecord } from '../process';
import type { RecordedCall } from '../recording/recordedCall';
import type { Observation } from '../trace/observation';
import type { StreamState } from '../trace/trace';

/*
 * A host at one moment, as a file holds it: docs/snapshots.md describes it for people. Everything that views are made from
 * is in it, and nothing that can be made from the rest.
 */

/** What a file must say in `format` to be a snapshot. */
export const SNAPSHOT_FORMAT = 'container-runtime-snapshot';
/** Raised when older explorers could misread a file; members that are only added and may be missing do not raise it. */
export const SNAPSHOT_VERSION = 1;

/** What was seen of how a container came to be. */
export interface SeenOfContainer {
  readonly recorded: readonly RecordedCall[];
  readonly observations: readonly Observation[];
  /** What could not be had, and why. */
  readonly missing: readonly StreamState[];
}

/** Labels are a map in memory and an object in the file. */
export type StoredSighting = Omit<Sighting, 'labels'> & { readonly labels?: Readonly<Record<string, string>> };
export type StoredContainer = Omit<Container, 'labels' | 'sightings'> & {
  readonly labels: Readonly<Record<string, string>>;
  readonly sightings: readonly StoredSighting[];
};

/** What must be allowed before a layer can be asked is a matter between this machine and its user: no file may ask for it. */
export type StoredLayer = Omit<Layer, 'awaits'>;

/** One container with all that was read of it, or why it could not be inspected. */
export interface SnapshotContainer {
  readonly container: StoredContainer;
  readonly inspected?: {
    /** ISO 8601. */
    readonly observedAt: string;
    readonly facts: ContainerFacts;
    /** What the kernel says of its first process; absent when it has none. */
    readonly kernel?: KernelReadings;
    readonly seen: SeenOfContainer;
  };
  readonly problem?: Problem;
}

/** Which secrets were left out. */
export interface Redaction {
  /** False when whoever took the snapshot chose to keep them. */
  readonly redacted: boolean;
  /** How many values were replaced by a mask. */
  readonly count: number;
  /** Where they stood, as paths into this file; the first thousand. */
  readonly paths: readonly string[];
}

export interface Snapshot {
  readonly format: typeof SNAPSHOT_FORMAT;
  readonly schemaVersion: typeof SNAPSHOT_VERSION;
  /** ISO 8601. */
  readonly takenAt: string;
  /** The program and its version. */
  readonly takenBy: string;
  readonly host: {
    /** What people call this host. */
    readonly name: string;
    /** One sentence on what it is, for hosts that need one. */
    readonly description?: string;
  };
  readonly secrets: Redaction;
  readonly inventory: {
    readonly observedAt: string;
    readonly layers: readonly StoredLayer[];
    /** Those that have to do with containers: the rest of a machine's processes is nobody's business. */
    readonly processes: { readonly observedAt: string; readonly records: readonly ProcessRecord[] };
  };
  readonly containers: readonly SnapshotContainer[];
}
