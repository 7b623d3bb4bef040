import assert from 'node:assert/strict';
import fc from 'fast-check';
import { V1_FILES } from '../../../../src/adapters/kernel/cgroupFiles';
import { parseIdMap, parseLimits, parseRights } from '../../../../src/adapters/kernel/readings';
import { known, unknown } from '../../../../src/model/fact';
import type { ContainerFacts } from '../../../../src/model/inspection';
import { buildLineage } from '../../../../src/model/lineage/buildLineage';
import { cpuList } from '../../../../src/model/lineage/canonical';
import { idInside } from '../../../../src/model/lineage/readings';
import type { LineageRow } from '../../../../src/model/lineage/row';
import { factsOf, readingsOf } from './recorded';

const fact = <T>(value: T): ReturnType<typeof known<T>> => known('procfs', value, 'test', 'true');

/** A lineage of a request, a spec's resources and cgroup v1 files. */
function v1(
  host: unknown,
  resources: unknown,
  files: Readonly<Record<string, string>>,
): (setting: string) => LineageRow {
  const facts: ContainerFacts = {
    ...factsOf('web-plain'),
    engineRecord: fact({ HostConfig: host, Config: {} }),
    ociConfig: fact({ linux: { resources } }),
    cgroups: fact({
      mode: 'legacy' as const,
      controllers: Object.entries(V1_FILES).map(([name, list]) => ({
        controllers: name,
        name,
        version: 1 as const,
        cgroupPath: '/docker/x',
        directory: `/sys/fs/cgroup/${name}/docker/x`,
        readings: list.flatMap(({ file, label, unit, role }) => {
          const raw = files[file];
          return raw === undefined
            ? []
            : [{ file, label, unit, role, path: `/sys/fs/cgroup/${name}/docker/x/${file}`, raw }];
        }),
      })),
    }),
  };
  const rows = buildLineage(facts, { readings: readingsOf('web-plain') });
  return (setting) => rows.find((row) => row.setting === setting)!;
}

describe('verdicts', () => {
  it('follow cgroup v1 files', () => {
    const row = v1(
      { Memory: 67108864, MemorySwap: 134217728, CpuShares: 512, NanoCpus: 5e8, CpusetCpus: '0,1', PidsLimit: 20 },
      {
        memory: { limit: 67108864, swap: 134217728 },
        cpu: { shares: 512, quota: 50000, period: 100000, cpus: '0-1' },
        pids: { limit: 20 },
      },
      {
        'memory.limit_in_bytes': '67108864',
        'memory.memsw.limit_in_bytes': '134217728',
        'cpu.shares': '512',
        'cpu.cfs_quota_us': '50000',
        'cpu.cfs_period_us': '100000',
        'cpuset.cpus': '0-1',
        'pids.max': '20',
      },
    );
    for (const setting of ['Memory limit', 'Memory and swap limit', 'CPU shares', 'CPU quota', 'CPUs', 'Process limit'])
      assert.equal(row(setting).verdict, 'in-force', setting);
    assert.match(row('Memory and swap limit').why, /Twice the memory limit/);
  });

  it('say that the kernel lacks a file', () => {
    const row = v1(
      { Memory: 1048576, MemorySwap: 2097152, BlkioWeight: 300 },
      {},
      { 'memory.limit_in_bytes': '1048576' },
    );
    assert.equal(row('Memory and swap limit').verdict, 'not-enforced');
    assert.match(row('Memory and swap limit').why, /no file/);
    assert.equal(row('Disk weight').verdict, 'not-enforced');
    assert.equal(row('CPUs').verdict, 'unset');
  });

  it('notice what was changed by hand', () => {
    const files = { 'memory.limit_in_bytes': '33554432', 'pids.max': 'max', 'cpu.shares': '1024' };
    const row = v1({ Memory: 67108864, PidsLimit: 20 }, { memory: { limit: 67108864 }, pids: { limit: 20 } }, files);
    assert.equal(row('Memory limit').verdict, 'differs');
    assert.match(row('Memory limit').why, /by hand/);
    assert.equal(row('Process limit').verdict, 'not-enforced');
    const unasked = v1({}, {}, { 'memory.limit_in_bytes': '33554432' });
    assert.equal(unasked('Memory limit').verdict, 'differs');
    assert.match(unasked('Memory limit').why, /Neither the request/);
  });

  it('name rounding as the reason', () => {
    const row = v1({ Memory: 67108865 }, { memory: { limit: 67108865 } }, { 'memory.limit_in_bytes': '67108864' });
    assert.equal(row('Memory limit').verdict, 'differs');
    assert.match(row('Memory limit').why, /whole pages/);
    const quota = v1(
      { CpuQuota: 50100, CpuPeriod: 100000 },
      { cpu: { quota: 50100, period: 100000 } },
      { 'cpu.cfs_quota_us': '51000', 'cpu.cfs_period_us': '100000' },
    );
    assert.match(quota('CPU quota').why, /rounds quotas up/);
  });

  it('say when the engine’s record is ahead of the kernel', () => {
    const row = v1({ Memory: 50331648 }, { memory: { limit: 67108864 } }, { 'memory.limit_in_bytes': '67108864' });
    assert.equal(row('Memory limit').verdict, 'differs');
    assert.match(row('Memory limit').why, /has not reached the kernel/);
  });

  it('compare disk limits although the engine names devices by path', () => {
    const row = v1(
      { BlkioDeviceReadBps: [{ Path: '/dev/vda', Rate: 1048576 }] },
      { blockIO: { throttleReadBpsDevice: [{ major: 254, minor: 0, rate: 1048576 }] } },
      { 'blkio.throttle.read_bps_device': '254:0 1048576' },
    );
    assert.equal(row('Read limit').verdict, 'in-force');
    assert.doesNotMatch(row('Read limit').why, /docker update/);
  });

  it('compare device rules with devices.list', () => {
    const rules = [
      { allow: false, access: 'rwm' },
      { allow: true, type: 'c', major: 1, minor: 3, access: 'rwm' },
      { allow: true, type: 'c', major: 10, minor: 229, access: 'rwm' },
      { allow: false, type: 'c', major: 10, minor: 229, access: 'rwm' },
    ];
    const row = v1({}, { devices: rules }, { 'devices.list': 'c *:* m\nb *:* m\nc 1:3 rwm\nc 136:* rwm' });
    assert.equal(row('Devices').verdict, 'in-force');
    assert.equal(valueOfSpecified(row('Devices')), 'c 1:3 rwm');
    const missing = v1({}, { devices: rules }, { 'devices.list': 'c 1:5 rwm' });
    assert.equal(missing('Devices').verdict, 'differs');
    const all = v1(
      { Privileged: true },
      { devices: [{ allow: true, access: 'rwm' }] },
      { 'devices.list': 'a *:* rwm' },
    );
    assert.equal(all('Devices').verdict, 'in-force');
  });

  it('follow the config of a kubelet where no engine is', () => {
    const facts: ContainerFacts = {
      ...factsOf('db-limited'),
      engineRecord: unknown('No engine knows it.', 'None.'),
      criRecord: fact({
        info: {
          config: {
            linux: { resources: { memory_limit_in_bytes: '67108864', cpu_shares: '512', oom_score_adj: '200' } },
          },
        },
      }),
    };
    const rows = buildLineage(facts, { readings: readingsOf('db-limited') });
    const memory = rows.find(({ setting }) => setting === 'Memory limit');
    assert.equal(memory?.verdict, 'in-force');
    assert.equal(
      memory && 'value' in memory.requested && memory.requested.value.field,
      'linux.resources.memory_limit_in_bytes',
    );
  });

  it('are found for any record and spec without failing', () => {
    const anyRecord = fc.record({
      HostConfig: fc.anything(),
      Config: fc.anything(),
      Mounts: fc.anything(),
      Path: fc.anything(),
    });
    fc.assert(
      fc.property(
        anyRecord,
        fc.record({ process: fc.anything(), linux: fc.anything(), mounts: fc.anything() }),
        (record, spec) => {
          const rows = buildLineage(
            {
              ...factsOf('db-limited'),
              engineRecord: fact<unknown>(record),
              ociConfig: fact<unknown>(spec),
              engineImage: fact<unknown>(record),
            },
            { readings: readingsOf('db-limited') },
          );
          assert.ok(rows.length > 35);
        },
      ),
      { numRuns: 200 },
    );
  });
});

function valueOfSpecified(row: LineageRow): string | undefined {
  return 'value' in row.specified ? row.specified.value.value : undefined;
}

describe('readings of the kernel', () => {
  it('come from the text of /proc files, whatever that is', () => {
    assert.deepEqual(
      parseLimits(
        'Limit   Soft Limit\nMax open files            1024                 2048                 files     \nMax cpu time              unlimited            unlimited            seconds   \n',
      ),
      [
        { name: 'Max open files', soft: '1024', hard: '2048' },
        { name: 'Max cpu time', soft: 'unlimited', hard: 'unlimited' },
      ],
    );
    assert.deepEqual(parseIdMap('         0     100000      65536\n'), [{ inside: 0, outside: 100000, count: 65536 }]);
    assert.equal(idInside([{ inside: 0, outside: 100000, count: 65536 }], 101000), 1000);
    assert.equal(idInside([{ inside: 0, outside: 100000, count: 65536 }], 5), undefined);
    fc.assert(
      fc.property(fc.string(), (text) => {
        parseLimits(text);
        parseIdMap(text);
        parseRights(text);
      }),
    );
  });

  it('write lists of CPUs in one form', () => {
    assert.equal(cpuList('2,0-1'), '0-2');
    assert.equal(cpuList('0'), '0');
    assert.equal(cpuList(''), undefined);
    assert.equal(cpuList('nonsense'), 'nonsense');
  });
});
