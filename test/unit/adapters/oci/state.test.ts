import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { featuresIn, RuntimePrograms } from '../../../../src/adapters/oci/programs';
import { startTicksOf } from '../../../../src/adapters/oci/processStart';
import {
  crunFields,
  findRuntimeState,
  readRuntimeState,
  runcFields,
  statusOf,
  youkiFields,
  type RuntimeState,
} from '../../../../src/adapters/oci/runtimeState';
import { StateMemory } from '../../../../src/adapters/oci/stateMemory';
import { containerdShims, runtimeNameOf } from '../../../../src/adapters/shimProcess';
import { stalenessNote } from '../../../../src/adapters/oci/staleness';
import { processesNow } from '../../../support/processTable';
import { runs } from '../../../support/runs';

/** As crun 1.21 and runc 1.1 wrote them under containerd 1.7. */
const CRUN = {
  pid: 3660,
  'process-start-time': 36436,
  'cgroup-path': '/lab/crun1',
  scope: '',
  rootfs: 'rootfs',
  'systemd-cgroup': false,
  bundle: '/run/containerd/io.containerd.runtime.v2.task/default/crun1',
  created: '2026-11-23T20:51:59.650692Z',
};
const RUNC = {
  id: 'plain1',
  init_process_pid: 3544,
  init_process_start: 35613,
  created: '2026-11-23T20:51:51.774830092Z',
  config: {
    labels: ['bundle=/run/containerd/io.containerd.runtime.v2.task/default/plain1'],
    cgroups: { path: '/default/plain1', memory: 0, cpu_shares: 1024, pids_limit: 0, Systemd: false },
  },
  cgroup_paths: { '': '/sys/fs/cgroup/default/plain1' },
};

/** As youki writes it, by its source (crates/libcontainer/src/container/state.rs of v0.7.0): no youki has run for it. */
const YOUKI = {
  ociVersion: '1.2.0',
  id: 'youki1',
  status: 'running',
  pid: 4321,
  bundle: '/run/containerd/io.containerd.runtime.v2.task/default/youki1',
  annotations: {},
  created: '2026-11-23T20:51:59.650692123Z',
  creator: 0,
  useSystemd: false,
  cleanUpIntelRdtSubdirectory: null,
};

describe('the state of an OCI runtime', () => {
  let root: string;
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'cre-state-'))));
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function write(id: string, file: string, value: unknown): void {
    mkdirSync(join(root, id), { recursive: true });
    writeFileSync(join(root, id, file), typeof value === 'string' ? value : JSON.stringify(value));
  }

  it('is read in runc’s and in crun’s form', async () => {
    write('plain1', 'state.json', RUNC);
    write('crun1', 'status', CRUN);
    const runc = await readRuntimeState({ path: root }, 'plain1');
    assert.equal(runc?.runtime, 'runc');
    assert.deepEqual([runc?.initPid, runc?.initStartTicks, runc?.bundle], [3544, 35613, bundleOf('plain1')]);
    assert.deepEqual(runc?.record, RUNC);
    const crun = await readRuntimeState({ path: root }, 'crun1');
    assert.equal(crun?.runtime, 'crun');
    assert.deepEqual([crun?.initPid, crun?.initStartTicks, crun?.bundle], [3660, 36436, bundleOf('crun1')]);
    assert.equal(new Date(crun?.createdAtMs ?? 0).toISOString(), '2026-11-23T20:51:59.650Z');
    assert.equal(await readRuntimeState({ path: root }, 'nothing'), undefined);
  });

  it('is read in youki’s form, which shares its file’s name with runc’s', async () => {
    write('youki1', 'state.json', YOUKI);
    const state = await readRuntimeState({ path: root }, 'youki1');
    assert.equal(state?.runtime, 'youki');
    assert.deepEqual([state.initPid, state.initStartTicks, state.bundle], [4321, undefined, bundleOf('youki1')]);
    assert.equal(new Date(state.createdAtMs ?? 0).toISOString(), '2026-11-23T20:51:59.650Z');
    assert.deepEqual(state.record, YOUKI);
    const statuses = {
      creating: 'created',
      created: 'created',
      running: 'running',
      paused: 'paused',
      stopped: 'exited',
    };
    for (const [status, expected] of Object.entries(statuses)) {
      write('own', 'state.json', { ...YOUKI, status, pid: process.pid });
      const own = await readRuntimeState({ path: root }, 'own');
      assert.ok(own);
      assert.equal(await statusOf(own, await startTicksOf('/proc', process.pid)), expected, status);
      assert.equal(await statusOf(own, undefined), 'exited', 'its process has ended');
    }
  });

  it('of youki, which notes no start time, does not take a younger process for the container’s', async () => {
    write('reused', 'state.json', { ...YOUKI, pid: process.pid });
    const long = new Date('2020-01-01T00:00:00Z');
    utimesSync(join(root, 'reused', 'state.json'), long, long);
    const state = await readRuntimeState({ path: root }, 'reused');
    assert.ok(state);
    assert.equal(await statusOf(state, await startTicksOf('/proc', process.pid)), 'exited');
  });

  it('that is broken is a problem, and others are still found', async () => {
    write('broken', 'state.json', '{"id":');
    const answer = await findRuntimeState([{ path: root }], 'broken');
    assert.ok(answer && 'code' in answer && answer.code === 'malformed');
    write('good', 'state.json', RUNC);
    const good = await findRuntimeState([{ path: join(root, 'no-such-folder') }, { path: root }], 'good');
    assert.ok(good && !('code' in good));
  });

  it('follows the process: the same PID with another start time is another process', async () => {
    write('own', 'state.json', { ...RUNC, init_process_pid: process.pid, init_process_start: 5 });
    const state = await readRuntimeState({ path: root }, 'own');
    assert.ok(state);
    assert.equal(await statusOf(state, 6), 'exited');
    assert.equal(await statusOf(state, undefined), 'exited');
    assert.equal(await statusOf(state, 5), 'running');
    execFileSync('mkfifo', [join(root, 'own/exec.fifo')]);
    const waiting = await readRuntimeState({ path: root }, 'own');
    assert.ok(waiting);
    assert.equal(await statusOf(waiting, 5), 'created');
  });

  it('reads no freezer outside the cgroup file system', async () => {
    write('frozen', 'freezer.state', 'FROZEN\n');
    const paths = [join(root, 'frozen'), `/sys/fs/cgroup/../../..${root}/frozen`, '/sys/fs/cgroup/'];
    for (const freezer of paths) {
      write('outside', 'state.json', { ...RUNC, cgroup_paths: { freezer } });
      const state = await readRuntimeState({ path: root }, 'outside');
      assert.ok(state);
      assert.equal(await statusOf({ ...state, initPid: 1, initStartTicks: 1 }, 1), 'running', freezer);
    }
  });

  it('is read again only when its file is another one, or of another version', async () => {
    const memory = new StateMemory();
    const look = async (): Promise<number | undefined> => {
      const state = await memory.read({ path: root }, 'kept');
      memory.endLook();
      return state?.initPid;
    };
    write('kept', 'state.json', { ...RUNC, init_process_pid: 11 });
    assert.equal(await look(), 11);
    const file = join(root, 'kept/state.json');
    const { atime, mtime } = statSync(file);
    // The same length and the same time: only the inode's own time and number tell.
    write('kept', 'next.json', { ...RUNC, init_process_pid: 12 });
    utimesSync(join(root, 'kept/next.json'), atime, mtime);
    renameSync(join(root, 'kept/next.json'), file);
    assert.equal(await look(), 12);
    rmSync(file);
    assert.equal(await look(), undefined);
    write('kept', 'state.json', { ...RUNC, init_process_pid: 13 });
    assert.equal(await look(), 13);
  });

  it('that is remembered still tells when the container has been started', async () => {
    const memory = new StateMemory();
    const look = async (): Promise<boolean | undefined> => {
      const state = await memory.read({ path: root }, 'waits');
      memory.endLook();
      return state?.waitsForStart;
    };
    write('waits', 'state.json', RUNC);
    execFileSync('mkfifo', [join(root, 'waits/exec.fifo')]);
    assert.equal(await look(), true);
    assert.equal(await look(), true);
    rmSync(join(root, 'waits/exec.fifo'));
    assert.equal(await look(), false);
  });

  it('of any form gives fields of the right type or none', () => {
    const keys = fc.constantFrom(...Object.keys(RUNC), ...Object.keys(CRUN), ...Object.keys(YOUKI), 'labels', 'x');
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.dictionary(keys, fc.anything())), (record) => {
        for (const found of [runcFields(record), crunFields(record), youkiFields(record)]) {
          for (const value of [found.initPid, found.initStartTicks]) assert.ok(value === undefined || value > 0);
          assert.ok(found.bundle === undefined || found.bundle.startsWith('/'));
          assert.ok(found.createdAtMs === undefined || Number.isFinite(found.createdAtMs));
        }
        assert.equal(typeof (stalenessNote(record, stateOf(record)) ?? ''), 'string');
      }),
      { numRuns: runs(5_000) },
    );
  });
});

describe('a note that config.json is stale', () => {
  const config = (memory: number) => ({ linux: { resources: { memory: { limit: memory }, cpu: { shares: 1024 } } } });
  const state = (memory: number) => stateOf({ config: { cgroups: { memory, cpu_shares: 1024, pids_limit: -1 } } });

  it('names each limit that is in force and not in the file', () => {
    assert.equal(stalenessNote(config(32), state(32)), undefined);
    assert.match(stalenessNote(config(32), state(48)) ?? '', /memory limit 48 instead of 32/);
    assert.match(stalenessNote({}, state(48)) ?? '', /memory limit 48 instead of none/);
  });

  it('takes 0, -1 and nothing for the same: not set', () => {
    const unset = { linux: { resources: { memory: { limit: 0, swap: -1 }, cpu: { shares: 1024 } } } };
    assert.equal(stalenessNote(unset, state(0)), undefined);
  });

  it('is not made where the state tells no limits', () => {
    assert.equal(stalenessNote(config(32), { ...stateOf(CRUN), runtime: 'crun' }), undefined);
    assert.equal(stalenessNote(config(32), stateOf({})), undefined);
  });
});

describe('processes', () => {
  it('are told apart by the start time that ps knows too', async () => {
    const own = await startTicksOf('/proc', process.pid);
    assert.equal(own, processesNow().byPid.get(process.pid)?.startTicks);
    assert.equal(await startTicksOf('/proc', 2 ** 30), undefined);
  });

  it('that are shims are known by their command line', () => {
    const record = (argv: string[]) => ({ pid: 7, parentPid: 1, startTicks: 1, comm: '', argv, state: 'S' });
    const argv = ['/usr/bin/containerd-shim-runc-v2', '-namespace', 'moby', '-id', 'a', '-address', '/run/c.sock'];
    const table = { ...processesNow(), byPid: new Map([[7, record(argv)]]) };
    assert.deepEqual(
      containerdShims(table).map(({ namespace, id, runtimeName }) => [namespace, id, runtimeName]),
      [['moby', 'a', 'io.containerd.runc.v2']],
    );
    assert.deepEqual(containerdShims({ ...table, byPid: new Map([[7, record(['cat', ...argv.slice(1)])]]) }), []);
    assert.equal(runtimeNameOf('/opt/containerd-shim-kata-qemu-v2'), 'io.containerd.kata-qemu.v2');
    assert.equal(runtimeNameOf('containerd-shim'), undefined);
  });
});

describe('a runtime’s program', () => {
  it('is asked only when it is runc or crun and only root can change it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cre-programs-'));
    try {
      const made = join(folder, 'made');
      for (const [name, mode] of [
        ['runc', 0o777],
        ['evil', 0o755],
      ] as const) {
        const script = `#!/bin/sh\ntouch ${made}\necho runc version 9.9.9\n`;
        writeFileSync(join(folder, name), script, { mode });
        execFileSync('chmod', [mode.toString(8), join(folder, name)]);
      }
      const programs = new RuntimePrograms({ PATH: folder });
      assert.equal(await programs.find(join(folder, 'runc')), undefined);
      assert.equal(await programs.find(join(folder, 'evil')), undefined);
      assert.equal(await programs.find('./runc'), undefined);
      assert.throws(() => execFileSync('test', ['-e', made]), 'nothing was run');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('tells its features in words, or nothing', () => {
    const features = { ociVersionMin: '1.0.0', ociVersionMax: '1.1.0', linux: { cgroup: { v1: true, systemd: true } } };
    assert.equal(featuresIn(JSON.stringify(features)), 'cgroup v1, systemd cgroup driver, OCI 1.0.0 to 1.1.0');
    assert.equal(featuresIn('No help topic for features'), undefined);
  });
});

function bundleOf(id: string): string {
  return `/run/containerd/io.containerd.runtime.v2.task/default/${id}`;
}

function stateOf(record: unknown): RuntimeState {
  return {
    runtime: 'runc',
    id: 'x',
    root: { path: '/r' },
    file: '/r/x/state.json',
    record,
    modifiedAtMs: 0,
    waitsForStart: false,
    freezerFiles: [],
    stamp: '',
  };
}
