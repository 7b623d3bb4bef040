import assert from 'node:assert/strict';
import type { CgroupReading } from '../../../src/model/cgroup';
import { findingsOf, type ContainerFinding } from '../../../src/model/containerFindings';
import { known, unknown, type Fact } from '../../../src/model/fact';
import { DEFAULT_CAPABILITIES } from '../../../src/model/predictedSpec';

const AT = '2026-01-01T00:00:00.000Z';
const nothing = unknown('It cannot be read.', 'Read it.');
const NAMESPACES = ['network', 'pid', 'ipc', 'uts', 'mount'].map((type) => ({ type }));

function specOf(more: { process?: object; linux?: object; mounts?: object[] } = {}): unknown {
  return {
    process: { capabilities: { bounding: DEFAULT_CAPABILITIES }, ...more.process },
    mounts: more.mounts ?? [],
    linux: { namespaces: NAMESPACES, seccomp: { defaultAction: 'SCMP_ACT_ERRNO' }, ...more.linux },
  };
}

function of(spec: unknown, record: Fact<unknown> = nothing): ContainerFinding[] {
  const ociConfig = known('bundle', spec, '/b/config.json', 'cat /b/config.json', { observedAt: AT });
  return findingsOf({ ociConfig, engineRecord: record, cgroups: nothing });
}

const ids = (findings: readonly ContainerFinding[]): string[] => findings.map(({ id }) => id);

describe('what is worth knowing of a container', () => {
  it('is nothing where nothing is known, and nothing of a container as engines make it', () => {
    assert.deepEqual(findingsOf({ ociConfig: nothing, engineRecord: nothing, cgroups: nothing }), []);
    assert.deepEqual(of(specOf()), []);
  });

  it('has the source, the time and the command of the fact that it follows from', () => {
    const [finding] = of(specOf({ linux: { seccomp: undefined } }));
    assert.equal(finding?.id, 'no-seccomp');
    const { source, how, observedAt, route } = finding?.evidence ?? {};
    assert.deepEqual([source, how, observedAt, route], ['/b/config.json', 'cat /b/config.json', AT, 'bundle']);
  });

  it('is that it is privileged, without what follows from that', () => {
    const spec = specOf({
      process: { capabilities: { bounding: [...DEFAULT_CAPABILITIES, 'CAP_SYS_ADMIN'] } },
      linux: { seccomp: undefined },
    });
    assert.deepEqual(ids(of(spec)), ['more-capabilities', 'no-seccomp']);
    const record = known('docker-api', { HostConfig: { Privileged: true } }, 'inspect', 'docker inspect x');
    const [finding, ...others] = of(spec, record);
    assert.equal(finding?.id, 'privileged');
    assert.equal(finding?.evidence.how, 'docker inspect x');
    assert.deepEqual(others, []);
  });

  it('is which namespaces are the host’s', () => {
    const spec = specOf({
      linux: { namespaces: NAMESPACES.filter(({ type }) => type !== 'network' && type !== 'pid') },
    });
    assert.deepEqual(
      of(spec).map(({ title }) => title),
      ['Shares with the host: network, pid'],
    );
    // Without the list nothing is known of them.
    assert.deepEqual(of(specOf({ linux: { namespaces: undefined } })), []);
  });

  it('is a mounted socket of an engine, and cgroups that may be written', () => {
    const mounts = [
      { source: '/var/run/docker.sock', destination: '/sock', options: ['rbind', 'ro'] },
      { type: 'cgroup', source: 'cgroup', destination: '/sys/fs/cgroup', options: ['nosuid', 'rw'] },
    ];
    assert.deepEqual(ids(of(specOf({ mounts }))), ['engine-socket', 'writable-cgroup']);
    const harmless = [
      { source: '/data/docker.sock.d', destination: '/x' },
      { type: 'cgroup2', destination: '/sys/fs/cgroup', options: ['ro'] },
    ];
    assert.deepEqual(of(specOf({ mounts: harmless })), []);
  });

  it('never fails on a spec of another form', () => {
    for (const spec of [
      null,
      7,
      'x',
      [],
      { mounts: 3, linux: { namespaces: [null, 1] }, process: { capabilities: 1 } },
    ]) {
      assert.ok(Array.isArray(of(spec)));
    }
  });
});

describe('what is worth knowing of a container’s cgroups', () => {
  const reading = (
    file: string,
    label: string,
    value: CgroupReading['value'],
    more: Partial<CgroupReading> = {},
  ): CgroupReading => ({
    file,
    label,
    path: `/sys/fs/cgroup/x/${file}`,
    raw: String(value),
    unit: 'bytes',
    role: 'usage',
    ...(value === undefined ? {} : { value }),
    ...more,
  });

  function inCgroups(...readings: CgroupReading[]): ContainerFinding[] {
    const controllers = [{ name: 'x', controllers: '', version: 2 as const, cgroupPath: '/x', readings }];
    const cgroups = known('cgroupfs', { mode: 'unified' as const, controllers }, 'cgroup file systems', 'cat x');
    return findingsOf({ ociConfig: nothing, engineRecord: nothing, cgroups });
  }

  for (const [limit, used, name] of [
    ['memory.max', 'memory.current', 'v2'],
    ['memory.limit_in_bytes', 'memory.usage_in_bytes', 'v1'],
  ] as const) {
    it(`is the memory limit, where there is none and where use comes near it (${name})`, () => {
      const inUse = (bytes: number): CgroupReading => reading(used, 'Memory in use', bytes);
      assert.deepEqual(ids(inCgroups(reading(limit, 'Memory limit', 'max'), inUse(5))), ['no-memory-limit']);
      assert.deepEqual(ids(inCgroups(reading(limit, 'Memory limit', 100), inUse(89))), []);
      const [near] = inCgroups(reading(limit, 'Memory limit', 100), inUse(90));
      assert.equal(near?.title, 'Uses 90 % of its memory limit');
      // A stricter limit above is the one that counts.
      const above = { effective: { value: 50, path: '/sys/fs/cgroup' } };
      assert.deepEqual(ids(inCgroups(reading(limit, 'Memory limit', 'max', above), inUse(49))), ['near-memory-limit']);
    });
  }

  it('is what was killed for want of memory', () => {
    const killed = (count: number): ContainerFinding[] =>
      inCgroups(reading('memory.events', 'Processes killed for want of memory', count, { unit: 'count' }));
    assert.deepEqual(killed(0), []);
    assert.match(killed(1)[0]?.title ?? '', /^A process was killed/);
    assert.match(killed(3)[0]?.title ?? '', /^3 processes were killed/);
  });

  it('is memory in the three ways that tools count it', () => {
    const [finding] = inCgroups(
      reading('memory.current', 'Memory in use', 64 * 2 ** 20),
      reading('memory.stat', 'File pages not used lately', 24 * 2 ** 20),
      reading('memory.stat', 'Anonymous memory', 16 * 2 ** 20),
    );
    assert.equal(finding?.title, 'Memory in use: 64 MiB, 40 MiB or 16 MiB');
    assert.equal(finding?.evidence.how, 'cat /sys/fs/cgroup/x/memory.current');
  });

  it('is how long it was throttled, whatever the unit of its kernel', () => {
    const throttled = (value: number, unit: 'ns' | 'µs'): string =>
      inCgroups(
        reading('cpu.stat', 'Periods throttled', 4, { unit: 'count' }),
        reading('cpu.stat', 'Time throttled', value, { unit }),
      )[0]?.title ?? '';
    assert.equal(throttled(100_000_000, 'ns'), 'Throttled in 4 periods, for 100 ms in all');
    assert.equal(throttled(100_000, 'µs'), 'Throttled in 4 periods, for 100 ms in all');
  });
});
