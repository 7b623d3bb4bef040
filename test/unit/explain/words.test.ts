import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { explainCapability } from '../../../src/explain/capabilities';
import { explainCgroupFile } from '../../../src/explain/cgroupFiles';
import { explainMountOption } from '../../../src/explain/mountOptions';
import { explainNamespaceType } from '../../../src/explain/namespaces';
import { explainSeccompAction } from '../../../src/explain/seccomp';
import { explainSignal } from '../../../src/explain/signals';
import { CAPABILITY_NAMES } from '../../../src/model/capabilities';
import { signalNumberOf } from '../../../src/model/lineage/signalNumbers';

const HOSTILE = ['', '__proto__', 'constructor', 'toString', 'x'.repeat(5000), '\u0000', '../../etc/passwd'];

describe('explanations of names', () => {
  it('know all 41 capabilities in any spelling', () => {
    assert.equal(CAPABILITY_NAMES.length, 41);
    for (const name of CAPABILITY_NAMES) {
      const explanation = explainCapability(name);
      assert.ok(explanation, name);
      assert.match(explanation.consequence ?? '', /^Risk in a container: /);
      assert.deepEqual(explainCapability(name.slice(4).toLowerCase()), explanation);
    }
    assert.match(explainCapability('CAP_SYS_ADMIN')?.check ?? '', /0000000000200000$/);
  });

  it('know the namespaces by both their names', () => {
    for (const [spec, proc] of [
      ['network', 'net'],
      ['mount', 'mnt'],
      ['pid', 'pid'],
      ['ipc', 'ipc'],
      ['uts', 'uts'],
      ['user', 'user'],
      ['cgroup', 'cgroup'],
      ['time', 'time'],
    ] as const) {
      assert.ok(explainNamespaceType(spec), spec);
      assert.deepEqual(explainNamespaceType(spec), explainNamespaceType(proc));
    }
  });

  it('know every mount option that the specification lists', () => {
    const missing = SPEC_MOUNT_OPTIONS.filter((option) => !explainMountOption(option));
    assert.deepEqual(missing, []);
    assert.equal(explainMountOption('somethingelse=1'), undefined);
    assert.match(explainMountOption('rro')?.meaning ?? '', /mounts below/);
  });

  it('know every seccomp action', () => {
    for (const action of ['ALLOW', 'ERRNO', 'KILL', 'KILL_PROCESS', 'KILL_THREAD', 'TRAP', 'TRACE', 'LOG', 'NOTIFY'])
      assert.ok(explainSeccompAction(`SCMP_ACT_${action}`), action);
  });

  it('know signals by name and number, as this machine counts them', () => {
    for (const [name, number] of Object.entries(constants.signals)) assert.equal(signalNumberOf(name), number, name);
    assert.equal(signalNumberOf('SIGTERM'), 15);
    assert.equal(signalNumberOf('int'), 2);
    assert.equal(signalNumberOf('37'), 37);
    assert.equal(signalNumberOf('SIGRTMIN+3'), 37);
    assert.equal(signalNumberOf('SIGRTMAX-1'), 63);
    assert.equal(signalNumberOf('SIGNONSENSE'), undefined);
    for (let signal = 1; signal <= 64; signal++) assert.ok(explainSignal(signal), String(signal));
    assert.match(explainSignal('SIGKILL')?.valueInWords ?? '', /137/);
  });

  it('say nothing of what they do not know', () => {
    for (const name of HOSTILE) {
      assert.equal(explainCapability(name), undefined);
      assert.equal(explainNamespaceType(name), undefined);
      assert.equal(explainSeccompAction(name), undefined);
      assert.equal(explainSignal(name), undefined);
      assert.equal(explainMountOption(name), undefined);
      assert.equal(explainCgroupFile(name), undefined);
    }
  });
});

describe('explanations of cgroup files', () => {
  it('know every file that is read', () => {
    const source = readFileSync(join(__dirname, '../../../src/adapters/kernel/cgroupFiles.ts'), 'utf8');
    const files = [...source.matchAll(/(?:limit|usage|event)\(\s*'([^']+)'/g)].map(([, file]) => file!);
    assert.ok(files.length > 50);
    assert.deepEqual(
      files.filter((file) => !explainCgroupFile(file)),
      [],
    );
  });

  it('put values in words', () => {
    const words = (file: string, value: number | 'max'): string | undefined =>
      explainCgroupFile(file, value)?.valueInWords;
    assert.equal(words('memory.max', 67108864), '64 MiB (67,108,864 bytes).');
    assert.equal(words('memory.max', 'max'), 'No limit.');
    assert.equal(words('memory.limit_in_bytes', 9223372036854771712), 'No limit.');
    assert.equal(words('cpu.cfs_quota_us', -1), 'No limit.');
    assert.equal(words('cpu.cfs_quota_us', 50000), '50 ms.');
    assert.match(words('cpu.weight', 39) ?? '', /^Weight 39: 999 to 1,024 shares by runc before 1\.3\.2/);
    assert.match(words('cpu.weight', 100) ?? '', /, 1,012 to 1,024 shares by newer ones/);
    assert.equal(words('pids.max', 20), '20.');
    assert.equal(words('net_cls.classid', 0x100001), 'Class 10:1.');
    assert.equal(words('hugetlb.1GB.max', 'max'), 'No limit.');
    assert.match(explainCgroupFile('hugetlb.2MB.rsvd.limit_in_bytes')?.meaning ?? '', /reserved/);
  });
});

/** Source: the table "Linux mount options" of the specification. */
const SPEC_MOUNT_OPTIONS =
  'async atime bind defaults dev diratime dirsync exec iversion lazytime loud mand noatime nodev nodiratime noexec noiversion nolazytime nomand norelatime nostrictatime nosuid nosymfollow private ratime rbind rdev rdiratime relatime remount rexec rnoatime rnodiratime rnoexec rnorelatime rnostrictatime rnosuid rnosymfollow ro rprivate rrelatime rro rrw rshared rslave rstrictatime rsuid rsymfollow runbindable rw shared silent slave strictatime suid symfollow sync tmpcopyup unbindable idmap ridmap'.split(
    ' ',
  );
