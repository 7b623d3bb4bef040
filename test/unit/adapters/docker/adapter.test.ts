import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Hint, Report } from '../../../../src/adapters/adapter';
import { createDockerAdapter, type DockerAdapter } from '../../../../src/adapters/docker/adapter';
import type { DockerEndpoint } from '../../../../src/adapters/docker/endpoints';
import type { LayerReport } from '../../../../src/model/layer';
import { isKnown, valueOf } from '../../../../src/model/fact';
import { eventually, noProcesses } from '../../../support/fakeAdapter';
import { buildWorker } from '../../../support/workers';
import { FakeEngine, json, never, text, unixEndpoint } from '../../../support/fakeEngine';

const ID = 'c'.repeat(64);

describe('looking at Docker engines', () => {
  const worker = buildWorker('src/adapters/docker/eventsWorker.ts');
  let engine: FakeEngine;
  let endpoints: DockerEndpoint[];
  let adapter: DockerAdapter;

  beforeEach(async () => {
    engine = await FakeEngine.start();
    engine.on('/containers/json', json([{ Id: ID, Names: ['/web'], State: 'running' }]));
    endpoints = [engine.endpoint];
    const config = { currentContext: undefined, contexts: [], problems: [] };
    adapter = createDockerAdapter({
      endpoints: async () => ({
        endpoints,
        config,
        currentContext: 'default',
        currentBecause: 'Nothing names another.',
      }),
      workerFile: worker.file,
    });
  });
  afterEach(async () => {
    adapter.dispose();
    await engine.stop();
  });
  after(() => worker.remove());

  const look = (): Promise<Report> => adapter.look({ processes: noProcesses });

  /** The layers of engines: the first layer is that of the clients. */
  async function engineLayers(): Promise<LayerReport[]> {
    const [clients, ...others] = (await look()).layers;
    assert.equal(clients?.id, 'client');
    return others;
  }

  it('gives the engine and its containers, and asks for info and version once', async () => {
    const first = await look();
    assert.deepEqual(
      first.layers.map(({ id, kind, name, status, version }) => [id, kind, name, status, version]),
      [
        ['client', 'client', 'Clients', 'ok', undefined],
        [`engine:unix://${engine.socketPath}`, 'engine', 'Docker Engine', 'ok', '20.10.24'],
      ],
    );
    assert.deepEqual(
      first.sightings.map(({ runtimeId, name, state }) => [runtimeId, name, state]),
      [[ID, 'web', 'running']],
    );
    await look();
    assert.equal(engine.asked('/info'), 1);
    assert.equal(engine.asked('/version'), 1);
    assert.equal(engine.asked('/containers/json'), 2);
    assert.equal(engine.asked('/events'), 0, 'nobody watches');
  });

  it('shows the list though info hangs, as it does while containerd is stopped', async () => {
    engine.on('/info', never);
    const [layer] = await engineLayers();
    assert.equal(layer?.status, 'partly');
    assert.match(`${layer?.problem?.reason} ${layer?.problem?.remedy}`, /does answer for its containers.*containerd/);
    for (const { label, fact } of layer?.details ?? [])
      if (!['Found because', 'Containers'].includes(label)) assert.ok(!isKnown(fact) && fact.remedy, label);
    assert.equal(engine.asked('/version'), 0, 'which would hang as well');
    assert.equal(engine.asked('/info'), 1);
    await look();
    assert.equal(engine.asked('/info'), 1, 'no second one is held');
  });

  it('tells whoever watches when info has come late', async () => {
    let release: (() => void) | undefined;
    engine.on('/info', (request, response) => {
      release = () => json({ CgroupDriver: 'systemd' })(request, response);
    });
    engine.on('/events', never);
    const hints: Hint[] = [];
    const watching = adapter.watch((hint) => hints.push(hint));
    try {
      assert.equal((await engineLayers())[0]?.status, 'partly');
      release?.();
      await eventually(() => hints.some(({ kind }) => kind === 'changed'), 'the late answer is told');
      assert.equal((await engineLayers())[0]?.status, 'ok');
    } finally {
      watching.dispose();
    }
  });

  it('says what a proxy refuses, and shows the rest', async () => {
    engine.on('/info', text('Forbidden', 'text/html', 403));
    const [layer] = await engineLayers();
    assert.equal(layer?.status, 'partly');
    assert.equal(layer?.problem?.code, 'denied');
    assert.match(layer?.problem?.remedy ?? '', /Allow GET \/v1\.41\/info in the socket proxy/);
  });

  it('keeps a failed engine visible, with its problem, and recovers by itself', async () => {
    await look();
    engine.on('/containers/json', json({ message: 'out of order' }, 500));
    const failed = await look();
    assert.deepEqual(failed.sightings, []);
    assert.equal(failed.layers[1]?.status, 'failed');
    assert.match(failed.layers[1]?.problem?.reason ?? '', /500: out of order/);
    engine.on('/containers/json', json([]));
    assert.equal((await engineLayers())[0]?.status, 'ok');
    assert.equal(engine.asked('/info'), 2, 'it may be another engine now');
  });

  it('takes no web server for an absent engine', async () => {
    engine.answers.clear();
    engine.on('*', json({ message: 'not found' }, 404));
    endpoints = [{ ...engine.endpoint, named: false }];
    assert.equal((await engineLayers())[0]?.status, 'failed');
  });

  it('has one absent engine at a usual place, and none beside one that answers', async () => {
    const usual = (name: string): DockerEndpoint => ({ ...unixEndpoint(join(engine.folder, name)), named: false });
    endpoints = [usual('none.sock'), usual('other.sock')];
    const [layer, ...others] = await engineLayers();
    assert.deepEqual(others, []);
    assert.equal(layer?.status, 'absent');
    assert.match(layer?.problem?.reason ?? '', /ENOENT/);
    endpoints = [usual('none.sock'), engine.endpoint];
    assert.deepEqual(
      (await engineLayers()).map(({ status }) => status),
      ['ok'],
    );
  });

  it('shows an engine that somebody named and that is not there', async () => {
    endpoints = [unixEndpoint(join(engine.folder, 'none.sock')), engine.endpoint];
    assert.deepEqual(
      (await engineLayers()).map(({ status }) => status),
      ['failed', 'ok'],
    );
  });

  it('shows what was refused, and ssh, without dialling', async () => {
    const named = { why: 'DOCKER_HOST names it.', named: true, current: true };
    endpoints = [
      { ...named, url: 'refused: DOCKER_HOST names it.', refused: 'It holds a password.' },
      {
        ...named,
        url: 'ssh://me@engine.example.test',
        address: { kind: 'ssh', user: 'me', host: 'engine.example.test' },
      },
    ];
    const [refused, ssh] = await engineLayers();
    assert.equal(refused?.problem?.reason, 'It holds a password.');
    assert.match(refused?.problem?.remedy ?? '', /DOCKER_HOST names it\. Correct it there\./);
    assert.equal(ssh?.status, 'failed');
    assert.match(ssh?.problem?.remedy ?? '', /Remote - SSH/);
  });

  it('does not let one silent engine hold up more than its own deadline', async () => {
    const silent = await FakeEngine.start();
    silent.on('*', never);
    try {
      endpoints = [silent.endpoint, engine.endpoint];
      const { layers, sightings } = await look();
      assert.deepEqual(
        layers.slice(1).map(({ status, problem }) => [status, problem?.code]),
        [
          ['failed', 'deadline'],
          ['ok', undefined],
        ],
      );
      assert.equal(sightings.length, 1);
      await eventually(() => silent.sockets.size === 0, 'its connection is let go');
    } finally {
      await silent.stop();
    }
  });

  it('notices by a ping that an engine has stopped, and lets go of the list it asked for', async () => {
    await look();
    engine.on('*', never).on('/containers/json', never);
    const [layer] = await engineLayers();
    assert.equal(layer?.problem?.code, 'deadline');
    assert.match(layer?.problem?.what ?? '', /_ping/);
    await eventually(() => engine.sockets.size === 0, 'no connection is held');
  });

  it('calls Podman by its name, and puts its containers into no containerd namespace', async () => {
    engine.on('/_ping', (_, response) => {
      response.setHeader('Server', 'Libpod/4.3.1 (linux)');
      response.end('OK');
    });
    const { layers, sightings } = await look();
    assert.equal(layers[1]?.name, 'Podman (Docker API)');
    assert.equal(sightings[0]?.containerdNamespace, undefined);
  });

  it('forgets engines that are no longer named', async () => {
    await look();
    endpoints = [];
    assert.deepEqual(await engineLayers(), []);
    assert.equal(adapter.clientOf([`engine:unix://${engine.socketPath}`]), undefined);
    await eventually(() => engine.sockets.size === 0, 'no connection is left');
  });

  it('asks nothing of containers that are not Docker’s', async () => {
    await look();
    const asked = engine.requests.length;
    const container = {
      id: 'x',
      runtimeId: 'x',
      state: 'running',
      labels: new Map(),
      sightings: [],
      letGo: [],
    } as const;
    const context = { container: { ...container, layers: ['containerd:y'] }, processes: noProcesses, found: {} };
    assert.deepEqual(await adapter.inspect(context), {});
    assert.equal(engine.requests.length, asked);
  });

  it('shows problems of the client’s files in the layer of the clients', async () => {
    const config = { currentContext: undefined, contexts: [], problems: ['A file cannot be used.'] };
    const other = createDockerAdapter({
      endpoints: async () => ({ endpoints, config, currentContext: 'default', currentBecause: 'x' }),
      workerFile: worker.file,
    });
    try {
      const [clients] = (await other.look({ processes: noProcesses })).layers;
      assert.equal(clients?.status, 'partly');
      assert.equal(clients.problem?.reason, 'A file cannot be used.');
      assert.equal(valueOf(clients.details[0]?.fact), 'default: x');
    } finally {
      other.dispose();
    }
  });
});
