import type { Evidence, Party } from '../model/apiCall';
import type { CgroupMode, CgroupReading } from '../model/cgroup';
import type { Route } from '../model/fact';
import type { BirthBody } from './birthPage';

/*
 * What the pages show, as plain JSON: the host builds it, the page draws it. Strings are as the sources gave them; the
 * page makes hostile characters visible. Commands and texts that can be copied carry an id: the page asks the host to
 * copy by that id, and never sends the text itself.
 */

/** The pages, each of one container. */
export const PAGE_KINDS = ['config', 'shim', 'cgroups', 'calls', 'chain', 'lineage', 'birth'] as const;
export type PageKind = (typeof PAGE_KINDS)[number];

/** Titles for people: of the panel, and of the links between pages. */
export const PAGE_TITLES: Readonly<Record<PageKind, string>> = {
  config: 'OCI Config',
  shim: 'Shim',
  cgroups: 'Cgroups',
  calls: 'API Calls',
  chain: 'Runtime Chain',
  lineage: 'Lineage',
  birth: 'Birth',
};

/** A text that the host puts on the clipboard when asked by its id. */
export interface Copyable {
  readonly copyId: string;
  readonly text: string;
}

/** Why something is not known, and what would make it known. */
export interface UnknownView {
  readonly why: string;
  readonly remedy: string;
}

/** Where a fact comes from and how to check it. */
export interface ProvenanceView {
  readonly source: string;
  readonly route: Route;
  /** ISO 8601. */
  readonly observedAt: string;
  readonly how: Copyable;
  readonly note?: string;
  /** More direct ways that did not answer, most direct first. */
  readonly better: readonly UnknownView[];
}

/** One labelled fact: a value with its provenance, or why there is none. */
export interface FactView {
  readonly label: string;
  readonly value?: string;
  /** `mono` for what a machine wrote, `time` for ISO 8601. */
  readonly style?: 'text' | 'mono' | 'time';
  readonly provenance?: ProvenanceView;
  readonly unknown?: UnknownView;
  /** One sentence on what this is. */
  readonly help?: string;
}

/** An explanation with its check command made copyable. */
export interface ExplanationView {
  readonly title: string;
  readonly meaning: string;
  readonly valueInWords?: string;
  readonly consequence?: string;
  readonly check?: Copyable;
  readonly references: readonly { readonly label: string; readonly url: string }[];
}

/** What every page says at its top. */
export interface PageHeader {
  readonly containerId: string;
  readonly name: string;
  readonly shortId: string;
  readonly image?: string;
  /** `ended`: no layer knows the container any more, and the page shows what was last read. */
  readonly liveness: 'live' | 'stopped' | 'ended';
  /** The source's own words: "Up 3 minutes". */
  readonly stateText: string;
  /** ISO 8601. */
  readonly observedAt: string;
  /** Of a container in a snapshot. Nothing on its pages is live. */
  readonly snapshot?: SnapshotView;
  /** Of a container on a live host beside this machine: what the host is called, and where its engine listens. */
  readonly far?: { readonly host: string; readonly endpoint: string };
}

/** Which snapshot something is in, when it was taken (ISO 8601), and whether its secrets were left out. */
export interface SnapshotView {
  readonly host: string;
  readonly takenAt: string;
  readonly redacted: boolean;
}

interface Page<K extends PageKind> {
  readonly kind: K;
  readonly header: PageHeader;
}

/** A value of config.json that is no longer in force, and what the engine says now. */
export interface SpecChange {
  /** Keys from the root. */
  readonly path: readonly string[];
  /** Absent when the file does not set it. */
  readonly recorded?: string;
  readonly now: string;
}

export interface ConfigPage extends Page<'config'> {
  /** How config.json was read, or why it could not be. Its value is the path or origin. */
  readonly fact: FactView;
  /** The parsed config.json, secrets masked unless revealed; absent when unknown. */
  readonly document?: unknown;
  /** True when a reader container could hand over the file, if the user wants it. */
  readonly awaitsReader: boolean;
  /** How many values hold a secret. */
  readonly secrets: number;
  readonly revealed: boolean;
  /** Values in force that differ from this file, such as after `docker update`. */
  readonly changes: readonly SpecChange[];
  /** Where the newer values come from. */
  readonly changesProvenance?: ProvenanceView;
}

/** A process as a row of a tree. */
export interface ProcessRow {
  readonly pid: number;
  /** 0 for the root of the tree. */
  readonly depth: number;
  readonly containerPid?: number;
  readonly command: string;
  readonly startedAt?: string;
  readonly state?: string;
  readonly uid?: number;
  readonly role: 'shim' | 'init' | 'exec' | 'child';
}

export interface ShimPage extends Page<'shim'> {
  readonly shimKind: 'containerd-shim' | 'conmon' | 'unknown';
  readonly why: ExplanationView;
  readonly facts: readonly FactView[];
  /** The command line, one word each; empty when unknown. */
  readonly argv: readonly string[];
  readonly argvCopy?: Copyable;
  readonly serves: readonly { readonly runtimeId: string; readonly name?: string; readonly isThis: boolean }[];
  readonly processes: readonly ProcessRow[];
  readonly processesUnknown?: UnknownView;
}

/** One limit, use or event count, ready to show. */
export interface ReadingView {
  /** Unique on the page. */
  readonly key: string;
  /** Absolute path of the file. */
  readonly path: string;
  readonly label: string;
  readonly file: string;
  readonly raw: string;
  /** For people: "64 MiB", "unlimited". */
  readonly shown: string;
  /** Where the value is one number. */
  readonly value?: number;
  readonly unit: CgroupReading['unit'];
  readonly role: CgroupReading['role'];
  readonly effective?: { readonly shown: string; readonly path: string };
  readonly how: Copyable;
  readonly meaning?: string;
  /** Who set it, and whether it is in force. */
  readonly lineage?: LineageRowView;
}

export interface ControllerView {
  readonly name: string;
  readonly controllers: string;
  readonly version: 1 | 2;
  readonly cgroupPath: string;
  readonly directory?: string;
  readonly readings: readonly ReadingView[];
}

export interface CgroupsPage extends Page<'cgroups'> {
  readonly fact: FactView;
  readonly mode?: CgroupMode;
  readonly modeMeaning?: string;
  readonly controllers: readonly ControllerView[];
}

/** What the cgroup files say at one moment, or why they could not be read. */
export interface UsageSample {
  /** Unix milliseconds. */
  readonly atMs: number;
  readonly values: readonly { readonly key: string; readonly value: number; readonly shown: string }[];
  readonly problem?: UnknownView;
}

export interface CallView {
  readonly seq: number;
  readonly from: Party;
  readonly to: Party;
  readonly protocol: 'http' | 'grpc' | 'ttrpc' | 'exec' | 'syscall';
  readonly method: string;
  readonly target: string;
  readonly evidence: Evidence;
  readonly because: string;
  readonly at?: string;
  readonly meaning: string;
  /** Indented JSON. */
  readonly payload?: string;
  readonly defaults?: string;
  readonly copies: readonly (Copyable & { readonly label: string })[];
  readonly explanation?: ExplanationView;
}

/** Something that was seen to happen. */
export interface ObservedCallView {
  /** ISO 8601 to the microsecond. */
  readonly at: string;
  /** Since the first row. */
  readonly offset: string;
  readonly source: string;
  readonly what: string;
  /** Indented JSON, or a command line. */
  readonly payload?: string;
  readonly clock: string;
  readonly precision: string;
}

/** Everything that was seen, by time, and the sources that could not be had. */
export interface ObservedCallsView {
  readonly rows: readonly ObservedCallView[];
  readonly missing: readonly { readonly name: string; readonly why: string }[];
}

export interface CallsPage extends Page<'calls'> {
  readonly calls: readonly CallView[];
  readonly observed: ObservedCallsView;
  readonly revealed: boolean;
  readonly unknown?: UnknownView;
}

/** A link of the chain from the client to the container's first process. */
export interface ChainBox {
  readonly id: string;
  readonly title: string;
  /** What this link does, in a few words. */
  readonly role: string;
  readonly icon: string;
  readonly status: 'running' | 'exited' | 'stopped' | 'failed' | 'unknown';
  readonly statusText: string;
  readonly facts: readonly FactView[];
  /** The page that tells more of it. */
  readonly page?: PageKind;
  /** How it speaks to the next link: "HTTP over unix socket". */
  readonly speaks?: string;
}

export interface ChainPage extends Page<'chain'> {
  readonly boxes: readonly ChainBox[];
}

/** Requested, specified or enforced: a value, or why there is none. */
export interface LineageCell {
  readonly value?: string;
  /** As the kernel writes it, where that differs from how people read it. */
  readonly raw?: string;
  /** The field or file in which it stands. */
  readonly place?: string;
  readonly provenance?: ProvenanceView;
  readonly unknown?: UnknownView;
}

export interface LineageRowView {
  readonly setting: string;
  readonly requested: LineageCell;
  readonly specified: LineageCell;
  readonly enforced: LineageCell;
  readonly verdict: string;
  readonly tone: 'good' | 'attention' | 'bad' | 'neutral';
  readonly because?: string;
}

/** The lineage of one place of config.json. */
export interface PlaceLineageView {
  readonly rows: readonly LineageRowView[];
  /** Of the settings that stand below it the verdicts alone. */
  readonly below: readonly Pick<LineageRowView, 'setting' | 'verdict' | 'tone'>[];
}

export interface LineagePage extends Page<'lineage'> {
  readonly groups: readonly { readonly title: string; readonly rows: readonly LineageRowView[] }[];
}

export interface BirthPage extends Page<'birth'>, BirthBody {}

export type PageModel = ConfigPage | ShimPage | CgroupsPage | CallsPage | ChainPage | LineagePage | BirthPage;

/** True for the name of a page. */
export function isPageKind(value: unknown): value is PageKind {
  return (PAGE_KINDS as readonly unknown[]).includes(value);
}
