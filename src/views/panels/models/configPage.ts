import { awaitsReader, isKnown, type KnownFact } from '../../../model/fact';
import { maskSpec } from '../../../model/secrets';
import { predictSpec } from '../../../model/predictedSpec';
import type { ConfigPage, ExplanationView, SpecChange } from '../../../protocol/pages';
import { asRecord, asString, memberAt } from '../../../util/records';
import { counted } from '../../../util/text';
import { factView, provenanceView } from './factViews';
import { formatBytes } from './format';
import { pageHeader } from './header';
import { explanationView, type PageInput } from './input';

/** What an engine can change in a running container. config.json stays as it was at start, so these can part. */
const CHANGEABLE: readonly (readonly string[])[] = [
  ['memory', 'limit'],
  ['memory', 'reservation'],
  ['memory', 'swap'],
  ['cpu', 'shares'],
  ['cpu', 'quota'],
  ['cpu', 'period'],
  ['cpu', 'cpus'],
  ['cpu', 'mems'],
  ['pids', 'limit'],
].map((path) => ['linux', 'resources', ...path]);

/** The page "OCI Config". */
export function configPage(input: PageInput): ConfigPage {
  const { ociConfig, engineRecord } = input.inspection.facts;
  const masked = isKnown(ociConfig) ? maskSpec(ociConfig.value) : undefined;
  const changes = isKnown(ociConfig) && isKnown(engineRecord) ? changesSince(ociConfig, engineRecord) : [];
  return {
    kind: 'config',
    header: pageHeader(input),
    fact: factView('config.json', ociConfig, input.copies, summaryOf),
    ...(isKnown(ociConfig) ? { document: input.reveal ? ociConfig.value : masked?.masked } : {}),
    awaitsReader: awaitsReader(ociConfig),
    secrets: masked?.count ?? 0,
    revealed: input.reveal,
    changes,
    ...(changes.length > 0 && isKnown(engineRecord)
      ? { changesProvenance: provenanceView(engineRecord, input.copies) }
      : {}),
  };
}

/** What the value at a place of config.json means; null where nothing is known of it. */
export function explainConfigValue(input: PageInput, path: readonly string[]): ExplanationView | null {
  const value = configValue(input, path);
  const explanation = value === undefined ? undefined : input.explain.specPath(path, value);
  return explanation === undefined ? null : explanationView(explanation, input.copies);
}

/** The value at a place of config.json, masked unless the page reveals; undefined where there is none. */
export function configValue({ inspection, reveal }: PageInput, path: readonly string[]): unknown {
  const { ociConfig } = inspection.facts;
  if (!isKnown(ociConfig)) return undefined;
  return valueAt(reveal ? ociConfig.value : maskSpec(ociConfig.value).masked, path);
}

/** The member at a path whose keys may also be indexes of arrays. */
export function valueAt(document: unknown, path: readonly string[]): unknown {
  let current = document;
  for (const key of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) return undefined;
    current = (current as Readonly<Record<string, unknown>>)[key];
  }
  return current;
}

function changesSince(config: KnownFact<unknown>, record: KnownFact<unknown>): readonly SpecChange[] {
  const predicted = predictSpec(record.value);
  return CHANGEABLE.flatMap((path) => {
    const recorded = memberAt(config.value, ...path);
    const now = memberAt(predicted, ...path);
    // A value that the record does not hold is unset there, which says nothing of what is in force.
    if (now === undefined || recorded === now) return [];
    return [
      {
        path,
        ...(recorded === undefined ? {} : { recorded: shownSetting(path, recorded) }),
        now: shownSetting(path, now),
      },
    ];
  });
}

function shownSetting(path: readonly string[], value: unknown): string {
  const isBytes = path.includes('memory') && typeof value === 'number' && value > 0;
  return isBytes ? `${formatBytes(value)} (${value})` : String(value);
}

/** A line on the document as a whole. */
function summaryOf(config: unknown): string {
  const version = asString(memberAt(config, 'ociVersion'));
  const sections = Object.keys(asRecord(config) ?? {}).length;
  const size = formatBytes(JSON.stringify(config)?.length ?? 0);
  return [
    ...(version === undefined ? [] : [`OCI runtime-spec ${version}`]),
    counted(sections, 'section'),
    `${size} of JSON`,
  ].join(' · ');
}
