import assert from 'node:assert/strict';
import { join } from 'node:path';
import { cgroupMountsOf, controllersOf, folderOf } from '../../../../src/adapters/kernel/cgroupMounts';
import { readCgroupReport, rereadUsage } from '../../../../src/adapters/kernel/cgroupReport';
import { parseMountinfo } from '../../../../src/adapters/kernel/parse/mountinfo';
import type { CgroupController, CgroupReading, CgroupReport } from '../../../../src/model/cgroup';
import { RuntimeError } from '../../../../src/model/problem';
import { FakeProc, statLine } from '../../../support/fakeProc';
import { hexId } from '../../../support/sightings';

const ID = hexId('abc1');

function reading(report: CgroupReport, controller: string, label: string): CgroupReading | undefined {
  return row(report, controller)?.readings.find((one) => one.label === label);
}

function row(report: CgroupReport, name: string): CgroupController | undefined {
  return report.controllers.find((controller) => controller.name === name);
}

describe('cgroups', () => {
  describe('mounts', () => {
    const mounts = (...lines: string[]): ReturnType<typeof cgroupMountsOf> =>
      cgroupMountsOf(parseMountinfo(lines.join('\n')));

    it('tell the mode of the machine', () => {
      const v1 = '32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,seclabel,cpu,cpuacct';
      const v2 = '41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,nsdelegate';
      assert.equal(mounts(v2).mode, 'unified');
      assert.equal(mounts(v1, v2).mode, 'hybrid');
      assert.equal(mounts(v1).mode, 'legacy');
      assert.deepEqual(mounts(v1).v1.map(controllersOf), [['cpu', 'cpuacct']]);
    });

    it('are searched for each controller, wherever they are', () => {
      const found = mounts(
        '30 1 0:29 /docker/x /other rw - cgroup cgroup rw,memory',
        '31 1 0:29 / /my\\040memory rw - cgroup cgroup rw,memory',
        '32 1 0:30 / /both rw - cgroup cgroup rw,cpuacct,cpu',
        '33 1 0:31 /docker /part rw - cgroup cgroup rw,pids',
        '34 1 0:32 / /named rw - cgroup cgroup rw,xattr,release_agent=/x,name=systemd',
      );
      const folder = (controllers: string, path: string): string => {
        const place = folderOf(found, { hierarchy: 1, controllers, path });
        return 'folder' in place ? place.folder : place.missing;
      };
      assert.equal(folder('memory', '/docker/a'), '/my memory/docker/a');
      assert.equal(folder('cpu,cpuacct', '/a'), '/both/a');
      assert.equal(folder('name=systemd', '/a'), '/named/a');
      assert.equal(folder('pids', '/docker/a'), '/part/a');
      assert.equal(folder('pids', '/docker'), '/part');
      assert.match(folder('pids', '/dockers/a'), /another part/);
      assert.match(folder('devices', '/a'), /not mounted/);
      assert.match(folder('', '/a'), /not mounted/);
    });

    it('never lead out of their hierarchy, nor to the root that is everybody’s', () => {
      const found = mounts('31 1 0:29 / /cg rw - cgroup2 cgroup2 rw');
      for (const path of ['/..', '/../other', '/a/../../../etc', '/'])
        assert.ok('missing' in folderOf(found, { hierarchy: 0, controllers: '', path }), path);
    });
  });

  describe('of version 1', () => {
    let proc: FakeProc;
    beforeEach(() => {
      proc = new FakeProc();
      proc.mount(
        { at: 'mem', type: 'cgroup', options: 'rw,memory' },
        { at: 'cpu both', type: 'cgroup', options: 'rw,cpu,cpuacct' },
        { at: 'pids', type: 'cgroup', options: 'rw,pids' },
        { at: 'v2', type: 'cgroup2', options: 'rw' },
      );
      proc.write(
        'self/mountinfo',
        // Blanks are octal in mountinfo.
        `${['memory mem', 'cpu,cpuacct cpu\\040both', 'pids pids']
          .map((pair, index) => {
            const [options = '', at = ''] = pair.split(' ');
            return `${40 + index} 30 0:${40 + index} / ${proc.cgroups}/${at} rw - cgroup cgroup rw,${options}`;
          })
          .join('\n')}\n50 30 0:50 / ${proc.cgroups}/v2 rw - cgroup2 cgroup2 rw\n`,
      );
      proc.put({
        pid: 20,
        stat: statLine(20, 10, 200),
        cgroup: `9:devices:/x\n4:memory:/docker/${ID}\n3:cpu,cpuacct:/docker/${ID}\n2:pids:/../${ID}\n0::/\n`,
      });
      proc.cgroup('mem', { 'memory.limit_in_bytes': '1\n' });
      proc.cgroup('mem/docker', {
        'memory.limit_in_bytes': '33554432\n',
        'memory.memsw.limit_in_bytes': '9223372036854771712\n',
      });
      proc.cgroup(`mem/docker/${ID}`, {
        'memory.limit_in_bytes': '67108864\n',
        'memory.memsw.limit_in_bytes': '9223372036854771712\n',
        'memory.usage_in_bytes': '4096\n',
        'memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 3\n',
        'memory.swappiness': 'broken',
      });
      proc.cgroup(`cpu both/docker/${ID}`, {
        'cpu.shares': '512\n',
        'cpu.cfs_quota_us': '-1\n',
        'cpu.cfs_period_us': '100000\n',
        'cpu.stat': 'nr_periods 5\nnr_throttled 2\nthrottled_time 123456789\n',
        'cpuacct.usage': '987654321\n',
      });
    });
    afterEach(() => proc.remove());

    it('are read from where each controller is mounted', async () => {
      const report = await readCgroupReport(proc.root, 20);
      assert.equal(report.mode, 'hybrid');
      const value = (controller: string, label: string): unknown => reading(report, controller, label)?.value;
      assert.equal(value('memory', 'Memory limit'), 67108864);
      assert.equal(value('memory', 'Memory and swap limit'), 'max');
      assert.equal(value('memory', 'Processes killed for want of memory'), 3);
      assert.equal(value('cpu', 'CPU shares'), 512);
      assert.equal(value('cpu', 'CPU quota'), 'max');
      assert.equal(value('cpu', 'Time throttled'), 123456789);
      assert.equal(value('cpuacct', 'CPU time used'), 987654321);
      assert.equal(row(report, 'cpu')?.directory, join(proc.cgroups, `cpu both/docker/${ID}`));
      assert.equal(reading(report, 'memory', 'Memory limit')?.raw, '67108864');
      assert.deepEqual(
        report.controllers.map(({ name }) => name).slice(0, 3),
        ['memory', 'cpu', 'cpuacct'],
        'those that people look for come first',
      );
    });

    it('say which cgroup above is stricter; the root limits nothing', async () => {
      const report = await readCgroupReport(proc.root, 20);
      assert.deepEqual(reading(report, 'memory', 'Memory limit')?.effective, {
        value: 33554432,
        path: join(proc.cgroups, 'mem/docker/memory.limit_in_bytes'),
      });
      assert.equal(reading(report, 'memory', 'Memory and swap limit')?.effective, undefined);
    });

    it('leave out files that are not there, and values that are none', async () => {
      const report = await readCgroupReport(proc.root, 20);
      assert.equal(reading(report, 'memory', 'Memory reservation'), undefined);
      assert.equal(reading(report, 'memory', 'Swappiness')?.value, undefined);
      assert.equal(reading(report, 'memory', 'Swappiness')?.raw, 'broken');
    });

    it('say why there is nothing to read', async () => {
      const report = await readCgroupReport(proc.root, 20);
      assert.match(row(report, 'devices')?.problem ?? '', /not mounted/);
      assert.match(row(report, 'pids')?.problem ?? '', /cgroup namespace/);
      assert.match(row(report, '')?.problem ?? '', /root cgroup/);
      for (const name of ['devices', 'pids', '']) {
        assert.deepEqual(row(report, name)?.readings, []);
        assert.equal(row(report, name)?.directory, undefined);
      }
    });

    it('are read again for a chart: what is used, not what is limited', async () => {
      const report = await readCgroupReport(proc.root, 20);
      proc.cgroup(`mem/docker/${ID}`, { 'memory.usage_in_bytes': '8192\n', 'memory.limit_in_bytes': '5\n' });
      const again = await rereadUsage(report);
      assert.equal(reading(again, 'memory', 'Memory in use')?.value, 8192);
      assert.equal(reading(again, 'memory', 'Memory limit')?.value, 67108864);
      proc.removeCgroup('mem');
      proc.removeCgroup('cpu both');
      await assert.rejects(
        rereadUsage(again),
        (error: unknown) => error instanceof RuntimeError && error.problem.code === 'gone',
      );
    });
  });
});
