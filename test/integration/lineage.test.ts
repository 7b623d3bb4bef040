import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readCgroupReport } from '../../src/adapters/kernel/cgroupReport';
import { readNamespaces } from '../../src/adapters/kernel/namespaces';
import { readStat } from '../../src/adapters/kernel/procTable';
import { readKernelReadings } from '../../src/adapters/kernel/readings';
import { known, unknown, valueOf } from '../../src/model/fact';
import type { ContainerFacts } from '../../src/model/inspection';
import { buildLineage, kernelPathsOf } from '../../src/model/lineage/buildLineage';
import type { LineageRow } from '../../src/model/lineage/row';
import { asArray, asNumber, asString, memberAt } from '../../src/util/records';
import { parseJsonExact } from '../../src/util/json';
import { startLab, type Lab } from '../lab/lab';
import { samplesFor, startSample } from '../lab/samples';
import { printed } from '../support/groundTruth';

/** Samples that say something about lineage; those that others need come first. */
const SAMPLES = [
  ...['plain', 'memory', 'memory-reservation', 'cpus', 'cpu-shares', 'cpu-quota', 'cpuset', 'pids-limit', 'block-io'],
  ...['ulimit', 'cap-add', 'cap-drop', 'no-new-privileges', 'seccomp-unconfined', 'read-only', 'user', 'group-add'],
  ...['device', 'host-pid', 'shared-pid', 'tmpfs', 'bind-read-only', 'workdir', 'secrets', 'entrypoint', 'tty'],
  'cgroup-parent',
];

describe('the lineage of real containers', () => {
  let lab: Lab;
  const lineages = new Map<string, readonly LineageRow[]>();
  const pids = new Map<string, number>();

  before(async () => {
    lab = await startLab();
    const samples = samplesFor(lab);
    for (const name of SAMPLES) {
      const sample = samples.find((one) => one.name === name);
      assert.ok(sample, `the lab has a sample ${name}`);
      await startSample(lab, sample);
    }
    await startSample(lab, {
      name: 'updated',
      shows: 'limits that were changed later',
      options: ['--network=none', '--memory=64m', '--memory-swap=96m', '--cpu-shares=512'],
      command: ['sleep', '36000'],
      then: [['update', '--memory=48m', '--memory-swap=80m', '--cpu-shares=256', '--pids-limit=30', 'updated']],
      expect: { status: 'running' },
    });
    for (const name of [...SAMPLES, 'updated']) lineages.set(name, await lineageOf(name));
  });
  after(() => lab?.stop());

  /** All facts by plain routes: the docker command line, files of the bundle, /proc and the cgroup files. */
  async function lineageOf(name: string): Promise<readonly LineageRow[]> {
    const [record] = asArray(JSON.parse(await lab.mustDocker(['inspect', '--type=container', name])));
    const [image] = asArray(JSON.parse(await lab.mustDocker(['image', 'inspect', lab.image])));
    const info: unknown = JSON.parse(await lab.mustDocker(['info', '--format', '{{json .}}']));
    const id = asString(memberAt(record, 'Id')) ?? '';
    const pid = asNumber(memberAt(record, 'State', 'Pid')) ?? 0;
    assert.ok(pid > 0, `${name} runs`);
    pids.set(name, pid);
    const bundle = join(lab.containerdState, 'io.containerd.runtime.v2.task/moby', id);
    const spec = parseJsonExact(await readFile(join(bundle, 'config.json'), 'utf8'));
    const stat = await readStat('/proc', pid);
    assert.ok(stat);
    const nothing = unknown('Not asked here.', 'Ask.');
    const fact = <T>(value: T): ReturnType<typeof known<T>> => known('procfs', value, 'the test', 'true');
    const facts: ContainerFacts = {
      initPid: fact(pid),
      shimPid: nothing,
      cgroupPaths: fact(await cgroupPaths(pid)),
      namespaces: fact(await readNamespaces('/proc', pid)),
      ociConfig: fact(spec),
      bundlePath: fact(bundle),
      runtime: nothing,
      processes: nothing,
      shim: nothing,
      cgroups: fact(await readCgroupReport('/proc', pid)),
      engineRecord: fact(record),
      engineImage: fact(image),
      engineEvents: nothing,
      engine: fact({ endpoint: lab.dockerSocket, apiVersion: '1.41', serverVersion: '', info }),
      runtimeState: nothing,
      containerdRecord: nothing,
      criRecord: nothing,
    };
    const readings = await readKernelReadings('/proc', stat, kernelPathsOf(facts));
    const neighbours = new Map(
      await Promise.all(
        [...pids]
          .filter(([other]) => other !== name)
          .map(async ([other, otherPid]) => [other, await readNamespaces('/proc', otherPid)] as const),
      ),
    );
    return buildLineage(facts, { readings, neighbours });
  }

  async function cgroupPaths(pid: number): Promise<Record<string, string>> {
    const lines = (await printed('cat', `/proc/${pid}/cgroup`)).split('\n').filter(Boolean);
    return Object.fromEntries(
      lines.map((line) => {
        const [, controllers = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
        return [controllers, path];
      }),
    );
  }

  const row = (name: string, setting: string): LineageRow => {
    const found = lineages.get(name)?.find((one) => one.setting === setting);
    assert.ok(found, `${name} has a row ${setting}`);
    return found;
  };
  const pidOf = (name: string): number => pids.get(name) ?? 0;

  it('shows of every cgroup file what cat prints', async () => {
    let compared = 0;
    for (const [name, rows] of lineages) {
      for (const { enforced, setting } of rows) {
        const value = valueOf(enforced);
        if (!value?.file.startsWith('/sys/fs/cgroup/') || setting === 'CPU quota') continue;
        assert.equal(value.raw, (await printed('cat', value.file)).trim(), `${name}: ${setting}`);
        compared++;
      }
    }
    assert.ok(compared > SAMPLES.length);
  });

  it('shows of the process what grep and readlink print', async () => {
    for (const name of lineages.keys()) {
      const pid = pidOf(name);
      const line = async (field: string): Promise<string> =>
        (await printed('grep', `^${field}:`, `/proc/${pid}/status`))
          .trim()
          .split(/[:\s]+/)
          .join(' ');
      const raw = (setting: string): string =>
        (valueOf(row(name, setting).enforced)?.raw ?? '').split(/[:\s]+/).join(' ');
      for (const [set, field] of [
        ['bounding', 'CapBnd'],
        ['permitted', 'CapPrm'],
        ['effective', 'CapEff'],
        ['inheritable', 'CapInh'],
        ['ambient', 'CapAmb'],
      ] as const)
        assert.equal(raw(`Capabilities: ${set}`), await line(field), `${name}: ${set}`);
      assert.equal(raw('User'), await line('Uid'), name);
      assert.equal(raw('Group'), await line('Gid'), name);
      assert.equal(raw('No new privileges'), await line('NoNewPrivs'), name);
      for (const [type, link] of [
        ['pid', 'pid'],
        ['network', 'net'],
        ['mount', 'mnt'],
        ['uts', 'uts'],
        ['ipc', 'ipc'],
      ] as const)
        assert.equal(
          valueOf(row(name, `${type} namespace`).enforced)?.raw,
          (await printed('readlink', `/proc/${pid}/ns/${link}`)).trim(),
          `${name}: ${type}`,
        );
      assert.equal(raw('OOM score adjustment'), (await printed('cat', `/proc/${pid}/oom_score_adj`)).trim(), name);
      assert.equal(
        valueOf(row(name, 'Working folder').enforced)?.raw,
        (await printed('readlink', `/proc/${pid}/cwd`)).trim(),
        name,
      );
    }
  });

  it('finds in force what was asked for', () => {
    const expected: readonly (readonly [name: string, setting: string])[] = [
      ['memory', 'Memory limit'],
      ['memory-reservation', 'Memory reservation'],
      ['cpus', 'CPU quota'],
      ['cpu-shares', 'CPU shares'],
      ['cpu-quota', 'CPU quota'],
      ['cpuset', 'CPUs'],
      ['pids-limit', 'Process limit'],
      ['ulimit', 'Open files'],
      ['ulimit', 'Core file size'],
      ['cap-add', 'Capabilities: bounding'],
      ['cap-add', 'Capabilities: effective'],
      ['cap-drop', 'Capabilities: bounding'],
      ['no-new-privileges', 'No new privileges'],
      ['seccomp-unconfined', 'Seccomp filter'],
      ['plain', 'Seccomp filter'],
      ['read-only', 'Root file system'],
      ['user', 'User'],
      ['user', 'Group'],
      ['group-add', 'Additional groups'],
      ['device', 'Devices'],
      ['plain', 'pid namespace'],
      ['host-pid', 'pid namespace'],
      ['shared-pid', 'pid namespace'],
      ['tmpfs', '/scratch'],
      ['bind-read-only', '/data'],
      ['workdir', 'Working folder'],
      ['secrets', 'LOG_LEVEL'],
      ['secrets', 'DB_PASSWORD'],
      ['plain', 'PATH'],
      ['plain', 'Command'],
      ['plain', 'Masked paths'],
      ['plain', 'Read-only paths'],
      ['tty', 'Terminal'],
      ['plain', 'Terminal'],
      ['plain', 'Cgroup'],
      ['cgroup-parent', 'Cgroup'],
      ['plain', 'Stop signal'],
    ];
    const wrong = expected.flatMap(([name, setting]) => {
      const { verdict, why } = row(name, setting);
      return verdict === 'in-force' ? [] : [`${name}: ${setting} is ${verdict}: ${why}`];
    });
    assert.deepEqual(wrong, []);
  });

  it('sees what docker update changed', () => {
    for (const setting of ['Memory limit', 'CPU shares', 'Process limit']) {
      const { verdict, why } = row('updated', setting);
      assert.equal(verdict, 'in-force', `${setting}: ${why}`);
    }
    assert.match(row('updated', 'Memory limit').why, /docker update/);
    assert.equal(valueOf(row('updated', 'Memory limit').specified)?.value, '64 MiB (67,108,864 bytes)');
    assert.equal(valueOf(row('updated', 'Memory limit').enforced)?.readable, '48 MiB (50,331,648 bytes)');
  });

  it('explains what the kernel took away from a user other than root', async () => {
    const { verdict, why } = row('user', 'Capabilities: effective');
    assert.match(await printed('grep', '^CapEff', `/proc/${pidOf('user')}/status`), /0{16}$/m);
    assert.equal(verdict, 'differs');
    assert.match(why, /user 65534/);
  });

  it('names who shares a namespace', () => {
    assert.match(valueOf(row('shared-pid', 'pid namespace').enforced)?.readable ?? '', /shared with .*plain/);
    assert.match(valueOf(row('host-pid', 'pid namespace').enforced)?.readable ?? '', /the host’s/);
  });

  it('shows no secret', () => {
    const text = JSON.stringify([...lineages.values()]);
    assert.doesNotMatch(text, /correct-horse|lab_0123456789|hunter2hunter2/);
  });

  it('finds nothing that was changed by hand, until it is', async () => {
    for (const [name, rows] of lineages) {
      const changed = rows.filter(({ why }) => /by hand/.test(why)).map(({ setting, why }) => `${setting}: ${why}`);
      assert.deepEqual(changed, [], name);
    }
    const file = valueOf(row('pids-limit', 'Process limit').enforced)?.file ?? '';
    await printed('sh', '-c', `echo 33 > "$1"`, 'sh', file);
    const rows = await lineageOf('pids-limit');
    const changed = rows.find(({ setting }) => setting === 'Process limit');
    assert.equal(changed?.verdict, 'differs');
    assert.match(changed?.why ?? '', /by hand/);
  });
});
