import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createKernelAdapter } from '../../../../src/adapters/kernel/adapter';
import { findServedContainers } from '../../../../src/adapters/kernel/containers';
import { readContainerProcesses } from '../../../../src/adapters/kernel/processes';
import { ArgvMemory, readProcessTable, withProcess } from '../../../../src/adapters/kernel/procTable';
import { shimOf } from '../../../../src/adapters/shimProcess';
import { isKnown } from '../../../../src/model/fact';
import { RuntimeError } from '../../../../src/model/problem';
import { joinSightings } from '../../../../src/store/identity';
import { FakeProc, statLine } from '../../../support/fakeProc';
import { hexId, layer, sighting } from '../../../support/sightings';

const ID = hexId('abc1');
const SHIM = ['/usr/bin/containerd-shim-runc-v2', '-namespace', 'moby', '-id', ID, '-address', '/run/c.sock'];
const own = (id: string): string => `4:memory:/docker/${id}\n0::/\n`;

describe('processes', () => {
  let proc: FakeProc;
  beforeEach(() => (proc = new FakeProc()));
  afterEach(() => proc.remove());

  const served = async (): Promise<string[]> =>
    (await findServedContainers(proc.root, await readProcessTable(proc.root))).map(
      ({ runtimeId, init }) => `${runtimeId} ${init.pid}`,
    );

  describe('the table', () => {
    it('leaves out processes that end while it is read, and reads command lines of those that tell', async () => {
      proc.put({ pid: 10, stat: statLine(10, 1, 100, 'containerd-shim'), cmdline: SHIM });
      proc.put({ pid: 11, stat: statLine(11, 10, 101, 'sh'), cmdline: ['sh', '-c', 'a b'] });
      proc.put({ pid: 12, stat: statLine(12, 1, 102, 'editor'), cmdline: ['editor', '--password=x'] });
      mkdirSync(join(proc.root, '13'));
      proc.write('14/stat', 'cut o');
      const table = await readProcessTable(proc.root);
      assert.deepEqual([...table.byPid.keys()].sort(), [10, 11, 12]);
      assert.deepEqual(table.byPid.get(10)?.argv, SHIM);
      assert.deepEqual(table.byPid.get(11)?.argv, ['sh', '-c', 'a b']);
      assert.deepEqual(table.byPid.get(12)?.argv, []);
      assert.deepEqual(
        table.childrenOf(10).map(({ pid }) => pid),
        [11],
      );
      assert.deepEqual(table.childrenOf(99), []);
    });

    it('remembers command lines as long as a process lives and is the same program', async () => {
      const memory = new ArgvMemory();
      const argv = async (stat: string, cmdline: readonly string[]): Promise<readonly string[] | undefined> => {
        proc.put({ pid: 10, stat, cmdline });
        return (await readProcessTable(proc.root, memory)).byPid.get(10)?.argv;
      };
      assert.deepEqual(await argv(statLine(10, 1, 100, 'containerd-shim'), SHIM), SHIM);
      // Remembered: the file is not read again.
      assert.deepEqual(await argv(statLine(10, 1, 100, 'containerd-shim'), ['other']), SHIM);
      // Another program, another process: both are read.
      assert.deepEqual(await argv(statLine(10, 1, 100, 'conmon'), ['conmon', '-c', 'x']), ['conmon', '-c', 'x']);
      assert.deepEqual(await argv(statLine(10, 1, 105, 'containerd-shim'), ['other']), ['other']);
      // One that has ended and that nobody has asked for is no shim any more.
      assert.deepEqual(await argv(statLine(10, 1, 105, 'containerd-shim', 'Z'), []), []);
    });

    it('is refused where there is no /proc, and the adapter says what works without', async () => {
      await assert.rejects(
        readProcessTable(join(proc.root, 'none')),
        (error: unknown) => error instanceof RuntimeError && error.problem.code === 'absent',
      );
      const adapter = createKernelAdapter({ procRoot: join(proc.root, 'none') });
      const processes = await adapter.processTable();
      const { layers, sightings } = await adapter.look({ processes });
      assert.deepEqual(sightings, []);
      assert.deepEqual(
        layers.map(({ id, status }) => [id, status]),
        [['kernel', 'absent']],
      );
      assert.match(layers[0]?.problem?.remedy ?? '', /VM/);
    });
  });

  describe('a process that is named by its PID and its start', () => {
    const ref = { pid: 20, startTicks: 200 };
    const code = async (read: () => Promise<unknown>): Promise<string> => {
      try {
        await withProcess(proc.root, ref, 'Asking', read);
        return 'none';
      } catch (error) {
        assert.ok(error instanceof RuntimeError);
        return error.problem.code;
      }
    };

    it('is read only while the PID is its own', async () => {
      proc.put({ pid: 20, stat: statLine(20, 1, 200) });
      assert.equal(await withProcess(proc.root, ref, 'Asking', async () => 'value'), 'value');
      assert.equal(await code(async () => proc.put({ pid: 20, stat: statLine(20, 1, 201) })), 'gone');
      let asked = false;
      assert.equal(await code(async () => (asked = true)), 'gone', 'another process has its PID now');
      assert.equal(asked, false);
      proc.end(20);
      assert.equal(await code(async () => (asked = true)), 'gone');
    });

    it('is gone when reading fails because it ended; else the failure is told', async () => {
      proc.put({ pid: 20, stat: statLine(20, 1, 200) });
      const denied = Object.assign(new Error('no'), { code: 'EACCES' });
      assert.equal(await code(() => Promise.reject(denied)), 'denied');
      const failing = async (): Promise<never> => {
        proc.end(20);
        throw denied;
      };
      assert.equal(await code(failing), 'gone');
    });
  });

  describe('shims and monitors', () => {
    const shim = (...argv: string[]): string => {
      const found = shimOf({ pid: 1, startTicks: 1, parentPid: 1, comm: '', state: 'S', argv });
      return found ? `${found.kind} ${found.kind === 'conmon' ? '-' : found.namespace} ${found.id}` : 'none';
    };

    it('are known by their command lines', () => {
      assert.equal(shim(...SHIM), `containerd-shim moby ${ID}`);
      assert.equal(
        shim('containerd-shim', '-namespace', 'moby', '-workdir', `/x/moby/${ID}`),
        `containerd-shim moby ${ID}`,
      );
      assert.equal(shim('/opt/containerd-shim-kata-v2', '-id', 'a', '-namespace', 'n'), 'containerd-shim n a');
      assert.equal(shim('/usr/bin/conmon', '--api-version', '1', '-c', ID, '-u', ID, '-b', '/b'), `conmon - ${ID}`);
      assert.equal(shim('conmon', `--cid=${ID}`, `--cuuid=${ID}`), `conmon - ${ID}`);
    });

    it('are not what only resembles one', () => {
      assert.equal(shim('conmon', '-c', ID, '-u', hexId('e'), '-b', '/b'), 'none', 'the monitor of an exec');
      assert.equal(shim('conmon', '-c', ID, '-u', ID, '-e'), 'none', 'the monitor of an exec');
      assert.equal(shim(...SHIM, 'start'), 'none', 'a call that starts a shim');
      assert.equal(shim('containerd-shim-runc-v2', '-v'), 'none');
      assert.equal(shim('grep', 'containerd-shim-runc-v2', '-namespace', 'moby', '-id', ID), 'none');
      assert.equal(shim('containerd-shim-runc-v2', '-namespace', 'moby', '-id'), 'none');
      assert.equal(shim(), 'none');
    });

    it('serve containers, of which the eldest child is init', async () => {
      const second = hexId('abc2');
      proc.put({ pid: 10, stat: statLine(10, 1, 100, 'containerd-shim'), cmdline: SHIM });
      proc.put({ pid: 19, stat: statLine(19, 10, 101), cgroup: own(ID) });
      proc.put({ pid: 12, stat: statLine(12, 10, 109), cgroup: own(ID) });
      proc.put({ pid: 13, stat: statLine(13, 10, 110), cgroup: own(second) });
      proc.put({ pid: 14, stat: statLine(14, 10, 90, 'dead', 'Z'), cgroup: own(second) });
      assert.deepEqual(await served(), [`${ID} 19`, `${second} 13`]);
    });

    it('are not asked by a call of the runtime, which is below the shim for a moment', async () => {
      proc.put({ pid: 10, stat: statLine(10, 1, 100, 'containerd-shim'), cmdline: SHIM });
      proc.put({ pid: 11, stat: statLine(11, 10, 101, 'runc'), cmdline: ['runc', '--root', '/r', 'create', ID] });
      assert.deepEqual(await served(), []);
      proc.put({ pid: 12, stat: statLine(12, 10, 102, 'runc:[2:INIT]'), cmdline: ['runc', 'init'], cgroup: own(ID) });
      assert.deepEqual(await served(), [`${ID} 12`]);
    });

    it('whose container has a cgroup of another name serve what they were started for', async () => {
      proc.put({
        pid: 10,
        stat: statLine(10, 1, 100, 'containerd-shim'),
        cmdline: SHIM.map((word) => (word === ID ? 'web' : word)),
      });
      proc.put({ pid: 11, stat: statLine(11, 10, 101), cgroup: '0::/system.slice/demo.scope\n' });
      assert.deepEqual(await served(), ['web 11']);
    });

    it('are not imitated by a process that calls itself one', async () => {
      proc.put({ pid: 9, stat: statLine(9, 1, 500, 'containerd-shim'), cmdline: SHIM });
      proc.put({ pid: 8, stat: statLine(8, 9, 501), cgroup: '0::/user.slice\n' });
      proc.put({ pid: 10, stat: statLine(10, 1, 100, 'containerd-shim'), cmdline: SHIM });
      proc.put({ pid: 11, stat: statLine(11, 10, 101), cgroup: own(ID) });
      assert.deepEqual(await served(), [`${ID} 11`]);
    });
  });

  describe('a container', () => {
    beforeEach(() => {
      proc.mount({ at: 'mem', type: 'cgroup', options: 'rw,memory' });
      proc.cgroup(`mem/docker/${ID}`, { 'cgroup.procs': '20\n21\n23\n' });
      proc.cgroup(`mem/docker/${ID}/inner`, { 'cgroup.procs': '22\n' });
      proc.put({ pid: 10, stat: statLine(10, 1, 100, 'containerd-shim'), cmdline: SHIM });
      const status = (pids: string): string => `NSpid:\t${pids}\nUid:\t7\t1000\t7\t7\n`;
      const cgroup = own(ID);
      proc.put({ pid: 20, stat: statLine(20, 10, 200), cmdline: ['a', 'b'], cgroup, status: status('20\t1') });
      proc.put({ pid: 21, stat: statLine(21, 10, 201, 'käse'), cgroup, status: status('21\t9') });
      proc.put({ pid: 22, stat: statLine(22, 20, 250), cmdline: ['c'], cgroup, status: status('22\t10') });
      proc.put({ pid: 23, stat: statLine(23, 77, 260), cmdline: ['d'], cgroup, status: status('23\t11') });
    });

    it('has the processes of its cgroup and of those below', async () => {
      const list = await readContainerProcesses(
        proc.root,
        { pid: 20, startTicks: 200 },
        await readProcessTable(proc.root),
      );
      assert.deepEqual(
        list.map(({ hostPid, containerPid, role, command, uid, startedAt }) => [
          hostPid,
          containerPid,
          role,
          command,
          uid,
          startedAt,
        ]),
        [
          [20, 1, 'init', 'a b', 1000, '2023-11-14T22:13:22.000Z'],
          [21, 9, 'exec', '[käse]', 1000, '2023-11-14T22:13:22.010Z'],
          [22, 10, 'child', 'c', 1000, '2023-11-14T22:13:22.500Z'],
          [23, 11, 'exec', 'd', 1000, '2023-11-14T22:13:22.600Z'],
        ],
      );
    });

    it('is not all that share a cgroup which its shim had before it', async () => {
      proc.mount(
        { at: 'mem', type: 'cgroup', options: 'rw,memory' },
        { at: 'unified', type: 'cgroup2', options: 'rw,nsdelegate' },
      );
      proc.cgroup('mem/session', { 'cgroup.procs': '1\n10\n20\n21\n22\n23\n' });
      proc.cgroup(`unified/docker/${ID}`, { 'cgroup.procs': '20\n22\n' });
      proc.write('10/cgroup', '4:memory:/session\n0::/session\n');
      proc.write('20/cgroup', `4:memory:/session\n0::/docker/${ID}\n`);
      const table = await readProcessTable(proc.root);
      const list = await readContainerProcesses(proc.root, { pid: 20, startTicks: 200 }, table);
      assert.deepEqual(
        list.map(({ hostPid }) => hostPid),
        [20, 22],
      );
    });

    it('has the descendants of its init where no cgroup can be read', async () => {
      proc.write('self/mountinfo', '');
      const table = await readProcessTable(proc.root);
      const list = await readContainerProcesses(proc.root, { pid: 20, startTicks: 200 }, table);
      assert.deepEqual(
        list.map(({ hostPid, role }) => [hostPid, role]),
        [
          [20, 'init'],
          [22, 'child'],
        ],
      );
    });

    it('never gets facts of a process that has its PID now', async () => {
      const adapter = createKernelAdapter({ procRoot: proc.root });
      const processes = await adapter.processTable();
      const { layers, sightings } = await adapter.look({ processes });
      const engine = layer('engine', 'engine');
      const [container] = joinSightings(
        [sighting('engine', ID, { state: 'running', initPid: 20 }), ...sightings],
        [engine, ...layers],
      );
      assert.ok(container);
      assert.deepEqual(container.layers, ['engine', 'shim', 'kernel']);
      const before = await adapter.inspect({ container, processes, found: {} });
      assert.ok(isKnown(before.initPid) && isKnown(before.cgroupPaths) && isKnown(before.shimPid));
      assert.equal(before.shimPid.value, 10);

      // Its init ends, and another program gets the number 20.
      proc.put({ pid: 20, stat: statLine(20, 1, 999), cmdline: ['innocent'], cgroup: '4:memory:/user\n' });
      const later = await adapter.inspect({ container, processes, found: {} });
      for (const [name, fact] of Object.entries(later)) assert.ok(!isKnown(fact), name);
      assert.doesNotMatch(JSON.stringify(later), /innocent|\/user/);
    });

    it('accepts a PID that an engine names only from a cgroup named after it', async () => {
      const adapter = createKernelAdapter({ procRoot: proc.root });
      const processes = await adapter.processTable();
      const inspect = async (id: string, initPid: number): Promise<number | undefined> => {
        const [container] = joinSightings(
          [sighting('engine', id, { state: 'running', initPid })],
          [layer('engine', 'engine')],
        );
        assert.ok(container);
        const { initPid: fact } = await adapter.inspect({ container, processes, found: {} });
        if (fact && !isKnown(fact)) assert.match(fact.remedy, /VM/);
        return isKnown(fact) ? fact.value : undefined;
      };
      assert.equal(await inspect(ID, 20), 20);
      assert.equal(await inspect(hexId('ffff'), 20), undefined, 'an innocent process of that PID');
      assert.equal(await inspect(ID, 4711), undefined, 'no process of that PID');
    });
  });
});
