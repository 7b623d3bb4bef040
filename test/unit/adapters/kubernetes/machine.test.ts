import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { containerIdOf, labelOf } from '../../../../src/adapters/kubernetes/cadvisor';
import { findLocalKubelets, kubeletOf, readMachineIds } from '../../../../src/adapters/kubernetes/machine';
import { tableOf } from '../../../../src/model/process';
import { readFile } from 'node:fs/promises';

describe('this machine and its kubelets', () => {
  let root: string;
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'cre-machine-'))));
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function write(path: string, text: string): void {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const process = (pid: number, ...argv: string[]): Parameters<typeof tableOf>[0][number] => ({
    ...{ pid, startTicks: pid, parentPid: 1, comm: 'kubelet', state: 'S' },
    argv,
  });

  it('reads this machine’s own identifiers as the kernel shows them', async () => {
    const bootId = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
    assert.equal((await readMachineIds()).bootId, bootId);
    assert.deepEqual(await readMachineIds(join(root, 'nowhere')), {});
  });

  it('reads the endpoint from the command line, else from the files that this kubelet sees', async () => {
    write('proc/10/root/var/lib/kubelet/config.yaml', 'containerRuntimeEndpoint: unix:///from/config.sock\n');
    write('proc/10/root/etc/machine-id', 'aaaa\n');
    write('proc/11/root/var/lib/kubelet/config.yaml', 'containerRuntimeEndpoint: unix:///from/config.sock\n');
    write(
      'proc/11/root/var/lib/kubelet/instance-config.yaml',
      'containerRuntimeEndpoint: unix:///from/instance.sock\n',
    );
    const config = '--config=/var/lib/kubelet/config.yaml';
    const table = tableOf([
      process(10, '/usr/bin/kubelet', config),
      process(11, 'kubelet', config),
      process(12, 'kubelet', config, '--container-runtime-endpoint=unix:///flag.sock'),
      process(13, 'kubelet', config),
      process(14, '/bin/sh', '-c', 'kubelet'),
      process(15, 'kubelet', '--container-runtime=docker'),
    ]);
    const found = await findLocalKubelets(table, join(root, 'proc'));
    assert.deepEqual(
      found.map(({ pid, endpoint, unread, containerRuntime }) => [
        pid,
        endpoint?.address,
        unread.length,
        containerRuntime,
      ]),
      [
        [10, 'unix:///from/config.sock', 0, undefined],
        [11, 'unix:///from/instance.sock', 0, undefined],
        [12, 'unix:///flag.sock', 0, undefined],
        [13, undefined, 1, undefined],
        [15, undefined, 0, 'docker'],
      ],
    );
    assert.equal(found[0]?.machineId, 'aaaa');
  });

  it('gives a node its own kubelet by machine id, and none where two could be meant', () => {
    const a = { pid: 1, unread: [], machineId: 'a' };
    const b = { pid: 2, unread: [], machineId: 'b' };
    const unnamed = { pid: 3, unread: [] };
    assert.equal(kubeletOf({ machineId: 'b' }, [a, b])?.pid, 2);
    assert.equal(kubeletOf({ machineId: 'c' }, [a, b]), undefined);
    assert.equal(kubeletOf({ machineId: 'c' }, [a]), undefined);
    assert.equal(kubeletOf({ machineId: 'c' }, [unnamed])?.pid, 3);
    assert.equal(kubeletOf({}, [unnamed, a]), undefined);
    assert.equal(kubeletOf({}, []), undefined);
  });
});

describe('a line of cAdvisor’s metrics', () => {
  it('tells its labels, whatever their values are', () => {
    const line = 'm{a="x",id="/a\\"b\\\\c\\nd",other="id=\\"no\\""} 1';
    assert.equal(labelOf(line, 'id'), '/a"b\\c\nd');
    assert.equal(labelOf(line, 'other'), 'id="no"');
    assert.equal(labelOf(line, 'd'), undefined);
    for (const odd of ['', 'm 1', 'm{', 'm{id="', 'm{id=}', 'm{,id="x"}', '{'.repeat(5000)])
      assert.equal(labelOf(odd, 'id'), undefined, odd);
  });

  it('tells the container by the end of its cgroup path', () => {
    const id = 'ab'.repeat(32);
    for (const path of [
      `/docker/${id}`,
      `/kubepods/podu/${id}`,
      `/x.slice/cri-containerd-${id}.scope`,
      `/x.slice/crio-${id}.scope`,
      `/system.slice/containerd.service/kubepods-podu.slice:cri-containerd:${id}`,
    ]) {
      assert.equal(containerIdOf(path), id, path);
    }
    for (const path of ['/', '/kubepods', `/a${id}`, `/${id}/below`, `/docker/${id.slice(1)}`])
      assert.equal(containerIdOf(path), undefined, path);
  });
});
