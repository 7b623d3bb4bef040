import assert from 'node:assert/strict';
import { isKnown, unknown, valueOf } from '../../../../src/model/fact';
import { buildLineage } from '../../../../src/model/lineage/buildLineage';
import { LINEAGE_GROUPS } from '../../../../src/model/lineage/row';
import { factsOf, lineageOf, namespacesOf, readingsOf, RECORDED } from './recorded';

const values = (name: string, setting: string): readonly (string | undefined)[] => {
  const row = lineageOf(name)(setting);
  return [valueOf(row.requested)?.value, valueOf(row.specified)?.value, valueOf(row.enforced)?.raw, row.verdict];
};

describe('the lineage of recorded containers (cgroup v2, systemd driver)', () => {
  it('follows every limit that was asked for', () => {
    const mib = (bytes: number): string => `${bytes / 1048576} MiB (${bytes.toLocaleString('en-US')} bytes)`;
    const expected = {
      'Memory limit': [mib(67108864), mib(67108864), '67108864', 'in-force'],
      'Memory reservation': [mib(33554432), mib(33554432), '33554432', 'in-force'],
      'Memory and swap limit': [mib(100663296), mib(100663296), '33554432', 'in-force'],
      'CPU shares': ['512 shares', '512 shares', '20', 'in-force'],
      'CPU quota': [
        '0.5 CPU (50,000 µs in each 100,000 µs)',
        '0.5 CPU (50,000 µs in each 100,000 µs)',
        '50000 100000',
        'in-force',
      ],
      CPUs: ['0', '0', '0', 'in-force'],
      'Memory nodes': ['0', '0', '0', 'in-force'],
      'Process limit': ['100', '100', '100', 'in-force'],
      'Disk weight': ['300', '300', 'default 100', 'not-enforced'],
      'OOM score adjustment': ['200', '200', '200', 'in-force'],
      'Open files': [
        '1024, may be raised to 2048',
        '1024, may be raised to 2048',
        'Max open files: 1024 2048',
        'in-force',
      ],
      Processes: ['512', '512', 'Max processes: 512 512', 'in-force'],
    };
    for (const [setting, row] of Object.entries(expected))
      assert.deepEqual(values('db-limited', setting), row, setting);
    assert.match(lineageOf('db-limited')('CPU shares').why, /before 1\.3\.2/);
  });

  it('says that docker update changed what config.json still says', () => {
    for (const [setting, raw] of [
      ['Memory limit', '50331648'],
      ['Memory and swap limit', '50331648'],
    ] as const) {
      const row = lineageOf('updated')(setting);
      assert.equal(valueOf(row.enforced)?.raw, raw);
      assert.equal(row.verdict, 'in-force');
      assert.match(row.why, /docker update/);
      assert.notEqual(valueOf(row.requested)?.value, valueOf(row.specified)?.value);
    }
    assert.deepEqual(values('updated', 'CPU quota').slice(1), ['not set', '25000 100000', 'in-force']);
    assert.deepEqual(values('updated', 'Process limit'), ['77', 'not set', '77', 'in-force']);
    assert.deepEqual(values('updated', 'CPU shares'), ['256 shares', '256 shares', '10', 'in-force']);
  });

  it('tells what nobody asked for from what is in force', () => {
    assert.equal(lineageOf('web-plain')('Memory limit').verdict, 'unset');
    assert.equal(lineageOf('web-plain')('CPU shares').verdict, 'unset');
    const pids = lineageOf('web-plain')('Process limit');
    assert.equal(pids.verdict, 'unset');
    assert.match(pids.why, /DefaultTasksMax/);
  });

  it('compares all five capability sets with the masks of the process', () => {
    assert.deepEqual(values('worker-caps', 'Capabilities: bounding'), [
      '+NET_BIND_SERVICE +SYS_PTRACE -ALL',
      'net_bind_service, sys_ptrace',
      'CapBnd: 0000000000080400',
      'in-force',
    ]);
    for (const set of ['permitted', 'effective']) {
      const row = lineageOf('worker-caps')(`Capabilities: ${set}`);
      assert.equal(row.verdict, 'differs');
      assert.match(row.why, /user 1000.*ambient set is empty/);
    }
    assert.equal(lineageOf('web-plain')('Capabilities: effective').verdict, 'in-force');
    assert.equal(valueOf(lineageOf('dind-privileged')('Capabilities: bounding').enforced)?.readable, 'all 41');
    assert.equal(lineageOf('dind-privileged')('Capabilities: bounding').verdict, 'in-force');
  });

  it('compares seccomp, AppArmor and no_new_privs', () => {
    assert.equal(lineageOf('web-plain')('Seccomp filter').verdict, 'in-force');
    assert.equal(valueOf(lineageOf('web-plain')('Seccomp filter').enforced)?.raw, 'Seccomp: 2, Seccomp_filters: 1');
    assert.deepEqual(values('dind-privileged', 'Seccomp filter'), [
      'privileged: no filter',
      'no filter',
      'Seccomp: 0, Seccomp_filters: 0',
      'in-force',
    ]);
    assert.deepEqual(values('web-plain', 'AppArmor profile'), [
      'docker-default',
      'docker-default',
      'docker-default (enforce)',
      'in-force',
    ]);
    assert.equal(lineageOf('worker-caps')('No new privileges').verdict, 'in-force');
    assert.equal(lineageOf('web-plain')('No new privileges').verdict, 'unset');
  });

  it('compares user and groups', () => {
    assert.deepEqual(values('worker-caps', 'User'), ['1000', '1000', 'Uid: 1000 1000 1000 1000', 'in-force']);
    assert.deepEqual(values('worker-caps', 'Additional groups'), [
      '2000',
      '1000, 2000',
      'Groups: 1000 2000',
      'in-force',
    ]);
    assert.equal(valueOf(lineageOf('published')('User').requested)?.origin, 'image');
  });

  it('tells whose a namespace is', () => {
    const neighbours = new Map([['web-plain', namespacesOf('web-plain')]]);
    const joined = lineageOf('joined', { readings: readingsOf('joined'), neighbours });
    assert.match(valueOf(joined('network namespace').enforced)?.readable ?? '', /^shared with web-plain/);
    assert.match(valueOf(joined('pid namespace').enforced)?.readable ?? '', /^shared with web-plain/);
    assert.match(valueOf(joined('ipc namespace').enforced)?.readable ?? '', /^its own/);
    assert.equal(joined('network namespace').verdict, 'in-force');
    for (const type of ['network', 'pid', 'ipc', 'uts']) {
      const row = lineageOf('host-view')(`${type} namespace`);
      assert.equal(valueOf(row.requested)?.value, 'host');
      assert.equal(row.verdict, 'in-force');
    }
    assert.equal(
      valueOf(lineageOf('web-plain')('pid namespace').enforced)?.raw,
      `pid:[${namespacesOf('web-plain').pid}]`,
    );
  });

  it('compares mounts and the paths that are hidden or read-only', () => {
    assert.deepEqual(values('ro-files', 'Root file system').slice(0, 2), ['read-only', 'read-only']);
    assert.equal(lineageOf('ro-files')('Root file system').verdict, 'in-force');
    for (const place of ['/data', '/run', '/scratch', '/etc/app.ini', '/var/lib/app', '/proc', '/dev/shm'])
      assert.equal(lineageOf('ro-files')(place).verdict, 'in-force', place);
    assert.match(valueOf(lineageOf('ro-files')('/data').requested)?.value ?? '', /^bind \/srv\/data \(ro\)$/);
    assert.equal(lineageOf('web-plain')('Masked paths').verdict, 'in-force');
    assert.match(lineageOf('web-plain')('Masked paths').why, /this kernel has/);
    assert.equal(lineageOf('web-plain')('Read-only paths').verdict, 'in-force');
    assert.equal(lineageOf('dind-privileged')('Masked paths').verdict, 'unset');
  });

  it('names what the image brings', () => {
    const row = lineageOf('published');
    assert.equal(valueOf(row('Working folder').requested)?.origin, 'image');
    assert.equal(valueOf(row('Command').requested)?.origin, 'image');
    assert.equal(valueOf(row('Stop signal').requested)?.origin, 'image');
    assert.equal(valueOf(row('APP_MODE').requested)?.origin, 'image');
    assert.equal(valueOf(lineageOf('api-secrets')('DB_PASSWORD').requested)?.origin, 'request');
    assert.match(row('Command').why, /replaced itself/);
    assert.equal(valueOf(lineageOf('ro-files')('Working folder').requested)?.origin, 'request');
  });

  it('says when the stop signal does nothing', () => {
    assert.equal(lineageOf('web-plain')('Stop signal').verdict, 'not-enforced');
    // In the host's PID namespace it is not PID 1: the signal's default action ends it.
    assert.equal(lineageOf('host-view')('Stop signal').verdict, 'in-force');
  });

  it('knows the scope that the systemd driver makes', () => {
    for (const name of RECORDED) {
      const row = lineageOf(name)('Cgroup');
      assert.equal(row.verdict, 'in-force', name);
      assert.match(row.why, /scope docker-[0-9a-f]{64}\.scope/);
    }
  });

  it('masks secrets unless they are revealed', () => {
    const facts = factsOf('api-secrets');
    const readings = readingsOf('api-secrets');
    const text = JSON.stringify(buildLineage(facts, { readings }));
    const record = JSON.stringify(valueOf(facts.engineRecord));
    const secret = /"DB_PASSWORD=([^"]+)"/.exec(record)?.[1];
    assert.ok(secret && record.includes(secret));
    assert.ok(!text.includes(secret));
    assert.ok(JSON.stringify(buildLineage(facts, { readings, reveal: true })).includes(secret));
  });

  it('gives a remedy for every value that cannot be read', () => {
    for (const name of RECORDED) {
      for (const row of buildLineage(factsOf(name), { readings: readingsOf(name) })) {
        assert.ok(row.why.endsWith('.'), `${row.setting}: ${row.why}`);
        if (row.verdict === 'unreadable') {
          assert.ok(!isKnown(row.enforced), row.setting);
          assert.notEqual(row.enforced.remedy, '');
        }
      }
    }
  });

  it('finds nothing changed by hand, as nothing was', () => {
    for (const name of RECORDED) {
      const changed = buildLineage(factsOf(name), { readings: readingsOf(name) }).filter(({ why }) =>
        /by hand/.test(why),
      );
      assert.deepEqual(
        changed.map(({ setting }) => setting),
        [],
        name,
      );
    }
  });

  it('keeps the groups in order and each setting once', () => {
    for (const name of RECORDED) {
      const rows = buildLineage(factsOf(name), { readings: readingsOf(name) });
      const ranks = rows.map(({ group }) => LINEAGE_GROUPS.indexOf(group));
      assert.deepEqual(
        ranks,
        [...ranks].sort((a, b) => a - b),
      );
      const names = rows.map(({ group, setting }) => `${group}/${setting}`);
      assert.equal(new Set(names).size, names.length, name);
    }
  });

  it('has a row for every setting also when nothing at all is known', () => {
    const nothing = unknown('It cannot be read.', 'Start the container.');
    const facts = Object.fromEntries(Object.keys(factsOf('web-plain')).map((key) => [key, nothing]));
    const rows = buildLineage(facts as unknown as ReturnType<typeof factsOf>);
    assert.ok(rows.length > 35);
    for (const { verdict, why, setting } of rows) {
      assert.equal(verdict, 'unreadable', setting);
      assert.notEqual(why, '');
    }
  });
});
