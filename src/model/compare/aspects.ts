import { asStrings, memberAt } from '../../util/records';
import { isKnown, valueOf, type Fact } from '../fact';
import type { ContainerFacts } from '../inspection';
import { shownSetting } from '../lineage/lookup';
import type { LineageRow } from '../lineage/row';
import { maskNamed, maskPayload, maskText } from '../secrets';

/** What of two containers can be compared. */
export const ASPECTS = ['lineage', 'config', 'environment', 'engine'] as const;
export type Aspect = (typeof ASPECTS)[number];

/** A JSON value as it is, to tell whether two are the same, and as it may be shown. Both have the same members. */
export interface Comparable {
  readonly raw: unknown;
  readonly shown: unknown;
}

/** A container at one moment. */
export interface Subject {
  readonly facts: ContainerFacts;
  /** With secrets, for telling differences alone. */
  readonly lineage: readonly LineageRow[];
}

/** One aspect of a container; unknown with the reason where nobody could tell. */
export function aspectOf(aspect: Aspect, { facts, lineage }: Subject, reveal: boolean): Fact<Comparable> {
  switch (aspect) {
    case 'config':
      return masked(facts.ociConfig, reveal);
    case 'engine':
      return masked(facts.engineRecord, reveal);
    case 'environment':
      return isKnown(facts.ociConfig) || isKnown(facts.engineRecord)
        ? { ...firstKnown(facts), value: environment(facts, reveal) }
        : facts.ociConfig;
    case 'lineage':
      return { ...firstKnown(facts), value: settings(lineage, reveal) };
  }
}

function masked(fact: Fact<unknown>, reveal: boolean): Fact<Comparable> {
  if (!isKnown(fact)) return fact;
  return { ...fact, value: { raw: fact.value, shown: reveal ? fact.value : maskPayload(fact.value).value } };
}

/** Whose source the provenance of what is put together names. */
function firstKnown({ ociConfig, engineRecord }: ContainerFacts): {
  source: string;
  how: string;
  observedAt: string;
  route: 'derived';
} {
  const fact = isKnown(ociConfig) ? ociConfig : isKnown(engineRecord) ? engineRecord : undefined;
  return {
    source: fact?.source ?? '',
    how: fact?.how ?? '',
    observedAt: fact?.observedAt ?? '',
    route: 'derived',
  };
}

/** Variables by name, as config.json has them, else as the engine's record has. */
function environment(facts: ContainerFacts, reveal: boolean): Comparable {
  const written = memberAt(valueOf(facts.ociConfig), 'process', 'env');
  const entries = asStrings(written ?? memberAt(valueOf(facts.engineRecord), 'Config', 'Env'));
  const pairs = entries
    .map((entry): [string, string] => {
      const at = entry.indexOf('=');
      return at < 0 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)];
    })
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    raw: Object.fromEntries(pairs),
    shown: Object.fromEntries(pairs.map(([name, value]) => [name, reveal ? value : maskNamed(name, value)])),
  };
}

/** Settings by group and name, each with its columns in words. */
function settings(rows: readonly LineageRow[], reveal: boolean): Comparable {
  return { raw: table(rows, true), shown: table(rows, reveal) };
}

function table(rows: readonly LineageRow[], reveal: boolean): unknown {
  const groups = new Map<string, Record<string, unknown>>();
  for (const { group, setting, requested, specified, enforced, verdict, why } of rows) {
    const show = (value: string): string => shownSetting(setting, value, reveal);
    const settingsOfGroup = groups.get(group) ?? {};
    groups.set(group, settingsOfGroup);
    // A setting may be called __proto__: a variable's name is the container's own affair.
    Object.defineProperty(settingsOfGroup, setting, {
      enumerable: true,
      configurable: true,
      value: {
        // What is not known is left out: it is no value that could differ from another.
        ...(isKnown(requested) ? { requested: show(requested.value.value) } : {}),
        ...(isKnown(specified) ? { specified: show(specified.value.value) } : {}),
        ...(isKnown(enforced) ? { kernel: show(withoutInode(enforced.value.readable)) } : {}),
        ...(verdict === 'unreadable' ? {} : { verdict }),
        why: reveal ? why : maskText(why),
      },
    });
  }
  return Object.fromEntries(groups);
}

/** "its own (4026532323)": the number is another for every container, and says no more than the words. */
function withoutInode(readable: string): string {
  return readable.replace(/ \(\d{10}\)$/, '');
}
