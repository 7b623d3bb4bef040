import assert from 'node:assert/strict';
import { ERAS, GONE, historyOfLayer, STACK_PARTS } from '../../../../src/explain/history';
import { LAYER_KINDS } from '../../../../src/model/layer';
import { isHostPageModel } from '../../../../src/protocol/hostPages';
import { isHostMessage } from '../../../../src/protocol/messages';
import { CopyTable } from '../../../../src/views/panels/models/copyTable';
import { historyPage } from '../../../../src/views/panels/models/historyPage';
import { tableOf } from '../../../../src/model/process';
import { shop } from '../../../support/shop';

const process = (pid: number, ...argv: string[]) => ({
  pid,
  parentPid: 1,
  comm: (argv[0] ?? '').slice(0, 15),
  state: 'S',
  startTicks: pid,
  argv,
});

describe('the page "How Did We Get Here"', () => {
  const inventory = {
    ...shop(),
    processes: tableOf([
      process(50, '/usr/bin/kubelet', '--config=x'),
      process(60, '/usr/bin/containerd-shim-runc-v2', '-id', 'a'),
      process(61, '/usr/bin/containerd-shim-runc-v2', '-id', 'b'),
      process(70, 'sh', '-c', 'containerd-shim'),
    ]),
  };
  const copies = new CopyTable();
  const page = historyPage(inventory, copies);
  const parts = new Map(page.eras.flatMap(({ paths }) => paths.flatMap((path) => path.parts)).map((p) => [p.id, p]));

  it('is JSON that the page accepts', () => {
    assert.deepEqual(JSON.parse(JSON.stringify(page)), page);
    assert.ok(isHostPageModel(page));
    assert.ok(isHostMessage({ type: 'event', name: 'changed', value: page }));
  });

  it('lights what answers or runs here, with its source and a command to check it', () => {
    const lit = [...parts.values()].filter(({ presence }) => presence === 'here').map(({ id }) => id);
    assert.deepEqual(lit.sort(), ['containerd', 'dockerd', 'kernel', 'kubelet', 'runc', 'shimV2']);
    assert.equal(parts.get('dockerd')?.presenceText, '28.5.2');
    assert.equal(parts.get('kubelet')?.presenceText, 'PID 50');
    assert.equal(parts.get('shimV2')?.presenceText, '2 processes');
    for (const id of lit) {
      const { how } = parts.get(id)?.provenance ?? {};
      assert.ok(how && copies.get(how.copyId) === how.text, id);
    }
  });

  it('says of a layer that does not answer that it cannot be told, not that it is away', () => {
    assert.equal(parts.get('crio')?.presence, 'hidden');
    assert.equal(parts.get('crio')?.presenceText, 'Nobody listens.');
    assert.equal(parts.get('podman')?.presence, 'away');
  });

  it('takes no shell that only names a program for that program', () => {
    assert.equal(parts.get('shimV1')?.presence, 'away');
  });

  it('ends every path at the kernel, and says between any two parts how they speak', () => {
    for (const { id, paths } of ERAS) {
      for (const { title, steps } of paths) {
        assert.equal(steps.at(-1)?.part, 'kernel', `${id}: ${title}`);
        for (const { speaks } of steps.slice(0, -1)) assert.ok(speaks, `${id}: ${title}`);
      }
    }
  });

  it('has no part of today’s paths among those that are gone', () => {
    const today = ERAS.at(-1)?.paths.flatMap(({ steps }) => steps.map(({ part }) => part)) ?? [];
    assert.ok(today.length > 10);
    assert.deepEqual(
      today.filter((part) => GONE.has(part)),
      [],
    );
    for (const part of GONE) assert.ok(STACK_PARTS[part]);
  });

  it('knows how each kind of layer came to be', () => {
    for (const kind of LAYER_KINDS) assert.ok(historyOfLayer(kind), kind);
    assert.equal(historyOfLayer('constructor'), undefined);
  });
});

describe('the page "How Did We Get Here" of a snapshot', () => {
  const about = {
    key: 'k',
    name: 'a <host>',
    file: '/x.json',
    takenAt: '2026-11-01T10:00:00.000Z',
    takenBy: 'the explorer',
    secrets: { redacted: true, count: 1, paths: [] },
  };
  const page = historyPage({ ...shop(), processes: tableOf([]) }, new CopyTable(), { snapshot: about });
  const parts = page.eras.flatMap(({ paths }) => paths.flatMap((path) => path.parts));

  it('names the snapshot and its time, and says nothing of this machine', () => {
    assert.deepEqual(page.snapshot, { host: about.name, takenAt: about.takenAt, redacted: true });
    assert.ok(isHostPageModel(page));
    assert.match(page.subtitle, /^\d+ parts of the story were on that machine then$/);
    assert.deepEqual(
      parts.filter(({ presenceText }) => presenceText.includes('this machine')),
      [],
    );
    assert.ok(parts.some(({ presenceText }) => presenceText === 'not seen on that machine'));
  });

  it('lights the snapshot’s own parts', () => {
    const lit = parts.filter(({ presence }) => presence === 'here').map(({ id }) => id);
    assert.deepEqual([...new Set(lit)].sort(), ['containerd', 'dockerd', 'kernel', 'runc']);
  });
});
