import assert from 'node:assert/strict';
import { readFileSync, readlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { isKnown } from '../../src/model/fact';
import type { ContainerFacts } from '../../src/model/inspection';
import { startLab, type Lab } from '../lab/lab';
import { printed } from '../support/groundTruth';
import { buildProbe, type Probe, type Seen } from '../support/unprivileged';

const SOCKET = '/var/run/docker.sock';

describe('the explorer in a dev container with the engine’s socket', () => {
  let lab: Lab;
  let probe: Probe;
  /** Containers as dev containers are: one with a cgroup namespace of its own, one without; and a neighbour. */
  const ids = new Map<string, string>();

  before(async () => {
    lab = await startLab();
    probe = buildProbe();
    // The image has busybox alone: the test's own Node and its libraries are mounted into it.
    const node = dirname(dirname(process.execPath));
    const libraries = ['/usr', '/lib', '/lib64', node].map((folder) => `--volume=${folder}:${folder}:ro`);
    const mounts = [
      ...libraries,
      `--volume=${probe.folder}:${probe.folder}:ro`,
      `--volume=${lab.dockerSocket}:${SOCKET}`,
    ];
    const run = ['run', '--detach', '--network=none', '--memory=512m'];
    for (const cgroupns of ['host', 'private']) {
      // A host name proves nothing: this one lies.
      const name = `dev-${cgroupns}`;
      const options = [`--name=${name}`, `--hostname=${'e'.repeat(12)}`, `--cgroupns=${cgroupns}`, ...mounts];
      ids.set(name, await lab.mustDocker([...run, ...options, lab.image, 'sleep', '36000']));
    }
    ids.set('neighbour', await lab.mustDocker([...run, '--name=neighbour', lab.image, 'sleep', '36000']));
  });
  after(async () => {
    probe?.dispose();
    await lab?.stop();
  });

  const idOf = (name: string): string => ids.get(name) ?? '';
  async function seenIn(name: string, ...inspected: string[]): Promise<Seen> {
    const [program, args] = probe.command('root', inspected.map(idOf));
    return JSON.parse(await lab.mustDocker(['exec', '--env=HOME=/tmp', idOf(name), program, ...args])) as Seen;
  }
  const factsOf = (seen: Seen): ContainerFacts => {
    const facts = seen.inspections[0]?.facts;
    assert.ok(facts, JSON.stringify(seen.problems));
    return facts;
  };

  for (const name of ['dev-host', 'dev-private']) {
    it(`knows which container it is in, and what it cannot see (${name})`, async () => {
      const { inventory } = await seenIn(name);
      const kernel = inventory.layers.find(({ kind }) => kind === 'kernel');
      assert.equal(kernel?.status, 'partly');
      assert.match(kernel?.problem?.reason ?? '', new RegExp(`runs in the container ${idOf(name).slice(0, 12)} `));
      assert.match(kernel?.problem?.reason ?? '', /neither shims nor/);
      assert.deepEqual(kernel?.containerIds, [idOf(name)], 'of all containers this layer shows its own');
      const engine = inventory.layers.find(({ kind }) => kind === 'engine');
      assert.equal(engine?.containerIds.length, 3);
    });

    it(`shows its own chain, counted as the host counts (${name})`, async () => {
      const facts = factsOf(await seenIn(name, name));
      const pid = await lab.mustDocker(['inspect', '--format', '{{.State.Pid}}', idOf(name)]);
      assert.ok(isKnown(facts.initPid) && isKnown(facts.shimPid) && isKnown(facts.namespaces));
      assert.equal(String(facts.initPid.value), pid);
      assert.equal(String(facts.shimPid.value), (await printed('ps', '-o', 'ppid=', '-p', pid)).trim());
      assert.equal(facts.namespaces.route, 'procfs');
      for (const type of ['pid', 'mnt', 'net', 'ipc', 'uts', 'cgroup'])
        assert.equal(`${type}:[${facts.namespaces.value[type]}]`, readlinkSync(`/proc/${pid}/ns/${type}`));
      assert.ok(isKnown(facts.cgroupPaths), JSON.stringify(facts.cgroupPaths));
      for (const line of readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim().split('\n')) {
        const [, controllers = '', path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
        assert.equal(facts.cgroupPaths.value[controllers], path);
      }
    });
  }

  it('says of a neighbour why its processes and files cannot be seen', async () => {
    const facts = factsOf(await seenIn('dev-host', 'neighbour'));
    const pid = await lab.mustDocker(['inspect', '--format', '{{.State.Pid}}', idOf('neighbour')]);
    assert.ok(isKnown(facts.initPid) && isKnown(facts.shimPid), 'the engine tells these');
    assert.equal(String(facts.initPid.value), pid);
    assert.equal(String(facts.shimPid.value), (await printed('ps', '-o', 'ppid=', '-p', pid)).trim());
    for (const fact of [facts.cgroups, facts.bundlePath, facts.runtimeState]) {
      assert.ok(!isKnown(fact));
      assert.match(fact.unavailable, /explorer runs in (a|the) container/);
      assert.match(fact.remedy, /Open the host itself/);
    }
  });
});
