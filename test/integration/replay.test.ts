// Copies of calls below the engine, on the real thing: what ctr makes from them, and what the shim really ran.
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { createHost, type Host } from '../../src/hostAdapters';
import { buildApiCalls } from '../../src/model/apiCalls/chain';
import type { ApiCall } from '../../src/model/apiCall';
import { findContainer } from '../../src/model/inventory';
import { memberAt } from '../../src/util/records';
import { shellLine } from '../../src/util/text';
import { startLab, type Lab } from '../lab/lab';
import { mustRun } from '../lab/run';
import { eventually } from '../support/fakeAdapter';

describe('calls below the engine, copied from a container', function () {
  this.timeout(180_000);
  let lab: Lab;
  let host: Host;
  let workers: string;
  let runtimeLog: string;
  let calls: readonly ApiCall[];
  let id: string;

  before(async () => {
    lab = await startLab();
    workers = mkdtempSync(path.join(tmpdir(), 'cre-no-workers-'));
    runtimeLog = path.join(lab.dir, 'runtime-calls');
    const wrapper = path.join(lab.dir, 'noting-runc');
    writeFileSync(
      wrapper,
      `#!/bin/sh\n{ printf '%s' "$0"; for word; do printf '\\t%s' "$word"; done; echo; } >> ${runtimeLog}\nexec runc "$@"\n`,
    );
    chmodSync(wrapper, 0o755);
    const config = path.join(lab.dir, 'dockerd.json');
    const before = JSON.parse(readFileSync(config, 'utf8')) as object;
    writeFileSync(config, JSON.stringify({ ...before, runtimes: { noting: { path: wrapper } } }));
    process.kill(lab.dockerdPid, 'SIGHUP');
    await eventually(
      async () => (await lab.mustDocker(['info', '--format', '{{json .Runtimes}}'])).includes('noting'),
      'the engine knows the noting runtime',
    );
    const run = ['run', '--detach', '--runtime=noting', '--network=none', '--name=copied', lab.image, 'sleep', '600'];
    id = await lab.mustDocker(run);
    host = createHost({
      settings: () => ({
        dockerEndpoints: [`unix://${lab.dockerSocket}`],
        containerdAddresses: [lab.containerdSocket],
        podmanEndpoints: [],
        kubeconfigs: [],
      }),
      env: lab.env,
      workerFolder: workers,
    });
    calls = await callsOf(id);
  });

  after(async () => {
    host.store.dispose();
    rmSync(workers, { recursive: true, force: true });
    await lab.stop();
  });

  async function callsOf(containerId: string): Promise<readonly ApiCall[]> {
    const { facts } = await host.store.inspect(containerId);
    const container = findContainer(await host.store.inventory(), containerId);
    assert.ok(container);
    return buildApiCalls({ container, facts, reveal: true });
  }

  function copy(of: readonly ApiCall[], method: RegExp, target: RegExp, label: string): string {
    const call = of.find((one) => method.test(one.method) && target.test(one.target));
    const text = call?.copies?.[label];
    assert.ok(text, `${String(method)} has a copy for ${label}`);
    return text;
  }

  it('show the OCI runtime’s command lines word for word as the shim ran them', () => {
    const noted = readFileSync(runtimeLog, 'utf8')
      .split('\n')
      .filter((line) => line.includes(id))
      .map((line) => line.split('\t'));
    for (const verb of ['create', 'start']) {
      const words = noted.find((line) => line.includes(verb));
      assert.ok(words, `the shim ran ${verb}`);
      const [line] = copy(calls, /noting-runc/, new RegExp(` ${verb} `), 'OCI runtime').split('\n');
      assert.equal(line, shellLine(words));
    }
  });

  it('have a command that shows what the OCI runtime left behind', async () => {
    const state = /^# What it left behind: (.*)$/m.exec(copy(calls, /noting-runc/, / create /, 'OCI runtime'))?.[1];
    assert.ok(state);
    const { stdout } = await mustRun('sh', ['-c', state]);
    const pid = Number(await lab.mustDocker(['inspect', '--format', '{{.State.Pid}}', id]));
    assert.deepEqual([memberAt(JSON.parse(stdout), 'status'), memberAt(JSON.parse(stdout), 'pid')], ['running', pid]);
  });

  it('make the same record with ctr, and refuse to run the hooks of another container again', async () => {
    await mustRun('sh', ['-c', copy(calls, /Containers.Create/, /./, 'ctr')], { env: lab.env });
    const info = async (of: string): Promise<unknown> =>
      JSON.parse((await lab.ctr(['--namespace', 'moby', 'containers', 'info', of])).stdout);
    const [first, again] = [await info(id), await info(`${id}-again`)];
    assert.deepEqual(memberAt(again, 'Spec'), memberAt(first, 'Spec'));
    assert.equal(memberAt(again, 'Runtime', 'Name'), memberAt(first, 'Runtime', 'Name'));
    const task = copy(calls, /Tasks.Create/, /./, 'ctr');
    assert.match(task, /Not to be replayed: config.json has hooks/);
    const { stdout } = await mustRun('sh', ['-c', task], { env: lab.env });
    assert.ok(stdout.includes(id) && !stdout.includes(`${id}-again`), 'it shows the task, and starts none');
    await lab.ctr(['--namespace', 'moby', 'containers', 'delete', `${id}-again`]);
  });

  it('say of a task on a snapshot that ctr cannot make it again from config.json, and show it', async () => {
    const made = [
      '--namespace',
      'k8s.io',
      'run',
      '--detach',
      '--null-io',
      `docker.io/${lab.image}`,
      'by-ctr',
      'sleep',
      '600',
    ];
    assert.equal((await lab.ctr(made)).code, 0);
    try {
      await host.store.refresh('asked by the user');
      const task = copy(await callsOf('k8s.io/by-ctr'), /Tasks.Start/, /./, 'ctr');
      assert.match(task, /Not to be replayed: the root file system is a snapshot/);
      assert.match((await mustRun('sh', ['-c', task], { env: lab.env })).stdout, /^by-ctr +\d+ +RUNNING/m);
    } finally {
      await lab.ctr(['--namespace', 'k8s.io', 'tasks', 'delete', '--force', 'by-ctr']);
    }
  });
});
