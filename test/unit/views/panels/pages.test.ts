import assert from 'node:assert/strict';
import type { ApiCall } from '../../../../src/model/apiCall';
import type { CgroupReport } from '../../../../src/model/cgroup';
import { PAGE_KINDS } from '../../../../src/protocol/pages';
import { isHostMessage } from '../../../../src/protocol/messages';
import { callsPage } from '../../../../src/views/panels/models/callsPage';
import { cgroupsPage, usageSample } from '../../../../src/views/panels/models/cgroupsPage';
import { chainPage } from '../../../../src/views/panels/models/chainPage';
import { configPage, configValue, explainConfigValue } from '../../../../src/views/panels/models/configPage';
import { pageModel } from '../../../../src/views/panels/models/pageModel';
import { processRows } from '../../../../src/views/panels/models/processRows';
import { shimPage } from '../../../../src/views/panels/models/shimPage';
import { lineagePage } from '../../../../src/views/panels/models/lineagePage';
import { unknown } from '../../../../src/model/fact';
import type { LineageRow } from '../../../../src/model/lineage/row';
import { fact, ID, pageInput } from './inspections';

const config = {
  ociVersion: '1.2.0',
  process: { args: ['sh'], env: ['PATH=/bin', 'DB_PASSWORD=hunter22'] },
  linux: { resources: { memory: { limit: 33554432, swap: 67108864 }, cpu: { shares: 0 } } },
};

describe('the models of the pages', () => {
  it('are JSON that the page accepts, also when nothing at all is known', () => {
    for (const input of [pageInput(), pageInput({}, { container: undefined, inventory: undefined })]) {
      for (const page of PAGE_KINDS) {
        const model = pageModel(page, input, () => []);
        assert.deepEqual(JSON.parse(JSON.stringify(model)), model, page);
        assert.ok(isHostMessage({ type: 'event', name: 'changed', value: model }), page);
      }
    }
  });

  it('say of an unknown fact why and what helps', () => {
    const page = configPage(pageInput());
    assert.deepEqual(page.fact.unknown, { why: 'ociConfig cannot be read', remedy: 'make ociConfig readable' });
    assert.equal(page.document, undefined);
  });

  it('say of a known fact where it comes from, when, and how to check it', () => {
    const input = pageInput({ initPid: fact(42) });
    const init = chainPage(input).boxes.find(({ id }) => id === 'init');
    const pid = init?.facts.find(({ label }) => label === 'PID');
    assert.equal(pid?.value, '42');
    assert.equal(pid?.provenance?.source, '/proc/1/stat');
    assert.equal(pid?.provenance?.observedAt, '2026-01-01T00:00:00.000Z');
    assert.equal(input.copies.get(pid?.provenance?.how.copyId ?? ''), 'cat /proc/1/stat');
  });

  it('say that a container has ended', () => {
    assert.equal(configPage(pageInput()).header.liveness, 'live');
    assert.equal(configPage(pageInput({}, { container: undefined })).header.liveness, 'ended');
  });
});

describe('the page "OCI Config"', () => {
  const record = { Config: {}, HostConfig: { Memory: 50331648, MemorySwap: 67108864, NanoCpus: 250_000_000 } };

  it('masks secrets until they are revealed, in the document, in copies and in explanations', () => {
    const seen: unknown[] = [];
    const explain = {
      ...pageInput().explain,
      specPath: (_path: readonly string[], value: unknown) => {
        seen.push(value);
        return undefined;
      },
    };
    const masked = pageInput({ ociConfig: fact<unknown>(config) }, { explain });
    const page = configPage(masked);
    assert.equal(page.secrets, 1);
    assert.ok(!JSON.stringify(page).includes('hunter22'));
    assert.equal(configValue(masked, ['process', 'env', '1']), 'DB_PASSWORD=••••••');
    explainConfigValue(masked, ['process', 'env', '1']);
    assert.deepEqual(seen, ['DB_PASSWORD=••••••']);
    const revealed = pageInput({ ociConfig: fact<unknown>(config) }, { reveal: true });
    assert.deepEqual(configPage(revealed).document, config);
    assert.equal(configValue(revealed, ['process', 'env', '1']), 'DB_PASSWORD=hunter22');
  });

  it('shows what the engine changed since, and only that', () => {
    const page = configPage(pageInput({ ociConfig: fact<unknown>(config), engineRecord: fact<unknown>(record) }));
    assert.deepEqual(page.changes, [
      { path: ['linux', 'resources', 'memory', 'limit'], recorded: '32 MiB (33554432)', now: '48 MiB (50331648)' },
      { path: ['linux', 'resources', 'cpu', 'quota'], now: '25000' },
      { path: ['linux', 'resources', 'cpu', 'period'], now: '100000' },
    ]);
    assert.ok(page.changesProvenance);
  });

  it('leads to no value outside the document', () => {
    const input = pageInput({ ociConfig: fact<unknown>(config) });
    for (const path of [
      ['__proto__'],
      ['constructor'],
      ['process', 'args', 'length', 'x'],
      ['nope', 'x'],
      ['ociVersion', '0'],
    ]) {
      assert.equal(configValue(input, path), undefined, path.join('.'));
      assert.equal(explainConfigValue(input, path), null);
    }
    assert.deepEqual(configValue(input, []), configPage(input).document);
  });
});

describe('the page "Shim"', () => {
  const process = (hostPid: number, parentPid: number, role: 'init' | 'exec' | 'child') => ({
    hostPid,
    parentPid,
    role,
    command: `c${hostPid}`,
  });

  it('shows parents before children, and every process once', () => {
    const rows = processRows({ pid: 10, command: 'shim', role: 'shim' }, [
      process(13, 12, 'child'),
      process(11, 10, 'init'),
      process(12, 11, 'child'),
      process(20, 10, 'exec'),
      process(30, 999, 'child'),
    ]);
    assert.deepEqual(
      rows.map(({ pid, depth }) => [pid, depth]),
      [
        [10, 0],
        [11, 1],
        [12, 2],
        [13, 3],
        [20, 1],
        [30, 1],
      ],
    );
  });

  it('ends also when processes name each other as parents', () => {
    assert.doesNotThrow(() =>
      processRows({ pid: 1, command: 's', role: 'shim' }, [process(2, 3, 'child'), process(3, 2, 'child')]),
    );
  });

  it('masks secrets of command lines and names the containers it serves', () => {
    const shim = {
      pid: 10,
      kind: 'containerd-shim' as const,
      argv: ['/usr/bin/shim', '-id', ID, '--token', 'abcdefgh'],
      parentPid: 1,
      serves: [ID, 'other'],
      processes: [process(11, 10, 'init')],
    };
    const page = shimPage(pageInput({ shim: fact(shim) }));
    assert.ok(!JSON.stringify(page).includes('abcdefgh'));
    assert.deepEqual(page.serves, [
      { runtimeId: ID, name: 'web', isThis: true },
      { runtimeId: 'other', isThis: false },
    ]);
    assert.equal(page.facts.find(({ label }) => label === 'Socket')?.value, undefined);
    assert.ok(page.facts.find(({ label }) => label === 'Socket')?.unknown);
  });
});

describe('the page "Cgroups"', () => {
  const path = '/sys/fs/cgroup/x';
  const report: CgroupReport = {
    mode: 'unified',
    controllers: [
      {
        controllers: '',
        name: 'memory',
        version: 2,
        cgroupPath: '/x',
        directory: path,
        readings: [
          {
            label: 'Limit',
            file: 'memory.max',
            path: `${path}/memory.max`,
            raw: 'max',
            value: 'max',
            unit: 'bytes',
            role: 'limit',
            effective: { value: 1048576, path: '/sys/fs/cgroup' },
          },
          {
            label: 'Use',
            file: 'memory.current',
            path: `${path}/memory.current`,
            raw: '2097152',
            value: 2097152,
            unit: 'bytes',
            role: 'usage',
          },
          {
            label: 'Quota',
            file: 'cpu.max',
            path: `${path}/cpu.max`,
            raw: '50000 100000',
            unit: 'text',
            role: 'limit',
          },
          {
            label: 'Events',
            file: 'memory.events',
            path: `${path}/memory.events`,
            raw: 'low 0\nhigh 1',
            unit: 'text',
            role: 'event',
          },
        ],
      },
    ],
  };

  it('shows each number in words, with its file and a command', () => {
    const input = pageInput({ cgroups: fact(report) });
    const readings = cgroupsPage(input, []).controllers[0]?.readings ?? [];
    assert.deepEqual(
      readings.map(({ shown }) => shown),
      ['unlimited', '2 MiB', '0.5 CPUs', 'low 0 · high 1'],
    );
    assert.deepEqual(readings[0]?.effective, { shown: '1 MiB', path: '/sys/fs/cgroup' });
    assert.equal(readings[1]?.how.text, 'cat /sys/fs/cgroup/x/memory.current');
  });

  it('samples uses and not limits', () => {
    assert.deepEqual(usageSample(report, 5), {
      atMs: 5,
      values: [{ key: `${path}/memory.current Use`, value: 2097152, shown: '2 MiB' }],
    });
  });
});

describe('the page "API Calls"', () => {
  it('keeps the order, and makes every copy copyable', () => {
    const call = (seq: number): ApiCall => ({
      seq,
      from: 'client',
      to: 'dockerd',
      protocol: 'http',
      method: 'POST',
      target: '/containers/create',
      payload: { Image: 'x' },
      evidence: 'reconstructed',
      because: 'inspect',
      meaning: 'Makes it.',
      copies: { curl: `curl ${seq}` },
    });
    const input = pageInput();
    const page = callsPage(input, [call(2), call(1)]);
    assert.deepEqual(
      page.calls.map(({ seq }) => seq),
      [1, 2],
    );
    assert.equal(input.copies.get(page.calls[0]?.copies[0]?.copyId ?? ''), 'curl 1');
    assert.equal(page.calls[0]?.payload, '{\n  "Image": "x"\n}');
    assert.ok(callsPage(input, []).unknown);
  });
});

describe('the page "Runtime Chain"', () => {
  it('leads through the layers that know the container, and no others', () => {
    const page = chainPage(pageInput());
    assert.deepEqual(
      page.boxes.map(({ id }) => id),
      ['client', 'engine', 'containerd', 'shim', 'runtime', 'init'],
    );
    assert.equal(page.boxes[1]?.facts.find(({ label }) => label === 'Socket')?.value, 'unix:///d.sock');
  });

  it('shows what containerd stores for the container in its box, harmless whatever it is named', () => {
    const hostile = 'web\u001b[31m';
    const stored = {
      snapshot: fact({ snapshotter: 'overlayfs', key: hostile, kind: 'active' as const, parent: 'sha256:b' }),
      parents: fact(['sha256:b', 'sha256:a']),
      usage: fact({ bytes: 4096, inodes: 3 }),
      mounts: fact([{ type: 'overlay', source: 'overlay', target: '', options: ['upperdir=/u', 'lowerdir=/l'] }]),
      leases: fact([{ id: 'mine', expires: '2026-01-01T00:00:00Z' }]),
    };
    const linesOf = (page: ReturnType<typeof chainPage>): (readonly [string, string | undefined])[] =>
      (page.boxes.find(({ id }) => id === 'containerd')?.facts ?? [])
        .filter(({ label }) => /^(?:Snapshot|Leases)/.test(label))
        .map(({ label, value, unknown: why }) => [label, value ?? why?.why] as const);
    assert.deepEqual(linesOf(chainPage(pageInput(), stored)), [
      ['Snapshot', 'active, overlayfs: web\\u{1b}[31m'],
      ['Snapshot parents', '2: sha256:b → sha256:a'],
      ['Snapshot usage', '4 KiB (4,096 bytes), inodes: 3'],
      ['Snapshot mounts', 'overlay overlay upperdir=/u,lowerdir=/l'],
      ['Leases', 'mine (until 2026-01-01T00:00:00Z)'],
    ]);
    const none = unknown('It is elsewhere.', 'Look there.');
    const nothing = { snapshot: none, parents: none, usage: none, mounts: none, leases: none };
    assert.deepEqual(linesOf(chainPage(pageInput(), nothing)), [['Snapshot', 'It is elsewhere.']]);
    assert.deepEqual(linesOf(chainPage(pageInput())), []);
  });

  it('names a daemon’s PID only when there is no doubt', () => {
    const process = (pid: number) => ({ pid, startTicks: 1, parentPid: 1, comm: 'dockerd', argv: [], state: 'S' });
    const pidWith = (pids: readonly number[]) => {
      const input = pageInput();
      const inventory = {
        ...input.inventory!,
        processes: { ...input.inventory!.processes, byPid: new Map(pids.map((pid) => [pid, process(pid)])) },
      };
      return chainPage({ ...input, inventory }).boxes[1]?.facts.find(({ label }) => label === 'PID');
    };
    assert.equal(pidWith([7])?.value, '7');
    assert.equal(pidWith([7, 8])?.value, undefined);
    assert.match(pidWith([7, 8])?.unknown?.why ?? '', /2 processes/);
    assert.equal(pidWith([])?.value, undefined);
  });
});

describe('the page "Lineage"', () => {
  it('groups the settings, names each verdict, and masks secrets', () => {
    const row = (setting: string, value: string): LineageRow => ({
      setting,
      group: setting === 'DB_PASSWORD' ? 'Environment' : 'Memory',
      requested: fact({ field: 'HostConfig.Memory', value, origin: 'request' }),
      specified: unknown('config.json cannot be read', 'be root'),
      enforced: fact({ file: '/sys/fs/cgroup/memory.max', raw: value, readable: value }),
      verdict: 'in-force',
      why: 'Both say so.',
    });
    const page = lineagePage(pageInput(), [row('DB_PASSWORD', 'hunter22'), row('Memory limit', '64 MiB')]);
    assert.deepEqual(
      page.groups.map(({ title }) => title),
      ['Memory', 'Environment'],
    );
    const memory = page.groups[0]?.rows[0];
    assert.equal(memory?.verdict, 'in force');
    assert.equal(memory?.requested.value, '64 MiB');
    assert.equal(memory?.specified.unknown?.remedy, 'be root');
    assert.equal(memory?.enforced.place, '/sys/fs/cgroup/memory.max');
    assert.ok(!JSON.stringify(page).includes('hunter22'));
  });
});
