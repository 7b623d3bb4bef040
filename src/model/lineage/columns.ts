import { asArray, asRecord, memberAt } from '../../util/records';
import { isHostDefault } from '../apiCalls/createDefaults';
import { daemonDefaults } from '../apiCalls/createRequest';
import { isKnown, known, unknown, valueOf, type Fact, type KnownFact, type UnknownFact } from '../fact';
import type { ContainerFacts } from '../inspection';
import { isPodman, originInCommand } from './podmanCommand';
import type { KernelReadings } from './readings';
import type { EnforcedValue, Origin, Place, RequestedValue, SpecifiedValue } from './row';

/** All that a lineage is made from. */
export interface Sources {
  readonly facts: ContainerFacts;
  /** Absent when there is no process to ask. */
  readonly readings?: KernelReadings;
  /** Other containers' namespaces, by container name: for "shared with". */
  readonly neighbours: ReadonlyMap<string, Readonly<Record<string, number>>>;
  /** True shows values of variables that look secret. */
  readonly reveal: boolean;
}

/**
 * One column of a row: the fact to show, and the value in a form that can be compared. Without the latter nothing was
 * set there, or what was set cannot be compared.
 */
export interface Column<T> {
  readonly fact: Fact<T>;
  readonly canonical?: string;
}

/** The enforced column: `lacking` means that the kernel could be asked and has no such thing. */
export interface EnforcedColumn extends Column<EnforcedValue> {
  readonly lacking?: boolean;
}

/** Turns a value from outside into the form to compare; undefined when it stands for "not set". */
export type Canonical = (value: unknown) => string | undefined;

/** How a canonical value is shown; as it is, unless told otherwise. */
export type Show = (canonical: string) => string;

const asIs: Show = (canonical) => canonical;

/** A record of what was asked for; `cri` marks the config that a kubelet sent. */
export type KnownRequest = KnownFact<unknown> & { readonly cri?: true };
export type RequestFact = KnownRequest | UnknownFact;

/** The engine's record, or the CRI's config where no engine knows the container. */
export function requestOf({ facts }: Sources): RequestFact {
  if (isKnown(facts.engineRecord)) return facts.engineRecord;
  if (isKnown(facts.criRecord)) {
    const config = memberAt(facts.criRecord.value, 'info', 'config');
    if (asRecord(config)) return { ...facts.criRecord, value: config, cri: true as const };
  }
  return facts.engineRecord;
}

/** What was asked for in a field of the engine's record, or of the CRI's config: `linux.resources.cpu_shares`. */
export function requested(
  sources: Sources,
  field: { readonly engine: string; readonly cri?: string },
  canonical: Canonical,
  more: { readonly show?: Show; readonly origin?: Origin } = {},
): Column<RequestedValue> {
  const record = requestOf(sources);
  if (!isKnown(record)) return { fact: record };
  const path = record.cri ? field.cri : field.engine;
  if (path === undefined) return { fact: noCriField(record) };
  const value = canonical(memberAt(record.value, ...path.split('.')));
  return requestedValue(record, path, value, more);
}

/** A requested column of a canonical value that was worked out from several fields. */
export function requestedValue(
  record: KnownRequest,
  field: string,
  canonical: string | undefined,
  { show = asIs, origin = 'request' }: { readonly show?: Show; readonly origin?: Origin } = {},
): Column<RequestedValue> {
  if (record.cri && /^(?:Host)?Config\b/.test(field)) return { fact: noCriField(record) };
  if (canonical === undefined) return { fact: from(record, { field, value: 'not set', origin: 'nobody' }) };
  const who = originInCommand(record.value, field, origin);
  return { fact: from(record, { field, value: show(canonical), origin: who }), canonical };
}

/** Who wanted a member of an engine's `HostConfig`: what is as the engine fills it in counts as its own. */
export function hostOrigin({ facts }: Sources, record: KnownFact<unknown>, member: string): Origin {
  const host = asRecord(memberAt(record.value, 'HostConfig'));
  // Podman's own command tells it apart.
  if (!host || isPodman(record.value)) return 'request';
  return isHostDefault(member, host, daemonDefaults(valueOf(facts.engine)?.info)) ? 'engine' : 'request';
}

/** True for what a kubelet asked for a pod as a whole: only a pod has a uid. Source: cri-api, PodSandboxMetadata. */
export function isSandboxConfig(record: RequestFact): boolean {
  return isKnown(record) && record.cri === true && memberAt(record.value, 'metadata', 'uid') !== undefined;
}

/** What a kubelet cannot ask for. */
function noCriField(record: KnownFact<unknown>): KnownFact<RequestedValue> {
  return {
    ...from(record, { field: 'CRI', value: 'not set', origin: 'nobody' as const }),
    note: 'The CRI has no field for it.',
  };
}

/** What a field of config.json says. */
export function specified(
  sources: Sources,
  path: string,
  canonical: Canonical,
  show: Show = asIs,
): Column<SpecifiedValue> {
  const spec = sources.facts.ociConfig;
  if (!isKnown(spec)) return { fact: spec };
  return specifiedValue(spec, path, canonical(memberAt(spec.value, ...path.split('.'))), show);
}

/**
 * A specified column of a canonical value that was worked out from several fields.
 *
 * @param places where it stands, unless `path` says so itself by names with dots between them
 */
export function specifiedValue(
  spec: KnownFact<unknown>,
  path: string,
  canonical: string | undefined,
  show: Show = asIs,
  places: readonly Place[] = [path.split('.')],
): Column<SpecifiedValue> {
  if (canonical === undefined) return { fact: from(spec, { path, value: 'not set', places }) };
  return { fact: from(spec, { path, value: show(canonical), places }), canonical };
}

/** The place of the member of a list that `is` finds; of the list itself where there is none. */
export function placeInList(list: unknown, path: string, is: (member: unknown) => boolean): readonly Place[] {
  const index = asArray(list).reduce<number>((last, member, at) => (is(member) ? at : last), -1);
  const keys = path.split('.');
  return [index < 0 ? keys : [...keys, String(index)]];
}

/** One of a cgroup's files, and how its text is compared. */
export interface EnforcedFile {
  readonly file: string;
  /** From the file's text; undefined stands for the kernel's default. */
  readonly canonical: (raw: string) => string | undefined;
  readonly show?: Show;
  /** What the default is called; "no limit" unless told otherwise. */
  readonly byDefault?: string;
}

/** The first of these cgroup files that this kernel has. */
export function enforcedFile(sources: Sources, files: readonly EnforcedFile[]): EnforcedColumn {
  const report = sources.facts.cgroups;
  if (!isKnown(report)) return { fact: report };
  for (const { file, canonical, show = asIs, byDefault = 'no limit' } of files) {
    const reading = report.value.controllers
      .flatMap(({ readings }) => readings)
      .find((one) => one.file === file && one.role === 'limit');
    if (!reading) continue;
    const value = canonical(reading.raw);
    return {
      fact: known(
        'cgroupfs',
        { file: reading.path, raw: reading.raw, readable: value === undefined ? byDefault : show(value) },
        reading.path,
        `cat ${reading.path}`,
        { observedAt: report.observedAt },
      ),
      ...(value === undefined ? {} : { canonical: value }),
    };
  }
  const mounted = report.value.controllers.some(({ directory }) => directory !== undefined);
  return {
    fact: unknown(
      mounted
        ? `This cgroup has no file ${files.map(({ file }) => file).join(' or ')}: the kernel lacks it, or the controller is not switched on here.`
        : 'The cgroup hierarchies are not mounted here.',
      'See which controllers there are: cat /proc/PID/cgroup and cgroup.controllers in its folder.',
      'cgroupfs',
    ),
    lacking: mounted,
  };
}

/** A column from a reading of the process. */
export function enforcedReading<T>(
  fact: Fact<T> | undefined,
  raw: (value: T) => string,
  canonical: (value: T) => string | undefined,
  show: Show = asIs,
): EnforcedColumn {
  if (!fact) {
    return { fact: unknown('There is no process of the container to ask.', 'Start the container.', 'procfs') };
  }
  if (!isKnown(fact)) return { fact };
  const value = canonical(fact.value);
  const text = raw(fact.value);
  return {
    fact: from(fact, { file: fact.source, raw: text, readable: value === undefined ? text || 'none' : show(value) }),
    ...(value === undefined ? {} : { canonical: value }),
  };
}

/** A fact of another value with the same provenance. */
export function from<T>(fact: KnownFact<unknown>, value: T): KnownFact<T> {
  const { source, how, observedAt, route, note } = fact;
  return { value, source, how, observedAt, route, ...(note === undefined ? {} : { note }) };
}
