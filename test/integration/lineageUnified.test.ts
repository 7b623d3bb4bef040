import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { known, valueOf } from '../../src/model/fact';
import type { LineageRow } from '../../src/model/lineage/row';
import { printed } from '../support/groundTruth';
import { realLineage } from '../support/realLineage';

/** What is asked of the cgroup by the names of its files, and of the only controller that this machine has in version 2. */
const UNIFIED = { 'cgroup.max.depth': '3', 'cgroup.max.descendants': '7' };
const HUGE_BYTES = 4 * 1024 * 1024;

/** Cgroup v2 alone, as on newer machines; the kernel is this one's. */
const ALONE = 'umount --recursive /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup && exec "$@"';

describe('the lineage of what config.json asks of cgroup v2 by the names of its files', function () {
  this.timeout(120_000);
  const id = `cre-unified-${process.pid}`;
  let dir: string;
  let pid = 0;
  let spec: unknown;
  let hadHugePages = true;

  const alone = (...command: readonly string[]): string[] => [
    ...['--mount', '--propagation=private', 'sh', '-c', ALONE, 'sh'],
    ...command,
  ];
  const subtree = (): Promise<string> => printed('sh', '-c', `cat ${ROOT}/cgroup.subtree_control`);

  before(async () => {
    hadHugePages = (await subtree()).includes('hugetlb');
    dir = mkdtempSync(join(tmpdir(), 'cre-unified-'));
    mkdirSync(join(dir, 'rootfs/bin'), { recursive: true });
    for (const folder of ['proc', 'dev', 'sys']) mkdirSync(join(dir, 'rootfs', folder));
    copyFileSync('/bin/busybox', join(dir, 'rootfs/bin/busybox'));
    execFileSync('runc', ['spec', '--bundle', dir]);
    const file = join(dir, 'config.json');
    const config = JSON.parse(readFileSync(file, 'utf8')) as {
      process: Record<string, unknown>;
      linux: Record<string, unknown>;
      mounts: { destination: string }[];
    };
    Object.assign(config.process, { terminal: false, args: ['/bin/busybox', 'sleep', '36000'], rlimits: [] });
    config.mounts = config.mounts.filter(({ destination }) => destination !== '/sys/fs/cgroup');
    config.linux['cgroupsPath'] = `/${id}`;
    config.linux['resources'] = {
      devices: [{ allow: false, access: 'rwm' }],
      unified: UNIFIED,
      hugepageLimits: [{ pageSize: '2MB', limit: HUGE_BYTES }],
    };
    writeFileSync(file, JSON.stringify(config));
    spec = config;
    // A container inherits runc's output: with a pipe the command would not end before the container does.
    const runtime = ['runc', '--root', join(dir, 'state'), 'run', '--detach', '--pid-file', join(dir, 'pid')];
    execFileSync('unshare', alone(...runtime, '--bundle', dir, id), { stdio: 'ignore' });
    pid = Number(readFileSync(join(dir, 'pid'), 'utf8'));
  });

  after(async () => {
    execFileSync('unshare', alone('runc', '--root', join(dir, 'state'), 'delete', '--force', id), { stdio: 'ignore' });
    // runc has switched it on for all cgroups of the machine.
    if (!hadHugePages) await printed('sh', '-c', `echo -hugetlb > ${ROOT}/cgroup.subtree_control`);
    rmSync(dir, { recursive: true, force: true });
  });

  async function rows(): Promise<ReadonlyMap<string, LineageRow>> {
    const file = join(dir, 'config.json');
    const found = await realLineage(pid, { ociConfig: known('bundle', spec, file, `cat ${file}`) });
    return new Map(found.map((row) => [row.setting, row]));
  }

  it('is in force, and says what the kernel’s files say when they are read by themselves', async () => {
    const lineage = await rows();
    for (const [file, value] of Object.entries(UNIFIED)) {
      const row = lineage.get(file);
      assert.equal(row?.verdict, 'in-force', file);
      assert.equal(valueOf(row?.specified)?.path, `linux.resources.unified["${file}"]`);
      assert.equal((await printed('cat', valueOf(row?.enforced)?.file ?? '')).trim(), value);
    }
    const huge = lineage.get('Huge pages of 2MB');
    assert.equal(huge?.verdict, 'in-force', huge?.why);
    assert.match(valueOf(huge?.enforced)?.readable ?? '', /^4 MiB/);
    assert.match(valueOf(huge?.enforced)?.file ?? '', /hugetlb\.2MB\.max$/);
    assert.equal((await printed('cat', valueOf(huge?.enforced)?.file ?? '')).trim(), String(HUGE_BYTES));
  });

  it('differs once somebody has written to a file by hand', async () => {
    const file = valueOf((await rows()).get('cgroup.max.depth')?.enforced)?.file ?? '';
    writeFileSync(file, '5');
    const row = (await rows()).get('cgroup.max.depth');
    assert.equal(row?.verdict, 'differs');
    assert.match(row?.why ?? '', /by hand/);
    writeFileSync(file, UNIFIED['cgroup.max.depth']);
  });
});

/** Where this machine has version 2: beside version 1, or alone. */
const ROOT = '$(findmnt -n -t cgroup2 -o TARGET | head -n 1)';
