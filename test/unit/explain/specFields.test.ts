import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { explainSpecPath } from '../../../src/explain/specPath';
import { FIELD_PLACES } from '../../../src/explain/spec/places';
import {
  fieldOf,
  fieldRows,
  FULL_CONFIG,
  placesIn,
  SPEC_FIELDS,
  specFieldsDocument,
  TABLE_FILE,
} from '../../support/specFields';
import { memberAt } from '../../../src/util/records';

describe('the table of the specification’s fields', () => {
  it('has a row for each field: who sets it, where the kernel shows it or why not, and what it means', () => {
    for (const { field, places, meaning } of fieldRows()) {
      assert.ok(places, `${field} has no entry in src/explain/spec/places.ts`);
      assert.ok(places.origin.length > 4, field);
      assert.ok((places.v1 === undefined) !== (places.none === undefined), `${field}: a file, or why there is none`);
      assert.ok(meaning, `${field} is not explained`);
    }
    assert.ok(SPEC_FIELDS.length > 270);
  });

  it('has no entry for what is no field', () => {
    for (const path of Object.keys(FIELD_PLACES)) assert.ok(SPEC_FIELDS.includes(path), path);
  });

  it('is in docs as the code makes it', () => {
    assert.equal(readFileSync(TABLE_FILE, 'utf8'), specFieldsDocument(), 'npm run spec-fields writes it');
  });

  it('names the setting of the lineage for what an engine can be asked for', () => {
    const lineage = new Map(fieldRows().map((row) => [row.field, row.lineage]));
    assert.deepEqual(lineage.get('linux.resources.memory.limit'), ['Memory limit']);
    assert.deepEqual(lineage.get('process.env.*'), ['each variable']);
    assert.deepEqual(lineage.get('ociVersion'), []);
    // What docker run can set is on the page.
    for (const { field, places, lineage: settings } of fieldRows()) {
      const isLeaf = !SPEC_FIELDS.some((other) => other.startsWith(`${field}.`));
      if (isLeaf && places?.origin.startsWith('docker run') && !NOT_YET.has(field.split('.*')[0] ?? '')) {
        assert.ok(settings.length > 0, `${field} has no lineage`);
      }
    }
  });
});

/** Fields that an option sets and that the page Lineage does not show. */
const NOT_YET: ReadonlySet<string> = new Set([
  // No file of the kernel shows them.
  'annotations',
  'process.consoleSize.height',
  'process.consoleSize.width',
  // Device files, beside the rules for devices, which are shown.
  'linux.devices',
  // Gone from Docker, or of kernels that are built for it.
  'linux.resources.memory.kernel',
  'linux.resources.cpu.realtimePeriod',
  'linux.resources.blockIO.weightDevice',
]);

describe('a config.json that has everything', () => {
  it('has every field of the specification, and no other', () => {
    const fields = new Set(placesIn(FULL_CONFIG).map(fieldOf));
    assert.deepEqual(
      SPEC_FIELDS.filter((field) => !fields.has(field)),
      [],
    );
    assert.deepEqual(
      [...fields].filter((field) => !SPEC_FIELDS.includes(field)),
      [],
    );
  });

  it('is explained at every place', () => {
    for (const place of placesIn(FULL_CONFIG)) {
      const value = place.reduce<unknown>(
        (current, key) => (Array.isArray(current) ? (current as unknown[])[Number(key)] : memberAt(current, key)),
        FULL_CONFIG,
      );
      assert.ok(explainSpecPath(place, value), place.join('.'));
    }
  });
});
