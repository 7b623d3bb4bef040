import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { TICK_US } from '../../../../src/adapters/trace/bootClock';
import { ProcessSampler } from '../../../../src/adapters/trace/processSampler';

const ID = 'ab12'.repeat(16);
const SHIM = ['/usr/bin/containerd-shim-runc-v2', '-namespace', 'moby', '-id', ID, '-address', '/run/c.sock'];
const CREATE = ['runc', '--root', '/run/runc', 'create', '--bundle', '/b', ID];

describe('the sampler of processes', () => {
  let proc: string;
  let now: number;
  let sampler: ProcessSampler;

  beforeEach(() => {
    proc = mkdtempSync(path.join(tmpdir(), 'cre-sampler-'));
    now = 1_000_000;
    sampler = new ProcessSampler({ bootUs: 500, errorUs: 30 }, () => (now += 10), proc);
  });
  afterEach(() => rmSync(proc, { recursive: true, force: true }));

  function process(pid: number, parent: number, argv: readonly string[], ticks = pid * 10): void {
    mkdirSync(path.join(proc, String(pid)), { recursive: true });
    const comm = path.basename(argv[0] ?? '').slice(0, 15);
    const rest = `S ${parent} 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 ${ticks}${' 0'.repeat(30)}`;
    writeFileSync(path.join(proc, String(pid), 'stat'), `${pid} (${comm}) ${rest}\n`);
    writeFileSync(path.join(proc, String(pid), 'cmdline'), argv.map((word) => `${word}\0`).join(''));
  }
  const end = (pid: number): void => rmSync(path.join(proc, String(pid)), { recursive: true });
  const told = (): unknown[] =>
    sampler.look().map(({ role, pid, containerId, verb }) => [role, pid, containerId, verb]);

  it('tells shims and the runtimes that they call, each once, with the start that the kernel tells', () => {
    process(1, 0, ['init']);
    sampler.begin();
    process(10, 1, [...SHIM, 'start']);
    process(11, 1, SHIM);
    assert.deepEqual(told(), [
      ['shim-starter', 10, ID, undefined],
      ['shim', 11, ID, undefined],
    ]);
    process(12, 11, CREATE);
    const [runtime] = sampler.look();
    assert.deepEqual([runtime!.role, runtime!.verb, runtime!.parentPid], ['runtime', 'create', 11]);
    // 12 × 10 ticks after the boot; earlier by what the boot clock may be off.
    assert.equal(runtime!.atUs, 500 + 120 * TICK_US - 30);
    assert.equal(runtime!.precisionUs, TICK_US + 30);
    assert.deepEqual(told(), []);
  });

  it('tells between which looks a process ended, and takes another with its PID for another', () => {
    sampler.begin();
    process(11, 1, SHIM);
    process(12, 11, CREATE);
    sampler.look();
    const before = now;
    end(12);
    const [gone] = sampler.look();
    assert.equal(gone!.pid, 12);
    assert.ok(gone!.goneUs && gone!.goneUs[0] <= before && gone!.goneUs[1] > before);
    process(12, 11, ['runc', 'start', ID], 999);
    const [next] = sampler.look();
    assert.deepEqual([next!.verb, next!.startTicks, next!.goneUs], ['start', 999, undefined]);
  });

  it('tells when the init process became the program, between two looks', () => {
    sampler.begin();
    process(11, 1, SHIM);
    process(20, 11, ['runc', 'init']);
    sampler.expectInit(20, ID);
    assert.deepEqual(told().at(-1), ['init', 20, ID, undefined]);
    sampler.look();
    const before = now;
    process(20, 11, ['sleep', '600']);
    const [init] = sampler.look();
    assert.deepEqual([init!.role, init!.argv], ['init', ['sleep', '600']]);
    assert.ok(init!.programUs && init!.programUs[0] <= before && init!.programUs[1] > before);
    assert.deepEqual(told(), []);
  });

  it('tells nothing of what ran before, of strangers, and of a runtime that no shim has called', () => {
    process(5, 1, CREATE);
    process(6, 1, SHIM);
    sampler.begin();
    assert.deepEqual(told(), []);
    process(30, 1, ['sh', '-c', 'create']);
    process(31, 1, CREATE);
    process(32, 6, ['ps', '-q']);
    for (let look = 0; look < 30; look++) assert.deepEqual(told(), [], `look ${look}`);
    // The shim of before can serve a new container.
    process(33, 6, CREATE);
    assert.deepEqual(told(), [['runtime', 33, ID, 'create']]);
  });

  it('goes on where processes vanish while it reads, and where there is no /proc', () => {
    mkdirSync(path.join(proc, '40'));
    writeFileSync(path.join(proc, '41'), 'no folder');
    assert.deepEqual(told(), []);
    const none = new ProcessSampler({ bootUs: 0, errorUs: 0 }, () => 0, path.join(proc, 'none'));
    none.begin();
    assert.deepEqual(none.look(), []);
  });
});
