import assert from 'node:assert/strict';
import { isKnown, type Fact } from '../../src/model/fact';
import { startLab, type Lab } from '../lab/lab';
import { printed } from '../support/groundTruth';
import { buildProbe, DOCKER_GROUP, openToGroup, type Probe, type Seen } from '../support/unprivileged';

describe('what users other than root are shown', () => {
  let lab: Lab;
  let probe: Probe;
  let running: string;
  let exited: string;
  let pid: string;

  before(async () => {
    lab = await startLab();
    running = await lab.mustDocker([
      'run',
      '--detach',
      '--network=none',
      '--memory=64m',
      '--name=runs',
      lab.image,
      'sleep',
      '36000',
    ]);
    exited = await lab.mustDocker(['run', '--detach', '--network=none', '--name=ended', lab.image, 'true']);
    await lab.mustDocker(['wait', exited]);
    pid = await lab.mustDocker(['inspect', '--format', '{{.State.Pid}}', running]);
    openToGroup(lab);
    probe = buildProbe();
  });
  after(async () => {
    probe?.dispose();
    await lab?.stop();
  });

  const seenBy = (group: number | undefined, ...ids: string[]): Promise<Seen> =>
    probe.see(group === undefined ? [] : [group], ids, lab.env);

  const route = (fact: Fact<unknown>): string => (isKnown(fact) ? fact.route : `unavailable: ${fact.unavailable}`);

  it("shows a member of the socket's group everything that the engine and /proc tell", async () => {
    const { inspections } = await seenBy(DOCKER_GROUP, running);
    const facts = inspections[0]?.facts;
    assert.ok(facts);
    assert.ok(
      isKnown(facts.initPid) &&
        isKnown(facts.shimPid) &&
        isKnown(facts.cgroupPaths) &&
        isKnown(facts.namespaces) &&
        isKnown(facts.processes),
    );
    assert.equal(String(facts.initPid.value), pid);
    assert.equal(String(facts.shimPid.value), (await printed('ps', '-o', 'ppid=', '-p', pid)).trim());
    assert.equal(route(facts.shimPid), 'procfs', 'command lines are open to everybody');
    assert.equal(route(facts.cgroupPaths), 'procfs');
    assert.equal(route(facts.cgroups), 'cgroupfs');
    // The links of /proc/PID/ns are root's; ps on the engine's side reads them for us.
    assert.equal(route(facts.namespaces), 'docker-api');
    assert.equal(`mnt:[${facts.namespaces.value.mnt}]`, (await printed('readlink', `/proc/${pid}/ns/mnt`)).trim());
    assert.ok(
      facts.namespaces.better?.some(({ unavailable }) => /EACCES/.test(unavailable)),
      'and says why not better',
    );
  });

  it('says what stays hidden from that member, why, and what would help', async () => {
    const { inspections, inventory } = await seenBy(DOCKER_GROUP, running);
    const facts = inspections[0]?.facts;
    assert.ok(facts && !isKnown(facts.bundlePath) && !isKnown(facts.runtimeState));
    for (const fact of [facts.bundlePath, facts.runtimeState])
      assert.ok(!isKnown(fact) && fact.unavailable && fact.remedy);
    assert.ok(isKnown(facts.ociConfig), JSON.stringify(facts.ociConfig));
    assert.equal(facts.ociConfig.route, 'derived', 'config.json is reconstructed, and marked so');
    const containerd = inventory.layers.find(({ kind }) => kind === 'containerd');
    assert.equal(containerd?.status, 'failed');
    assert.match(containerd?.problem?.reason ?? '', /EACCES|may not|permission/i);
    assert.deepEqual(
      inventory.containers
        .map(({ name }) => name)
        .filter((name) => name !== undefined)
        .sort(),
      ['ended', 'runs'],
    );
  });

  it('names the group to whoever is in none, and never a wider mode', async () => {
    const { inventory } = await seenBy(undefined);
    const engine = inventory.layers.find(
      ({ kind, endpoint }) => kind === 'engine' && endpoint === `unix://${lab.dockerSocket}`,
    );
    assert.equal(engine?.status, 'failed');
    const said = JSON.stringify(inventory.layers);
    assert.match(engine?.problem?.reason ?? '', /EACCES/);
    assert.ok(engine?.problem?.remedy);
    assert.doesNotMatch(said, /chmod|666|sudo/);
    const kernel = inventory.layers.find(({ kind }) => kind === 'kernel');
    assert.ok(kernel?.containerIds.includes(running), 'the kernel shows the container all the same');
  });
});
