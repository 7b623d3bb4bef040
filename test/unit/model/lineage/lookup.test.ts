import assert from 'node:assert/strict';
import { valueOf } from '../../../../src/model/fact';
import { buildLineage } from '../../../../src/model/lineage/buildLineage';
import { lineageAt, lineageOfFile, shownSetting } from '../../../../src/model/lineage/lookup';
import { MASK } from '../../../../src/model/secrets';
import { asArray, asRecord, memberAt } from '../../../../src/util/records';
import { factsOf, readingsOf, RECORDED } from './recorded';

const rowsOf = (name: string): ReturnType<typeof buildLineage> =>
  buildLineage(factsOf(name), { readings: readingsOf(name) });
const settings = (name: string, ...place: string[]): string[] =>
  lineageAt(rowsOf(name), place).rows.map(({ setting }) => setting);

describe('the lineage of a place in config.json', () => {
  const spec = valueOf(factsOf('db-limited').ociConfig);

  it('is that of the field itself', () => {
    assert.deepEqual(settings('db-limited', 'linux', 'resources', 'memory', 'limit'), ['Memory limit']);
    assert.deepEqual(settings('db-limited', 'linux', 'resources', 'cpu', 'quota'), ['CPU quota']);
    assert.deepEqual(settings('db-limited', 'linux', 'resources', 'cpu', 'period'), ['CPU quota']);
    assert.deepEqual(settings('db-limited', 'process', 'user', 'uid'), ['User']);
  });

  it('is for a part of a value that of the value', () => {
    assert.deepEqual(settings('db-limited', 'process', 'args', '0'), ['Command']);
    assert.deepEqual(settings('db-limited', 'process', 'capabilities', 'bounding', '3'), ['Capabilities: bounding']);
  });

  it('is for a member of a list that of this member', () => {
    asArray(memberAt(spec, 'mounts')).forEach((mount, index) => {
      const place = ['mounts', String(index), 'options', '0'];
      const destination = asRecord(mount)?.destination;
      // Its size is a setting of its own.
      const before = destination === '/dev/shm' ? ['Size of /dev/shm'] : [];
      assert.deepEqual(settings('db-limited', ...place), [...before, destination]);
    });
    asArray(memberAt(spec, 'process', 'env')).forEach((entry, index) => {
      assert.deepEqual(settings('db-limited', 'process', 'env', String(index)), [String(entry).split('=')[0]]);
    });
    asArray(memberAt(spec, 'linux', 'namespaces')).forEach((entry, index) => {
      const type = String(memberAt(entry, 'type'));
      assert.deepEqual(settings('db-limited', 'linux', 'namespaces', String(index), 'type'), [`${type} namespace`]);
    });
  });

  it('of a branch names what stands below it', () => {
    const { rows, below } = lineageAt(rowsOf('db-limited'), ['linux', 'resources', 'memory']);
    assert.deepEqual(rows, []);
    assert.deepEqual(
      below.map(({ setting }) => setting),
      [
        ...['Memory limit', 'Memory reservation', 'Memory and swap limit'],
        ...['Kernel memory limit', 'Swappiness', 'OOM killer off'],
      ],
    );
  });

  it('is nothing where no setting stands', () => {
    assert.deepEqual(lineageAt(rowsOf('db-limited'), ['ociVersion']), { rows: [], below: [] });
    assert.deepEqual(lineageAt(rowsOf('db-limited'), ['linux', 'resources', 'memory', 'limits']).rows, []);
    assert.deepEqual(lineageAt([], ['process']), { rows: [], below: [] });
  });

  it('stands, for every row, in a place that config.json has or could have', () => {
    for (const name of RECORDED) {
      for (const row of rowsOf(name)) {
        const specified = valueOf(row.specified);
        assert.ok(specified, row.setting);
        for (const place of specified.places) {
          assert.ok(
            lineageAt(rowsOf(name), place).rows.some(({ setting }) => setting === row.setting) ||
              specified.value === 'not set' ||
              specified.value.startsWith('not listed'),
            `${name}: ${row.setting} at ${place.join('.')}`,
          );
        }
      }
    }
  });
});

describe('the lineage of a file', () => {
  it('is that of the setting that stands in it', () => {
    const rows = rowsOf('db-limited');
    const file = rows.find(({ setting }) => setting === 'Memory limit');
    const path = valueOf(file?.enforced)?.file ?? '';
    assert.match(path, /memory\.max$/);
    assert.deepEqual(
      lineageOfFile(rows, path).map(({ setting }) => setting),
      ['Memory limit'],
    );
    assert.deepEqual(lineageOfFile(rows, '/sys/fs/cgroup/other'), []);
  });
});

describe('a value of a setting', () => {
  it('is masked by its setting’s name and by its form, unless revealed', () => {
    assert.equal(shownSetting('DB_PASSWORD', 'x', false), MASK);
    assert.equal(shownSetting('DB_PASSWORD', 'x', true), 'x');
    assert.equal(shownSetting('Command', 'run --token=abc', false), `run --token=${MASK}`);
    assert.equal(shownSetting('Memory limit', '64 MiB', false), '64 MiB');
  });
});
