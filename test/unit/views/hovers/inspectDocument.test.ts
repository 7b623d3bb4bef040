import assert from 'node:assert/strict';
import { known } from '../../../../src/model/fact';
import { buildLineage } from '../../../../src/model/lineage/buildLineage';
import { lineageOfRequest } from '../../../../src/model/lineage/lookup';
import { inspectPlace, mayBeInspect } from '../../../../src/views/hovers/inspectDocument';
import { parseDocument, placeAt } from '../../../../src/views/hovers/jsonPath';
import { asArray, memberAt } from '../../../../src/util/records';
import { factsOf, readingsOf } from '../../model/lineage/recorded';

const facts = factsOf('db-limited');
const record = 'value' in facts.engineRecord ? facts.engineRecord.value : undefined;
const id = String(memberAt(record, 'Id'));

describe('what docker inspect printed', () => {
  const list = JSON.stringify([record], undefined, 4);
  const single = JSON.stringify(record, undefined, 4);
  const placeOf = (text: string, part: string): ReturnType<typeof inspectPlace> => {
    const root = parseDocument(text);
    return inspectPlace(root, placeAt(root, text.indexOf(part) + 1));
  };

  it('is recognised by its content, as a list and as one record', () => {
    for (const text of [list, single]) {
      assert.ok(mayBeInspect(text.slice(0, 400)));
      const place = placeOf(text, '"NanoCpus"');
      assert.equal(place?.containerId, id);
      assert.deepEqual(place?.path, ['HostConfig', 'NanoCpus']);
    }
  });

  it('is nothing else', () => {
    assert.ok(!mayBeInspect('{"name": "package", "version": "1.0.0"}'));
    assert.ok(!mayBeInspect('plain text'));
    assert.equal(placeOf('{"Id": "x", "HostConfig": {"Memory": 1}, "Config": {}}', '"Memory"'), undefined);
    assert.equal(placeOf('[1, 2]', '1'), undefined);
    assert.equal(placeOf('', ''), undefined);
  });

  it('leads from each field to its settings', () => {
    const rows = buildLineage(facts, { readings: readingsOf('db-limited') });
    const settings = (...path: string[]): string[] => lineageOfRequest(rows, path).map(({ setting }) => setting);
    assert.deepEqual(settings('HostConfig', 'Memory'), ['Memory limit']);
    assert.deepEqual(settings('HostConfig', 'CapAdd', '0'), [
      'Capabilities: bounding',
      'Capabilities: permitted',
      'Capabilities: effective',
      'Capabilities: inheritable',
      'Capabilities: ambient',
    ]);
    assert.ok(settings('HostConfig', 'Privileged').includes('Seccomp filter'));
    assert.deepEqual(settings('Config', 'User'), ['User', 'Group']);
    assert.deepEqual(settings('HostConfig', 'Nonsense'), []);
    const [variable = ''] = asArray(memberAt(record, 'Config', 'Env')).map(String);
    assert.deepEqual(settings('Config', 'Env', variable), [variable.split('=')[0]]);
  });

  it('leads to the settings of a lone field as well', () => {
    const rows = buildLineage({ ...facts, engineRecord: known('docker-api', { HostConfig: { CpuQuota: 1 } }, '', '') });
    assert.deepEqual(
      lineageOfRequest(rows, ['HostConfig', 'CpuPeriod']).map(({ setting }) => setting),
      ['CPU quota'],
    );
  });
});
