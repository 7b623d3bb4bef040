import { asArray, asRecord, asString, memberAt } from '../../util/records';
import { differencesOf, type Difference } from '../compare/differences';
import { isKnown, known, unknown, valueOf } from '../fact';
import type { ContainerFacts } from '../inspection';
import { buildLineage } from '../lineage/buildLineage';
import { requestPlaces, shownSetting } from '../lineage/lookup';
import type { LineageRow } from '../lineage/row';
import { maskPayload } from '../secrets';
import type { AskedRecord } from './record';

/** A setting that a Compose file asks for and the container has otherwise, or the other way round. */
export interface SettingDifference {
  readonly setting: string;
  /** As the file asks for it, for people; absent where it does not. */
  readonly asked?: string;
  /** What the container has; absent where it has no such thing. */
  readonly row?: LineageRow;
  /** True when both are masked, and differ. */
  readonly hidden: boolean;
}

/** What a container has otherwise than its Compose file asks. */
export interface ComposeDifferences {
  readonly settings: readonly SettingDifference[];
  /** Of what has no lineage: image, command, labels, ports, mounts and the like. */
  readonly members: readonly Difference[];
}

/** One set stands for all five: they are asked for at once. */
const OTHER_SETS = /^Capabilities: (?!bounding$)/;
/** Settings that Compose or the engine chooses where a file says nothing. */
const CHOSEN_BY_OTHERS = /namespace$|^(?:OCI runtime|Command|Cgroup|Host name)$/;

/** @param rows the container's lineage, unmasked: differences are told of what is, and shown as it may be */
export function composeDifferences(
  facts: ContainerFacts,
  rows: readonly LineageRow[],
  asked: AskedRecord,
  reveal: boolean,
): ComposeDifferences {
  return { settings: settingDifferences(facts, rows, asked, reveal), members: memberDifferences(facts, asked, reveal) };
}

function settingDifferences(
  facts: ContainerFacts,
  rows: readonly LineageRow[],
  { record, unread }: AskedRecord,
  reveal: boolean,
): readonly SettingDifference[] {
  const askedRows = new Map(askedLineage(facts, record).map((row) => [row.setting, row]));
  const variables = new Set(unread.flatMap(({ key }) => key.replace(/^environment\./, '')));
  const fromFiles = unread.some(({ key }) => key === 'env_file' || key === 'extends');
  const settings = new Set([...rows.map(({ setting }) => setting), ...askedRows.keys()]);
  return [...settings].flatMap((setting): SettingDifference[] => {
    if (OTHER_SETS.test(setting)) return [];
    const row = rows.find((one) => one.setting === setting);
    const wish = valueOf(askedRows.get(setting)?.requested);
    const have = valueOf(row?.requested);
    // What the file says in words counts, also where the engine would have filled in the same.
    const isAsked =
      wish !== undefined &&
      (wish.origin === 'request' ||
        (wish.origin === 'engine' &&
          requestPlaces(wish.field).some((place) => memberAt(record, ...place) !== undefined)));
    if (row?.group === 'Environment' && (variables.has(setting) || (fromFiles && !isAsked))) return [];
    if (row?.group === 'Files' && setting !== 'Root file system') return [];
    const difference = {
      setting,
      ...(isAsked ? { asked: shownSetting(setting, wish.value, reveal) } : {}),
      ...(row ? { row } : {}),
      hidden:
        isAsked &&
        have !== undefined &&
        wish.value !== have.value &&
        shownSetting(setting, wish.value, reveal) === shownSetting(setting, have.value, reveal),
    };
    if (!isAsked) {
      const isOwn = have?.origin === 'request' && !CHOSEN_BY_OTHERS.test(setting) && unread.length === 0;
      return isOwn ? [difference] : [];
    }
    const isElsewhere = row?.verdict === 'differs' || row?.verdict === 'not-enforced';
    return !row || isElsewhere || (have && !isSame(setting, wish.value, have.value)) ? [difference] : [];
  });
}

/** What the lineage would say of what the file asks for, in the same words as of the container's own record. */
function askedLineage(facts: ContainerFacts, record: AskedRecord['record']): readonly LineageRow[] {
  const nothing = unknown('A Compose file says only what is asked for.', 'See the container’s own lineage.');
  const { engineImage, engine } = facts;
  const without: ContainerFacts = {
    ...(Object.fromEntries(Object.keys(facts).map((name) => [name, nothing])) as unknown as ContainerFacts),
    engineImage,
    engine,
    engineRecord: known('derived', record, 'the Compose file', 'docker compose config'),
    // Variables are listed as config.json names them.
    ociConfig: known(
      'derived',
      { process: { env: record.Config['Env'] ?? [] } },
      'the Compose file',
      'docker compose config',
    ),
  };
  return buildLineage(without, { reveal: true });
}

/** Engines write capabilities with their prefix and sorted, people as they like. */
function isSame(setting: string, asked: string, have: string): boolean {
  if (asked === have) return true;
  const words = (text: string): string =>
    text
      .toUpperCase()
      .split(' ')
      .map((word) => word.replace('CAP_', ''))
      .sort()
      .join(' ');
  return setting.startsWith('Capabilities:') && words(asked) === words(have);
}

function memberDifferences(facts: ContainerFacts, { plain }: AskedRecord, reveal: boolean): readonly Difference[] {
  if (!isKnown(facts.engineRecord)) return [];
  const record = facts.engineRecord.value;
  const mounts = Object.fromEntries(
    asArray(memberAt(record, 'Mounts')).flatMap((mount): [string, unknown][] => {
      const destination = asString(memberAt(mount, 'Destination'));
      return destination === undefined ? [] : [[destination, mount]];
    }),
  );
  const have = sameMembers(plain, { ...asRecord(record), Mounts: mounts });
  const shown = (value: unknown): unknown => (reveal ? value : maskPayload(value).value);
  return differencesOf({ raw: plain, shown: shown(plain) }, { raw: have, shown: shown(have) });
}

/** Of a record the members that are asked for. */
function sameMembers(asked: unknown, have: unknown): unknown {
  const [wishes, record] = [asRecord(asked), asRecord(have)];
  if (!wishes || !record) return have;
  return Object.fromEntries(
    Object.keys(wishes)
      .filter((key) => Object.hasOwn(record, key))
      .map((key) => [key, sameMembers(wishes[key], record[key])]),
  );
}
