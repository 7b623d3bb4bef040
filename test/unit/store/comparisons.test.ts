import assert from 'node:assert/strict';
import type { Container } from '../../../src/model/container';
import { known } from '../../../src/model/fact';
import type { Inspection } from '../../../src/model/inspection';
import { buildLineage } from '../../../src/model/lineage/buildLineage';
import { RuntimeError } from '../../../src/model/problem';
import { Comparisons } from '../../../src/store/comparisons';
import { EarlierInspections } from '../../../src/store/earlier';
import { comparePage } from '../../../src/views/panels/models/comparePage';
import { comparedContents } from '../../../src/views/documents/contents';
import { isHostMessage } from '../../../src/protocol/messages';
import { shopInspection, WEB } from '../../support/shop';

function inspection(memory: number, secret: string): Inspection {
  const spec = {
    ociVersion: '1.2.0',
    process: { env: [`DB_PASSWORD=${secret}`] },
    linux: { resources: { memory: { limit: memory } } },
  };
  return {
    ...shopInspection(WEB, {
      ociConfig: known('bundle', spec, 'config.json', 'cat config.json'),
      engineRecord: known(
        'docker-api',
        { Id: WEB, State: { StartedAt: String(memory) }, HostConfig: { Memory: memory }, Config: { Env: [] } },
        'inspect',
        'docker inspect',
      ),
    }),
    name: `web-${memory}`,
  };
}

const rows = (one: Inspection, reveal: boolean): ReturnType<typeof buildLineage> => buildLineage(one.facts, { reveal });

function comparisons(now: Inspection, earlier?: Inspection, containers: readonly Container[] = []): Comparisons {
  return new Comparisons(
    { inspect: () => Promise.resolve(now), peek: () => now, earlier: () => earlier },
    (one, reveal) => Promise.resolve(rows(one, reveal)),
    rows,
    (id) => containers.find((one) => one.id === id),
    () => Promise.resolve([{ services: { web: { mem_limit: '64m', environment: ['A=${B}'] } } }]),
  );
}

describe('earlier inspections', () => {
  it('are kept when the settings changed, and not when only the use did', () => {
    const memory = new EarlierInspections();
    const [before, same, after] = [inspection(1, 'a'), inspection(1, 'a'), inspection(2, 'a')];
    memory.note(undefined, before);
    memory.note(before, { ...same, observedAt: 'later' });
    assert.equal(memory.of(WEB), undefined);
    memory.note(same, after);
    assert.equal(memory.of(WEB), same);
    memory.note(after, { ...after });
    assert.equal(memory.of(WEB), same);
  });

  it('are of fifty containers at most', () => {
    const memory = new EarlierInspections();
    for (let index = 0; index < 60; index++) {
      const id = `id-${index}`;
      memory.note({ ...inspection(1, 'a'), id }, { ...inspection(2, 'a'), id });
    }
    assert.equal(memory.of('id-0'), undefined);
    assert.ok(memory.of('id-59'));
  });
});

describe('a comparison', () => {
  const signal = new AbortController().signal;
  const now = inspection(67108864, 'hunter22');
  const before = inspection(33554432, 'correct-horse');

  it('with an earlier state needs one, and says what to do', async () => {
    await assert.rejects(comparisons(now).read({ containerId: WEB, when: 'earlier' }), (error) => {
      assert.ok(error instanceof RuntimeError);
      assert.match(error.problem.reason, /not seen to change/);
      assert.match(error.problem.remedy ?? '', /docker update/);
      return true;
    });
  });

  it('as a page shows only what differs, with what it means, and no secret', async () => {
    const all = comparisons(now, before);
    all.chosen = { left: { containerId: WEB, when: 'earlier' }, right: { containerId: WEB, when: 'now' } };
    const page = await comparePage(all, false, signal);
    assert.ok(isHostMessage({ type: 'answer', id: 1, method: 'page', answer: page }));
    const of = (aspect: string): (typeof page.sections)[number] => page.sections.find((one) => one.aspect === aspect)!;
    const [limit] = of('config').differences;
    assert.equal(limit?.what, 'linux › resources › memory › limit');
    assert.deepEqual([limit?.left, limit?.right], ['33554432', '67108864']);
    assert.match(limit?.meaning ?? '', /memory/i);
    const [variable] = of('environment').differences;
    assert.equal(variable?.what, 'DB_PASSWORD');
    assert.equal(variable?.hidden, true);
    assert.deepEqual(
      of('engine').differences.map(({ what }) => what),
      ['HostConfig › Memory'],
    );
    assert.match(of('engine').differences[0]?.meaning ?? '', /memory/i);
    assert.deepEqual(
      of('engine').expected.map(({ what }) => what),
      ['State › StartedAt'],
    );
    const memory = of('lineage').differences.find(({ what }) => what === 'Memory › Memory limit');
    assert.match(memory?.left ?? '', /32 MiB/);
    assert.match(memory?.right ?? '', /64 MiB/);
    assert.doesNotMatch(JSON.stringify(page), /hunter22|correct-horse/);
    assert.match(JSON.stringify(await comparePage(all, true, signal)), /hunter22/);
  });

  it('as a page says when nothing was chosen, and why it cannot be read', async () => {
    assert.equal((await comparePage(comparisons(now), false, signal)).sections.length, 0);
    const all = comparisons(now);
    all.chosen = { left: { containerId: WEB, when: 'earlier' }, right: { containerId: WEB, when: 'now' } };
    assert.match((await comparePage(all, false, signal)).problem?.reason ?? '', /not seen to change/);
  });

  it('as documents differs where a secret does', async () => {
    const all = comparisons(now, before);
    const [left, right] = [
      await all.read({ containerId: WEB, when: 'earlier' }),
      await all.read({ containerId: WEB, when: 'now' }),
    ];
    for (const aspect of ['config', 'environment', 'lineage'] as const) {
      const one = comparedContents(aspect, left, right, 'one value', false).text;
      const another = comparedContents(aspect, right, left, 'another value', false).text;
      assert.match(one, /\(one value\)/, aspect);
      assert.match(another, /\(another value\)/, aspect);
      assert.doesNotMatch(one + another, /hunter22|correct-horse/, aspect);
      assert.match(comparedContents(aspect, right, left, 'another value', true).text, /hunter22/, aspect);
    }
  });
});

describe('a container and its Compose file', () => {
  const container = (more: Partial<Container>): Container => ({
    id: WEB,
    runtimeId: WEB,
    state: 'running',
    labels: new Map(),
    layers: ['engine:unix:///var/run/docker.sock'],
    sightings: [],
    letGo: [],
    ...more,
  });
  const compose = { project: 'shop', service: 'web', configFiles: ['compose.yaml'], workingDir: '/srv/shop' };

  it('are told apart on the page, with what is not compared', async () => {
    const own = comparisons(inspection(32 * 2 ** 20, 'a'), undefined, [container({ compose })]);
    own.chosen = { composeOf: WEB };
    const page = await comparePage(own, false, new AbortController().signal);
    assert.equal(page.problem, undefined);
    assert.equal(page.left, 'compose.yaml, service web');
    const [lineage] = page.sections;
    const limit = lineage?.differences.find(({ what }) => what === 'Memory › Memory limit');
    assert.match(limit?.left ?? '', /^64 MiB/);
    assert.match(limit?.right ?? '', /^Requested: 32 MiB .*\nOCI spec: 32 MiB /);
    assert.deepEqual(
      page.unread?.map(({ key }) => key),
      ['environment.A'],
    );
  });

  it('cannot be compared without labels, on another machine, or without the service: each with the reason', async () => {
    const problemOf = async (one: Container | undefined): Promise<string> => {
      const own = comparisons(inspection(1, 'a'), undefined, one ? [one] : []);
      own.chosen = { composeOf: WEB };
      const { problem } = await comparePage(own, false, new AbortController().signal);
      return `${problem?.code}: ${problem?.reason}`;
    };
    assert.match(await problemOf(undefined), /^unsupported: /);
    assert.match(await problemOf(container({})), /^absent: It has no labels/);
    assert.match(
      await problemOf(container({ compose, layers: ['engine:ssh://far'] })),
      /^unsupported: Its engine is on/,
    );
    assert.match(await problemOf(container({ compose: { ...compose, service: 'db' } })), /^absent: No file .* db/);
  });
});
