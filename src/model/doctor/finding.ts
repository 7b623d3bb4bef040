import type { Fact } from '../fact';
import type { Problem } from '../problem';

/** What can be found. The first group is about containerd's shims, the second about conmon, the last is no fault at all. */
export const FINDING_KINDS = [
  'container-without-shim',
  'shim-without-child',
  'shim-unknown',
  'shim-stopped',
  'duplicate-shims',
  'zombie-init',
  'pid-reused',
  'task-without-bundle',
  'ended-task',
  'bundle-without-task',
  'socket-left-behind',
  'container-without-conmon',
  'conmon-without-container',
  'pod-shim',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** `attention`: a container or its caretaker is not as it should be; `leftover`: nobody needs it any more; `normal`: looks odd and is right. */
export type Severity = 'attention' | 'leftover' | 'normal';

/** One piece of evidence: each can be checked by itself. */
export interface Evidence {
  readonly label: string;
  readonly fact: Fact<string>;
}

export interface Finding {
  /** The same for the same thing at each look: made of ids, paths, and PIDs with their start times. */
  readonly key: string;
  readonly kind: FindingKind;
  readonly severity: Severity;
  /** What it is about, such as "shim 4711 of moby/3f2a…": hostile parts are as the sources gave them. */
  readonly subject: string;
  readonly runtimeId?: string;
  /** The containerd's socket, or the folder, to which it belongs. */
  readonly where: string;
  readonly evidence: readonly Evidence[];
  /** Unix milliseconds: when the youngest thing in it began or changed. */
  readonly sinceMs?: number;
}

/** What was looked at, and what was found. */
export interface DoctorReport {
  /** ISO 8601. */
  readonly observedAt: string;
  /** How often it was looked until this was sure, and over what time. */
  readonly looks: number;
  readonly overMs: number;
  readonly findings: readonly Finding[];
  /** What looks odd and is right. */
  readonly normal: readonly Finding[];
  /** How many of each were looked at. */
  readonly examined: readonly Evidence[];
  readonly gaps: readonly Problem[];
}

const ORDER: readonly Severity[] = ['attention', 'leftover', 'normal'];

/** Worst first, then as the kinds are listed. */
export function byUrgency(a: Finding, b: Finding): number {
  return (
    ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity) ||
    FINDING_KINDS.indexOf(a.kind) - FINDING_KINDS.indexOf(b.kind) ||
    (a.key < b.key ? -1 : 1)
  );
}
