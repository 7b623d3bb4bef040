import type { Evidence } from '../apiCall';
import type { RecordedCall } from '../recording/recordedCall';
import type { ClockNote, ObservationSource } from './observation';

/** Who takes part in a birth, from left to right. */
export const LANES = ['client', 'dockerd', 'cri', 'containerd', 'shim', 'runtime', 'init'] as const;
export type Lane = (typeof LANES)[number];

/** One thing that happened: a message between two lanes, or something within one. */
export interface BirthStep {
  /** `create`, `tasks-create`, … : unique in its birth. */
  readonly id: string;
  readonly from: Lane;
  /** The same as `from` for what happens within a lane. */
  readonly to: Lane;
  /** Short: `POST /containers/create`, `/tasks/create`. Hostile. */
  readonly label: string;
  /** In full: path with query, command line. Hostile, secrets masked. */
  readonly detail?: string;
  /** An answer, drawn dashed. */
  readonly isAnswer?: boolean;
  readonly failed?: boolean;
  readonly evidence: Evidence;
  /** Where the evidence lies, as a sentence. */
  readonly because: string;
  /** Unix microseconds, the earliest; absent when only the order is known. */
  readonly atUs?: number;
  /** By how much it can have been later. */
  readonly precisionUs?: number;
  readonly source?: ObservationSource | 'relay';
  readonly payload?: unknown;
  readonly meaning: string;
}

/** How long one layer took, from one step to another. */
export interface LayerTime {
  readonly id: string;
  readonly lane: Lane;
  /** What it did meanwhile. */
  readonly label: string;
  readonly fromStep: string;
  readonly toStep: string;
  readonly us: number;
  /** The true time lies between `us` minus and `us` plus this. */
  readonly precisionUs: number;
  readonly evidence: Evidence;
  readonly clocks: readonly ClockNote[];
}

export type BirthStatus = 'starting' | 'running' | 'failed' | 'unknown';

/** A container's birth, as a sequence. JSON-serialisable. */
export interface Birth {
  readonly containerId: string;
  readonly name?: string;
  readonly status: BirthStatus;
  /** What went wrong, in the words of the layer that said so. */
  readonly failure?: string;
  readonly lanes: readonly Lane[];
  /** In the order in which they happened. */
  readonly steps: readonly BirthStep[];
  readonly times: readonly LayerTime[];
  /** The recorded HTTP calls among the steps. */
  readonly recorded: readonly RecordedCall[];
}
