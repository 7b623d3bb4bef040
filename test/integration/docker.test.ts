import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Report } from '../../src/adapters/adapter';
import { createDockerAdapter } from '../../src/adapters/docker/adapter';
import { findDockerEndpoints } from '../../src/adapters/docker/endpoints';
import { createDockerTopAdapter } from '../../src/adapters/docker/top';
import type { Container } from '../../src/model/container';
import { isKnown, valueOf, type Fact } from '../../src/model/fact';
import type { Findings } from '../../src/model/inspection';
import type { LayerReport } from '../../src/model/layer';
import { joinSightings } from '../../src/store/identity';
import { parseJsonExact } from '../../src/util/json';
import { asArray, asStringMap, asStrings, memberAt } from '../../src/util/records';
import { startLab, type Lab } from '../lab/lab';
import { mustRun } from '../lab/run';
import { startSamples } from '../lab/samples';
import { eventually, noProcesses } from '../support/fakeAdapter';
import { buildWorker } from '../support/workers';

describe('a Docker Engine', () => {
  const worker = buildWorker('src/adapters/docker/eventsWorker.ts');
  let lab: Lab;
  const adapter = createDockerAdapter({
    endpoints: () => findDockerEndpoints({ env: lab.env, home: lab.dir, settings: [] }),
    workerFile: worker.file,
  });
  const look = (): Promise<Report> => adapter.look({ processes: noProcesses });
  const inspect = (container: Container): Promise<Findings> =>
    adapter.inspect({ container, processes: noProcesses, found: {} });

  before(async () => {
    lab = await startLab();
    await startSamples(lab);
  });
  after(async () => {
    adapter.dispose();
    worker.remove();
    await lab?.stop();
  });

  /** All containers, from a look at which nothing changed between ours and the command line's. */
  async function containers(): Promise<Container[]> {
    const { sightings, layers } = await look();
    return joinSightings(sightings, layers);
  }

  it('lists what docker ps --all lists', async () => {
    let shown: string[] = [];
    let listed: string[] = [];
    // Health checks change what is listed, so both are taken until they agree.
    await eventually(async () => {
      const { sightings } = await look();
      shown = sightings.map((one) => [one.runtimeId, one.name, one.state, one.image].join(' ')).sort();
      const format = '{{.ID}} {{.Names}} {{.State}} {{.Image}}';
      listed = (await lab.mustDocker(['ps', '--all', '--no-trunc', '--format', format])).split('\n').sort();
      return shown.join('\n') === listed.join('\n');
    }, 'the list equals docker ps --all').catch(() => assert.deepEqual(shown, listed));
    assert.ok(listed.length >= 34);
  });

  it('gives every container its labels, state and time of creation as docker inspect does', async () => {
    const { sightings } = await look();
    const records = await inspectAll();
    assert.equal(sightings.length, records.size);
    for (const sighting of sightings) {
      const record = records.get(sighting.runtimeId);
      assert.deepEqual(sighting.labels, asStringMap(memberAt(record, 'Config', 'Labels')), sighting.name);
      const created = Date.parse(String(memberAt(record, 'Created')));
      assert.equal(sighting.createdAtMs, Math.floor(created / 1_000) * 1_000, sighting.name);
      assert.equal(sighting.containerdNamespace, 'moby');
    }
  });

  it('describes the engine as docker info and docker version do', async () => {
    const { layers } = await look();
    assert.deepEqual(
      layers.map(({ id, status }) => [id, status]),
      [
        ['client', 'ok'],
        [`engine:unix://${lab.dockerSocket}`, 'ok'],
      ],
    );
    const engine = layers[1];
    const info: unknown = JSON.parse(await lab.mustDocker(['info', '--format', '{{json .}}']));
    const version: unknown = JSON.parse(await lab.mustDocker(['version', '--format', '{{json .Server}}']));
    assert.equal(engine?.version, memberAt(version, 'Version'));
    const part = (name: string): unknown =>
      memberAt(
        asArray(memberAt(version, 'Components')).find((one) => memberAt(one, 'Name') === name),
        'Version',
      );
    const expected = {
      'API versions': `${String(memberAt(version, 'MinAPIVersion'))} to ${String(memberAt(version, 'ApiVersion'))}`,
      'Cgroup driver': memberAt(info, 'CgroupDriver'),
      'Cgroup version': memberAt(info, 'CgroupVersion'),
      'Default runtime': memberAt(info, 'DefaultRuntime'),
      'Storage driver': memberAt(info, 'Driver'),
      'Data root': memberAt(info, 'DockerRootDir'),
      'Live restore': 'no',
      'Security options': asStrings(memberAt(info, 'SecurityOptions')).join(' · '),
      Images: String(memberAt(info, 'Images')),
      containerd: part('containerd'),
      runc: part('runc'),
      'Found because': 'DOCKER_HOST names it.',
    };
    for (const [label, value] of Object.entries(expected)) assert.equal(detail(engine, label), value, label);
    const runtimes = Object.keys(memberAt(info, 'Runtimes') as object).sort();
    assert.deepEqual(detail(engine, 'Runtimes')?.split(', ').sort(), runtimes);
  });

  it('shows what the clients are told, and counts the Compose projects', async () => {
    const client = (await look()).layers[0];
    assert.equal(detail(client, 'Current endpoint'), `unix://${lab.dockerSocket}`);
    assert.match(detail(client, 'Current context') ?? '', /^default: DOCKER_HOST is set/);
    assert.equal(detail(client, 'Compose projects'), '1 project: shop');
  });

  it('tells of every sample what docker inspect and docker image inspect tell', async () => {
    for (const container of await containers()) {
      const { name } = container;
      let found: Findings = {};
      let record: unknown;
      // Health checks write into the record, so both are taken until they agree.
      await eventually(async () => {
        found = await inspect(container);
        record = asArray(parseJsonExact(await lab.mustDocker(['inspect', '--type=container', container.runtimeId])))[0];
        return JSON.stringify(valueOf(found.engineRecord)) === JSON.stringify(record);
      }, `the record of ${name} equals docker inspect`).catch(() =>
        assert.deepEqual(valueOf(found.engineRecord), record),
      );
      const image: unknown = parseJsonExact(await lab.mustDocker(['image', 'inspect', lab.image]));
      assert.deepEqual(knownOf(found.engineImage), asArray(image)[0], name);
      const pid = memberAt(record, 'State', 'Pid');
      if (pid === 0) assert.ok(found.initPid && !isKnown(found.initPid) && found.initPid.remedy, name);
      else assert.equal(knownOf(found.initPid), pid, name);
      assert.equal(knownOf(found.runtime).binary, memberAt(record, 'HostConfig', 'Runtime'), name);
      assert.equal(knownOf(found.engine).endpoint, `unix://${lab.dockerSocket}`);
    }
  });

  it('gives commands that show the same', async () => {
    const plain = (await containers()).find(({ name }) => name === 'plain');
    assert.ok(plain);
    const found = await inspect(plain);
    for (const fact of [found.engineRecord, found.engineImage, found.engine]) {
      assert.ok(fact && isKnown(fact));
      const [program = '', ...words] = fact.how.split(' ');
      const { stdout } = await mustRun(program, words);
      assert.ok(stdout.startsWith('{') || stdout.startsWith('['), fact.how);
    }
  });

  it('tells the past events of a container, those of others left out', async () => {
    const id = await lab.mustDocker(['run', '--detach', '--network=none', '--label=a=b', lab.image, 'sleep', '36000']);
    await lab.mustDocker(['rm', '--force', await lab.mustDocker(['create', '--network=none', lab.image, 'true'])]);
    try {
      const container = (await containers()).find(({ runtimeId }) => runtimeId === id);
      assert.ok(container);
      const events = knownOf((await inspect(container)).engineEvents);
      const told = events.map((event) => memberAt(event, 'Action'));
      assert.deepEqual(
        told.filter((action) => action === 'create' || action === 'start'),
        ['create', 'start'],
      );
      for (const event of events) assert.equal(memberAt(event, 'Actor', 'ID'), id);
      const since = memberAt(events[0], 'time');
      const until = Number(memberAt(events.at(-1), 'time')) + 1;
      const printed = await lab.mustDocker([
        'events',
        `--since=${since}`,
        `--until=${until}`,
        `--filter=container=${id}`,
        '--format={{json .}}',
      ]);
      assert.deepEqual(
        events.map((event) => memberAt(event, 'timeNano')),
        printed.split('\n').map((line) => memberAt(parseJsonExact(line), 'timeNano')),
      );
    } finally {
      await lab.mustDocker(['rm', '--force', id]);
    }
  });

  it('says of a container that is gone that the engine does not know it', async () => {
    const plain = (await containers()).find(({ name }) => name === 'plain');
    assert.ok(plain);
    const gone = { ...plain, runtimeId: 'f'.repeat(64) };
    const found = await inspect(gone);
    assert.ok(found.engineRecord && !isKnown(found.engineRecord));
    assert.match(found.engineRecord.unavailable, /404.*No such container/);
  });

  describe('asked for top, where nothing else can tell', () => {
    const top = createDockerTopAdapter({ clientOf: (layerIds) => adapter.clientOf(layerIds) });

    it('tells the shim, the cgroups, the namespaces and the processes as /proc does', async () => {
      for (const container of (await containers()).filter(({ state }) => state === 'running' || state === 'paused')) {
        const found = await inspect(container);
        const told = await top.inspect({ container, processes: noProcesses, found });
        const pid = knownOf(found.initPid);
        const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
        assert.equal(knownOf(told.shimPid), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
        const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim().split('\n');
        const cgroups = lines.map((line) => /^\d+:([^:]*):(.*)$/.exec(line)?.slice(1, 3));
        assert.deepEqual(knownOf(told.cgroupPaths), Object.fromEntries(cgroups as [string, string][]), container.name);
        for (const [type, inode] of Object.entries(knownOf(told.namespaces))) {
          const { stdout } = await mustRun('readlink', [`/proc/${pid}/ns/${type}`]);
          assert.equal(`${type}:[${inode}]`, stdout.trim());
        }
        assert.equal(Object.keys(knownOf(told.namespaces)).length, 7);
        const init = knownOf(told.processes).find(({ role }) => role === 'init');
        assert.equal(init?.hostPid, pid);
      }
    });

    it('asks nothing when all is known', async () => {
      const container = (await containers()).find(({ name }) => name === 'plain');
      assert.ok(container);
      const found = await inspect(container);
      const told = await top.inspect({ container, processes: noProcesses, found });
      const id = container.runtimeId;
      const before = await topEvents(id);
      assert.ok(before > 0, 'asking made an event');
      const again = await top.inspect({ container, processes: noProcesses, found: { ...found, ...told } });
      assert.deepEqual(again, {});
      assert.equal(await topEvents(id), before);
    });

    async function topEvents(id: string): Promise<number> {
      const container = (await containers()).find(({ runtimeId }) => runtimeId === id);
      assert.ok(container);
      const events = knownOf((await inspect(container)).engineEvents);
      return events.filter((event) => memberAt(event, 'Action') === 'top').length;
    }
  });

  async function inspectAll(): Promise<Map<string, unknown>> {
    const ids = (await lab.mustDocker(['ps', '--all', '--quiet', '--no-trunc'])).split('\n');
    const records = asArray(JSON.parse(await lab.mustDocker(['inspect', '--type=container', ...ids])));
    return new Map(records.map((record) => [String(memberAt(record, 'Id')), record]));
  }
});

function detail(layer: LayerReport | undefined, label: string): string | undefined {
  return valueOf(layer?.details.find((one) => one.label === label)?.fact);
}

function knownOf<T>(fact: Fact<T> | undefined): T {
  if (!fact || !isKnown(fact)) assert.fail(`not known: ${fact?.unavailable}`);
  assert.ok(fact.source && fact.how);
  return fact.value;
}
