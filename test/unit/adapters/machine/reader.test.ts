import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMachine, type Machine } from '../../../../src/adapters/machine/machine';
import { Reader } from '../../../../src/adapters/machine/reader';
import { RuntimeError } from '../../../../src/model/problem';
import { buildWorker } from '../../../support/workers';

describe('the thread that reads this machine', function () {
  this.timeout(60_000);
  let folder: string;
  let worker: ReturnType<typeof buildWorker>;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'cre-reader-'));
    worker = buildWorker('src/adapters/machine/machineWorker.ts');
  });

  after(() => {
    worker.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A thread of a test: `body` has the port and the message. */
  function scripted(name: string, body: string): string {
    const file = join(folder, `${name}.js`);
    writeFileSync(
      file,
      `const { parentPort: port } = require('node:worker_threads'); port.on('message', (message) => { ${body} });`,
    );
    return file;
  }

  const machineOf = (file: string): Machine => createMachine(file, { env: process.env });

  it('tells the same as reading in the thread that asks', async () => {
    const threaded = machineOf(worker.file);
    const plain = machineOf(join(folder, 'no-such-worker.js'));
    try {
      const tables = await Promise.all([threaded.processTable(), plain.processTable()]);
      for (const table of tables) {
        const own = table.byPid.get(process.pid);
        assert.equal(own?.parentPid, process.ppid);
        assert.ok(table.childrenOf(process.ppid).some(({ pid }) => pid === process.pid));
      }
      assert.equal(tables[0]?.byPid.get(process.pid)?.startTicks, tables[1]?.byPid.get(process.pid)?.startTicks);
      for (const [index, machine] of [threaded, plain].entries()) {
        const processes = tables[index];
        assert.ok(processes);
        const report = await machine.kernel.look({ processes });
        assert.deepEqual(
          report.layers.map(({ id }) => id),
          ['shim', 'kernel'],
        );
      }
    } finally {
      threaded.dispose();
      plain.dispose();
    }
  });

  it('takes a table that it has not made', async () => {
    const machine = machineOf(worker.file);
    try {
      const empty = { observedAt: new Date().toISOString(), byPid: new Map(), childrenOf: () => [] };
      const { layers } = await machine.kernel.look({ processes: empty });
      assert.equal(layers[0]?.status, 'absent');
    } finally {
      machine.dispose();
    }
  });

  it('that breaks rejects what it was asked, and the next question starts another', async () => {
    const flag = join(folder, 'broken-once');
    const file = scripted(
      'breaks',
      `const fs = require('node:fs');
       if (fs.existsSync(${JSON.stringify(flag)})) return port.postMessage({ id: message.id, answer: undefined });
       fs.writeFileSync(${JSON.stringify(flag)}, '');
       throw new Error('out of order');`,
    );
    let restarts = 0;
    const reader = new Reader(file, { env: {} }, () => restarts++);
    try {
      await assert.rejects(
        reader.ask('readStat', { pid: 1 }),
        (error: unknown) => error instanceof RuntimeError && /out of order/.test(error.problem.reason),
      );
      assert.equal(restarts, 1);
      assert.equal(await reader.ask('readStat', { pid: 1 }), undefined);
    } finally {
      reader.dispose();
    }
  });

  it('that hangs is given up with the reason', async () => {
    const reader = new Reader(
      scripted('hangs', 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);'),
      { env: {} },
      undefined,
      200,
    );
    try {
      await assert.rejects(
        reader.ask('readStat', { pid: 1 }),
        (error: unknown) => error instanceof RuntimeError && error.problem.code === 'deadline',
      );
    } finally {
      reader.dispose();
    }
  });

  it('is refused, not started again, once it is disposed', async () => {
    const reader = new Reader(worker.file, { env: {} });
    reader.dispose();
    await assert.rejects(
      reader.ask('readStat', { pid: 1 }),
      (error: unknown) => error instanceof RuntimeError && error.problem.code === 'cancelled',
    );
  });
});
