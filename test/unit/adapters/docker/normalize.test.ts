import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  componentVersion,
  containerdNamespace,
  countsDetail,
  engineDetails,
  normalizeList,
  stateOf,
} from '../../../../src/adapters/docker/normalize';
import { valueOf } from '../../../../src/model/fact';
import { runs } from '../../../support/runs';

const ID = 'a'.repeat(64);
const HOW = { info: 'curl /info', version: 'curl /version' };

describe('what a Docker engine lists', () => {
  it('becomes sightings', () => {
    const row = {
      Id: ID,
      Names: ['/other/alias', '/web'],
      Image: 'nginx:1',
      State: 'running',
      Status: 'Up 3 minutes (healthy)',
      Created: 1_700_000_000,
      Labels: JSON.parse('{"a":"b","__proto__":"own","n":5}') as unknown,
    };
    const [sighting, ...others] = normalizeList('engine:x', 'moby', [row]);
    assert.deepEqual(others, []);
    assert.deepEqual(sighting, {
      layerId: 'engine:x',
      runtimeId: ID,
      containerdNamespace: 'moby',
      name: 'web',
      image: 'nginx:1',
      state: 'running',
      stateText: 'Up 3 minutes (healthy)',
      createdAtMs: 1_700_000_000_000,
      labels: new Map([
        ['a', 'b'],
        ['__proto__', 'own'],
      ]),
    });
  });

  it('keeps a row of which nothing but the id can be read, and drops what has none', () => {
    const odd = { Id: ID, Names: 'x', Image: 5, State: 'melting', Status: null, Created: '1700000000', Labels: [] };
    const rows = [null, 5, 'x', [], {}, { Id: 7 }, { Id: '' }, odd, { Id: ID, Names: ['/twice'] }];
    assert.deepEqual(normalizeList('engine:x', undefined, rows), [
      { layerId: 'engine:x', runtimeId: ID, state: 'unknown', labels: new Map() },
    ]);
  });

  it('groups what dockershim and cri-dockerd made by its sandbox', () => {
    const pod = { 'io.kubernetes.pod.namespace': 'shop', 'io.kubernetes.pod.name': 'web-1' };
    const app = 'b'.repeat(64);
    const sightings = normalizeList('engine:x', 'moby', [
      { Id: ID, Labels: { ...pod, 'io.kubernetes.docker.type': 'podsandbox' } },
      { Id: app, Labels: { ...pod, 'io.kubernetes.docker.type': 'container', 'io.kubernetes.sandbox.id': ID } },
    ]);
    assert.deepEqual(
      sightings.map(({ sandbox }) => sandbox),
      [
        { id: ID, name: 'shop/web-1', isSandbox: true },
        { id: ID, name: 'shop/web-1', isSandbox: false },
      ],
    );
  });

  it('knows every state of an engine', () => {
    for (const word of ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'])
      assert.equal(stateOf(word), word);
    assert.equal(stateOf('Running'), 'running');
    for (const word of ['', 'stopping', 5, null, undefined, 'constructor']) assert.equal(stateOf(word), 'unknown');
  });

  it('counts by state', () => {
    const sightings = normalizeList('x', undefined, [
      { Id: 'a', State: 'running' },
      { Id: 'b', State: 'exited' },
      { Id: 'c', State: 'running' },
    ]);
    assert.equal(valueOf(countsDetail(sightings, 'how').fact), '2 running, 1 exited');
    assert.equal(valueOf(countsDetail([], 'how').fact), 'none');
  });
});

describe('what a Docker engine says of itself', () => {
  it('names the containerd namespace where the engine does, and the usual one where it does not', () => {
    assert.equal(containerdNamespace({ Containerd: { Namespaces: { Containers: 'moby-1.1' } } }), 'moby-1.1');
    for (const info of [undefined, {}, { Containerd: null }, { Containerd: { Namespaces: { Containers: 5 } } }])
      assert.equal(containerdNamespace(info), 'moby');
  });

  it('says of each fact that is missing why, and how to see for oneself', () => {
    for (const { label, fact } of engineDetails({}, {}, HOW, undefined)) {
      assert.ok('unavailable' in fact && fact.unavailable && fact.remedy, label);
    }
    const why = { unavailable: 'No answer.', remedy: 'Wait.' };
    for (const { fact } of engineDetails(undefined, undefined, HOW, why)) assert.deepEqual(fact, why);
  });

  it('finds the version of a part', () => {
    const version = { Components: [null, { Name: 'Engine', Version: '1' }, { Name: 'runc', Version: '1.1.5' }] };
    assert.equal(componentVersion(version, 'runc'), '1.1.5');
    assert.equal(componentVersion(version, 'containerd'), undefined);
    assert.equal(componentVersion({ Components: {} }, 'runc'), undefined);
  });
});

describe('whatever an engine answers', () => {
  const fields = [
    'Id',
    'Names',
    'Image',
    'State',
    'Status',
    'Created',
    'Labels',
    'Containerd',
    'Components',
    'Runtimes',
  ];
  const key = fc.oneof(fc.constantFrom(...fields, '__proto__', 'constructor'), fc.string({ maxLength: 5 }));
  const leaf = fc.oneof(
    fc.string({ maxLength: 10 }),
    fc.constantFrom(null, true, 0, -1, 1e300, 1_700_000_000),
    fc.integer(),
  );
  const shallow = fc.oneof(leaf, fc.array(leaf, { maxLength: 3 }), fc.dictionary(key, leaf, { maxKeys: 3 }));
  const value = fc.oneof(shallow, fc.array(shallow, { maxLength: 3 }), fc.dictionary(key, shallow, { maxKeys: 6 }));

  it('is read without an error, and ids and labels are what they were', () => {
    fc.assert(
      fc.property(fc.array(value), value, value, (rows, info, version) => {
        const sightings = normalizeList('engine:x', containerdNamespace(info), rows);
        assert.equal(new Set(sightings.map(({ runtimeId }) => runtimeId)).size, sightings.length);
        for (const { runtimeId, labels } of sightings) {
          assert.ok(runtimeId.length > 0);
          for (const text of labels?.values() ?? []) assert.equal(typeof text, 'string');
        }
        for (const { fact } of engineDetails(info, version, HOW, undefined))
          assert.ok('value' in fact ? typeof fact.value === 'string' : fact.remedy);
      }),
      { numRuns: runs(5_000) },
    );
  });
});
