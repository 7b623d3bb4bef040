import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { explainSpecPath } from '../../src/explain/specPath';
import { placesOf, type FieldPlaces } from '../../src/explain/spec/places';
import { known } from '../../src/model/fact';
import type { ContainerFacts } from '../../src/model/inspection';
import { buildLineage } from '../../src/model/lineage/buildLineage';
import { lineageAt } from '../../src/model/lineage/lookup';
import { emptyInspection } from '../../src/store/inspector';
import { asArray, asRecord, memberAt } from '../../src/util/records';

/*
 * The table of docs/spec-fields.md, made from the code. `npm run spec-fields` writes it; a test fails when it is not what the
 * code says, or when a field of the published specification has no row.
 */

const FIXTURES = join(__dirname, '../fixtures/oci');
export const TABLE_FILE = join(__dirname, '../../docs/spec-fields.md');

/** Every field of the specification, `*` for any index or key. */
export const SPEC_FIELDS: readonly string[] = readFileSync(join(FIXTURES, 'runtime-spec-1.3.0.txt'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));

/** A config.json that has every field. */
export const FULL_CONFIG: unknown = JSON.parse(readFileSync(join(FIXTURES, 'full-config.json'), 'utf8'));

/** Every place of a document, keys from the root, indices as digits. */
export function placesIn(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  const record = asRecord(value);
  const members: [string, unknown][] = record
    ? Object.entries(record)
    : asArray(value).map((member, index) => [String(index), member]);
  return [...(path.length > 0 ? [path] : []), ...members.flatMap(([key, member]) => placesIn(member, [...path, key]))];
}

/** The members of these are named by who writes config.json. */
const MAPS = /^(?:annotations|linux\.sysctl|linux\.resources\.unified|linux\.netDevices|linux\.resources\.rdma)$/;

/** The field of the specification that a place of a document is. */
export function fieldOf(place: readonly string[]): string {
  return place.reduce((field, key) => {
    const any = /^\d+$/.test(key) || MAPS.test(field);
    return `${field === '' ? '' : `${field}.`}${any ? '*' : key}`;
  }, '');
}

export interface FieldRow {
  readonly field: string;
  readonly places: FieldPlaces | undefined;
  readonly meaning: string | undefined;
  /** Settings of the page Lineage that stand there. */
  readonly lineage: readonly string[];
}

/** One row for each field of the specification. */
export function fieldRows(): readonly FieldRow[] {
  const lineage = lineageByField();
  return SPEC_FIELDS.map((field) => ({
    field,
    places: placesOf(field),
    meaning: explainSpecPath(
      field.split('.').map((part) => (part === '*' ? '0' : part)),
      undefined,
    )?.meaning,
    lineage: lineage.get(field) ?? [],
  }));
}

/** What the lineage of the full config.json says at each of its places. */
function lineageByField(): ReadonlyMap<string, readonly string[]> {
  const nothing = emptyInspection('id', 'full', 'Not asked.', 'Ask.').facts;
  const facts: ContainerFacts = { ...nothing, ociConfig: known('bundle', FULL_CONFIG, 'full-config.json', 'cat') };
  // A process has one security module: where both are written, the page shows SELinux.
  const { selinuxLabel: _, ...process } = asRecord(memberAt(FULL_CONFIG, 'process')) ?? {};
  const appArmor = known('bundle', { ...asRecord(FULL_CONFIG), process }, 'full-config.json', 'cat');
  const rows = [
    ...buildLineage(facts),
    ...buildLineage({ ...facts, ociConfig: appArmor }).filter(({ setting }) => setting === 'AppArmor profile'),
  ];
  const found = new Map<string, string[]>();
  for (const place of placesIn(FULL_CONFIG)) {
    const field = fieldOf(place);
    const settings = lineageAt(rows, place).rows.map(({ setting }) => generic(setting));
    found.set(field, [...new Set([...(found.get(field) ?? []), ...settings])]);
  }
  return found;
}

/** Settings that are named by the container's own words. */
function generic(setting: string): string {
  if (/^(?:PATH|DB_PASSWORD)$/.test(setting)) return 'each variable';
  if (setting === '/data') return 'each mount';
  if (setting === 'net.core.somaxconn') return 'each kernel setting';
  if (setting === 'memory.high') return 'each file';
  if (setting === 'Open files') return 'each limit';
  if (setting.endsWith(' namespace')) return 'each namespace';
  return setting;
}

/** The whole document. */
export function specFieldsDocument(): string {
  const lines = fieldRows().map(({ field, places, meaning, lineage }) => {
    const kernel = places?.v1;
    const v2 = places?.v2 ?? kernel;
    return [
      `\`${field}\``,
      places?.origin,
      kernel ?? `– ${places?.none ?? ''}`,
      kernel === undefined ? '–' : v2 === kernel ? 'the same' : v2,
      lineage.length > 0 ? lineage.join(', ') : '–',
      meaning,
    ]
      .map((cell) => (cell ?? '').replaceAll('|', '\\|'))
      .join(' | ');
  });
  return `# Every field of the OCI runtime specification

Made by \`npm run spec-fields\` from what the explorer itself knows (\`src/explain/spec\`, \`src/model/lineage\`); a unit test fails when
it is not up to date, or when a field has no row. The fields are those of specification 1.3.0, without other platforms than Linux; \`*\`
stands for any index or key. Cgroup files are relative to the container’s own cgroup, PID is its first process.

*Lineage* names the settings of the page Lineage that stand in the field; – where it is only explained.

| Field | Set by | Kernel, with cgroup v1 | Kernel, with cgroup v2 | Lineage | Meaning |
| --- | --- | --- | --- | --- | --- |
${lines.map((line) => `| ${line} |`).join('\n')}
`;
}

if (require.main === module) writeFileSync(TABLE_FILE, specFieldsDocument());
