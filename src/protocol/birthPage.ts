import type { Evidence } from '../model/apiCall';
import type { BirthStatus } from '../model/trace/birth';

/*
 * What the page "Birth" shows: a sequence diagram with a time axis, and the same as lists. Its header is in pages.ts.
 */

/** One step, in words. */
export interface BirthStepView {
  readonly id: string;
  /** `+12.3 ms` since the first known moment, or `?`. */
  readonly offset: string;
  readonly from: string;
  readonly to: string;
  readonly label: string;
  readonly detail?: string;
  readonly evidence: Evidence;
  readonly because: string;
  /** ISO 8601 to the microsecond. */
  readonly at?: string;
  readonly clock?: string;
  readonly precision?: string;
  readonly meaning: string;
  /** Indented JSON. */
  readonly payload?: string;
  readonly isAnswer: boolean;
  readonly failed: boolean;
  /** All of it in one sentence. */
  readonly sentence: string;
}

/** Where a step stands in the picture, in pixels. */
export interface BirthRowView {
  readonly y: number;
  readonly fromX: number;
  readonly toX: number;
  readonly axis?: { readonly y1: number; readonly y2: number };
}

export interface BirthTimeView {
  readonly lane: string;
  readonly label: string;
  /** `12.3 ms`. */
  readonly took: string;
  /** `± 10.0 ms`. */
  readonly precision: string;
  /** 0 to 1: its share of the longest. */
  readonly share: number;
  readonly evidence: Evidence;
  readonly clocks: readonly string[];
}

export interface BirthSourceView {
  readonly name: string;
  readonly listens: boolean;
  readonly why?: string;
}

/** The body of the page. */
export interface BirthBody {
  readonly status: BirthStatus;
  readonly statusText: string;
  readonly failure?: string;
  readonly live: boolean;
  readonly traced: boolean;
  readonly steps: readonly BirthStepView[];
  readonly diagram: {
    readonly width: number;
    readonly height: number;
    readonly top: number;
    readonly bottom: number;
    readonly axisX: number;
    readonly leaderX: number;
    readonly lanes: readonly { readonly title: string; readonly x: number }[];
    readonly ticks: readonly { readonly y: number; readonly label: string }[];
    /** One for each step. */
    readonly rows: readonly BirthRowView[];
  };
  readonly times: readonly BirthTimeView[];
  readonly sources: readonly BirthSourceView[];
  /** True when there are recorded HTTP calls to export. */
  readonly hasHar: boolean;
  readonly revealed: boolean;
}

/** What a birth can be exported as, and where to. */
export const EXPORT_FORMATS = ['mermaid', 'svg', 'har'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
export const EXPORT_TARGETS = ['file', 'document'] as const;
export type ExportTarget = (typeof EXPORT_TARGETS)[number];
