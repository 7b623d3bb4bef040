import type { Aspect } from '../model/compare/aspects';
import type { Problem } from '../model/problem';
import { asRecord, asString } from '../util/records';
import type { DockershimVerdict } from '../model/kubernetes/dockershim';
import type { Copyable, FactView, ProvenanceView, SnapshotView, UnknownView } from './pages';

/*
 * Pages of the whole machine, not of one container. To add one: a kind, its title and its model here, a builder in
 * src/views/panels/hostPages.ts, a view in media/pages.
 */

export const HOST_PAGE_KINDS = ['history', 'dockershim', 'doctor', 'compare', 'costs'] as const;
export type HostPageKind = (typeof HOST_PAGE_KINDS)[number];

export const HOST_PAGE_TITLES: Readonly<Record<HostPageKind, string>> = {
  history: 'How Did We Get Here',
  dockershim: 'Dockershim Check',
  doctor: 'Shim Doctor',
  compare: 'Compare',
  costs: 'What the Explorer Costs',
};

interface HostPage<K extends HostPageKind> {
  readonly kind: K;
  /** What stands under the title. */
  readonly subtitle: string;
  /** ISO 8601. */
  readonly observedAt: string;
}

/** A part of a call path of the past or of today. */
export interface PathPartView {
  readonly id: string;
  readonly name: string;
  readonly icon: string;
  /** `here`: seen on the machine of the page; `away`: not seen; `hidden`: its place may not be read. */
  readonly presence: 'here' | 'away' | 'hidden';
  /** What was seen, or why nothing was. */
  readonly presenceText: string;
  readonly provenance?: ProvenanceView;
  /** True for what no current release contains any more. */
  readonly gone: boolean;
  /** How it speaks to the next part. */
  readonly speaks?: string;
}

export interface EraView {
  readonly id: string;
  readonly when: string;
  readonly title: string;
  readonly text: string;
  readonly paths: readonly { readonly title: string; readonly parts: readonly PathPartView[] }[];
  readonly references: readonly { readonly label: string; readonly url: string }[];
}

export interface HistoryPage extends HostPage<'history'> {
  /** The snapshot whose parts are lit; absent: this machine's are. */
  readonly snapshot?: SnapshotView;
  readonly eras: readonly EraView[];
}

/** A node with its verdict, and everything the verdict is made from. */
export interface DockershimNodeView {
  readonly name: string;
  readonly verdict: DockershimVerdict;
  readonly verdictText: string;
  readonly because: string;
  /** True where the node is this machine: then its kubelet could be asked itself. */
  readonly here: boolean;
  readonly evidence: readonly {
    readonly what: string;
    readonly value: string;
    readonly found: boolean;
    readonly says: string;
    readonly how: Copyable;
  }[];
  readonly notes: readonly string[];
  readonly steps: readonly { readonly text: string; readonly command?: Copyable }[];
  readonly links: readonly { readonly label: string; readonly url: string }[];
}

export interface DockershimContextView {
  readonly name: string;
  readonly server?: string;
  readonly current: boolean;
  /** Undefined where the cluster has not been asked. */
  readonly nodes?: readonly DockershimNodeView[];
  /** What keeps the answer from being whole, or from being asked for. */
  readonly problem?: { readonly what: string; readonly reason: string; readonly remedy?: string };
}

export interface DockershimPage extends HostPage<'dockershim'> {
  readonly contexts: readonly DockershimContextView[];
  /** Kubelets that run on this machine, whatever cluster they belong to. */
  readonly kubelets: readonly { readonly text: string; readonly how: Copyable }[];
}

/** One thing that does not fit together, or only looks so. */
export interface FindingView {
  readonly key: string;
  readonly findingKind: string;
  readonly severity: 'attention' | 'leftover' | 'normal';
  readonly severityWord: string;
  readonly title: string;
  readonly subject: string;
  readonly runtimeId?: string;
  /** The containerd's socket or the folder to which it belongs. */
  readonly where: string;
  /** How long the youngest thing in it has been there: "2 min 3 s". */
  readonly age?: string;
  readonly meaning: string;
  readonly whatToDo: readonly string[];
  readonly evidence: readonly FactView[];
  readonly references: readonly { readonly label: string; readonly url: string }[];
}

export interface DoctorPage extends HostPage<'doctor'> {
  /** How it was made sure that nothing was only in passing. */
  readonly method: string;
  readonly findings: readonly FindingView[];
  /** How many findings more there are than the page shows. */
  readonly more: number;
  readonly normal: readonly FindingView[];
  readonly examined: readonly FactView[];
  readonly gaps: readonly UnknownView[];
}

/** One thing that is not the same on both sides. */
export interface DifferenceView {
  readonly what: string;
  /** Absent where that side has no such thing. May have several lines. */
  readonly left?: string;
  readonly right?: string;
  /** True when both are masked, and differ. */
  readonly hidden: boolean;
  readonly meaning?: string;
}

export interface CompareSectionView {
  readonly aspect: Aspect;
  readonly title: string;
  readonly differences: readonly DifferenceView[];
  /** What differs between any two containers. */
  readonly expected: readonly DifferenceView[];
  /** Why it cannot be compared. */
  readonly unknown?: UnknownView;
}

export interface ComparePage extends HostPage<'compare'> {
  /** What the columns are called; absent until two were chosen. */
  readonly left?: string;
  readonly right?: string;
  readonly sections: readonly CompareSectionView[];
  /** What of a Compose file is not compared, and why; there only for such a comparison, which has no diff editor. */
  readonly unread?: readonly { readonly key: string; readonly why: string }[];
  readonly revealed: boolean;
  readonly problem?: Problem;
}

/** What the explorer has asked for since it was started; numbers as text with their units. */
export interface CostsPage extends HostPage<'costs'> {
  /** What the numbers count, and what they leave out. */
  readonly method: string;
  readonly totals: readonly { readonly label: string; readonly value: string }[];
  readonly endpoints: readonly {
    readonly endpoint: string;
    readonly total: string;
    readonly questions: readonly {
      readonly question: string;
      readonly count: string;
      readonly failed: string;
      readonly bytes: string;
      readonly mean: string;
      readonly longest: string;
    }[];
    /** Minutes of the last hour in which it was asked, newest first. */
    readonly minutes: readonly {
      readonly minute: string;
      readonly count: string;
      readonly bytes: string;
      readonly time: string;
    }[];
  }[];
  readonly looks: readonly { readonly when: string; readonly reason: string; readonly took: string }[];
}

export type HostPageModel = HistoryPage | DockershimPage | DoctorPage | ComparePage | CostsPage;

/** True for the name of a page of the machine. */
export function isHostPageKind(value: unknown): value is HostPageKind {
  return (HOST_PAGE_KINDS as readonly unknown[]).includes(value);
}

export function isHostPageModel(value: unknown): value is HostPageModel {
  const page = asRecord(value);
  return isHostPageKind(page?.kind) && asString(page?.observedAt) !== undefined;
}
