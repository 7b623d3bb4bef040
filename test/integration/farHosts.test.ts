// Two engines as two contexts, both live at once. The second is behind a plain byte relay on a TCP port, as a VM's or a far one is.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFarHosts, type FarHostSettings } from '../../src/farHostAdapters';
import { createHost, type Host } from '../../src/hostAdapters';
import { isKnown } from '../../src/model/fact';
import { memberAt } from '../../src/util/records';
import type { FarHost } from '../../src/store/farHost';
import { Hosts } from '../../src/store/hosts';
import { startLab, type Lab } from '../lab/lab';
import { startByteRelay, type ByteRelay } from '../support/byteRelay';
import { eventually } from '../support/fakeAdapter';

describe('contexts as live hosts', function () {
  this.timeout(180_000);
  let here: Lab;
  let there: Lab;
  let folder: string;
  let relay: ByteRelay;
  let host: Host;
  let hosts: Hosts;
  let settings: FarHostSettings = { dockerEndpoints: [], addedHosts: [], hiddenHosts: [] };
  let ids: { readonly here: string; readonly there: string };

  before(async () => {
    [here, there] = [await startLab(), await startLab()];
    const run = (lab: Lab): Promise<string> =>
      lab.mustDocker(['run', '--detach', '--network=none', '--name=twin', lab.image, 'sleep', '600']);
    ids = { here: await run(here), there: await run(there) };
    relay = await startByteRelay(there.dockerSocket, { host: '127.0.0.1', port: 0 });
    folder = mkdtempSync(join(tmpdir(), 'cre-contexts-'));
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ currentContext: 'here' }));
    writeContext('here', `unix://${here.dockerSocket}`);
    writeContext('there', `tcp://127.0.0.1:${relay.port}`);
    const { DOCKER_HOST: _, ...rest } = here.env;
    const env = { ...rest, DOCKER_CONFIG: folder, XDG_RUNTIME_DIR: folder, HOME: folder };
    const common = { env, workerFolder: join(process.cwd(), 'dist') };
    host = createHost({
      ...common,
      settings: () => ({ dockerEndpoints: [], containerdAddresses: [here.containerdSocket], podmanEndpoints: [] }),
    });
    const far = createFarHosts({
      ...common,
      settings: () => settings,
      machineId: host.machineId,
      elsewhere: host.elsewhere,
      isProgramAllowed: () => false,
    });
    hosts = new Hosts(host.store, undefined, far);
  });

  after(async () => {
    hosts?.dispose();
    host?.store.dispose();
    relay?.dispose();
    if (folder) rmSync(folder, { recursive: true, force: true });
    await there?.stop();
    await here?.stop();
  });

  function writeContext(name: string, address: string): void {
    const meta = join(folder, 'contexts/meta', createHash('sha256').update(name).digest('hex'));
    mkdirSync(meta, { recursive: true });
    writeFileSync(
      join(meta, 'meta.json'),
      JSON.stringify({ Name: name, Metadata: {}, Endpoints: { docker: { Host: address, SkipTLSVerify: false } } }),
    );
  }

  function theOther(): FarHost {
    const [other] = hosts.others;
    assert.ok(other);
    return other;
  }

  it('lists the context that is not current, and dials it only when it is asked for', async () => {
    const attention = hosts.attend();
    const inventory = await hosts.inventory();
    assert.ok(inventory.containers.some(({ id }) => id === ids.here));
    assert.deepEqual(
      hosts.others.map(({ about, connection }) => [about.name, about.endpoint, connection.state]),
      [['there', `tcp://127.0.0.1:${relay.port}`, 'none']],
    );
    attention.dispose();
    assert.equal(relay.dialled, 0);
  });

  it('shows both at once, each with its own container of the same name', async () => {
    const far = await theOther().inventory();
    assert.ok(relay.dialled > 0);
    assert.deepEqual(
      far.containers.map(({ id, name }) => [id, name]),
      [[`@${theOther().about.key}/${ids.there}`, 'twin']],
    );
    const near = await hosts.inspect(ids.here);
    const other = await hosts.inspect(`@${theOther().about.key}/${ids.there}`);
    for (const [inspection, lab, id] of [
      [near, here, ids.here],
      [other, there, ids.there],
    ] as const) {
      assert.ok(isKnown(inspection.facts.engineRecord));
      assert.equal(memberAt(inspection.facts.engineRecord.value, 'Id'), id);
      const pid = Number(await lab.mustDocker(['inspect', '--format', '{{.State.Pid}}', id]));
      assert.ok(isKnown(inspection.facts.initPid));
      assert.equal(inspection.facts.initPid.value, pid);
    }
    // Behind the relay only the engine can tell, whatever this machine's files would say of that process.
    assert.ok(isKnown(other.facts.initPid) && other.facts.initPid.route === 'docker-api');
    assert.ok(isKnown(near.facts.initPid) && near.facts.initPid.route === 'procfs');
  });

  it('hears each engine’s events while somebody looks', async () => {
    const heard: string[] = [];
    const listening = hosts.onDidChange(({ containerIds }) => heard.push(...containerIds));
    const attention = hosts.attend();
    const stop = (): void => [listening, attention].forEach((one) => one.dispose());
    try {
      await there.mustDocker(['pause', 'twin']);
      await eventually(
        () => hosts.inventoryOf(`@${theOther().about.key}/${ids.there}`)?.containers[0]?.state === 'paused',
        'the far one is paused',
      );
      assert.ok(heard.includes(`@${theOther().about.key}/${ids.there}`));
      await there.mustDocker(['unpause', 'twin']);
    } finally {
      stop();
    }
  });

  it('is untouched by the death of the other', async () => {
    await there.killDockerd('SIGKILL');
    const far = await theOther().refresh('asked by the user');
    assert.deepEqual(
      far.layers.map(({ status }) => status),
      ['failed'],
    );
    assert.equal(theOther().connection.state, 'failed');
    const near = await hosts.refresh('asked by the user');
    assert.ok(near.layers.filter(({ kind }) => kind === 'engine').every(({ status }) => status === 'ok'));
    assert.equal((await hosts.inspect('twin')).id, ids.here);
    await there.startDockerd();
    await theOther().refresh('asked by the user');
    assert.equal(theOther().connection.state, 'connected');
  });

  it('takes the user’s own endpoints for hosts, and leaves out what is hidden', async () => {
    settings = { ...settings, addedHosts: [`unix://${there.dockerSocket}`], hiddenHosts: ['there'] };
    await hosts.far.update();
    assert.deepEqual(
      hosts.others.map(({ about, connection }) => [about.name, connection.state]),
      [[`unix://${there.dockerSocket}`, 'none']],
    );
    assert.equal((await theOther().inventory()).layers[0]?.status, 'ok');
  });
});
