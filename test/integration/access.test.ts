import assert from 'node:assert/strict';
import { chownSync, mkdtempSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isKnown, type Fact } from '../../src/model/fact';
import type { ContainerFacts, FactName } from '../../src/model/inspection';
import { FACT_NAMES } from '../../src/store/inspector';
import { startLab, type Lab } from '../lab/lab';
import { mustRun } from '../lab/run';
import { callOf, listedCalls, table, writeMatrix, writtenMatrix } from '../support/accessDoc';
import { startByteRelay } from '../support/byteRelay';
import { makeCertificates } from '../support/certificates';
import { makeFarNetwork } from '../support/farNetwork';
import { startSshServer } from '../support/sshServer';
import { serverOptions, startTlsServer, writeClientFolder } from '../support/tlsServer';
import { startEngineProxy, type EngineProxy } from '../support/engineProxy';
import { buildProbe, DOCKER_GROUP, NOBODY, openToGroup, type Probe, type Seen } from '../support/unprivileged';

/** What of a fact is the same whoever asks: a use of memory is not, nor is a record of fewer columns. */
const SAME: { readonly [K in FactName]?: (value: never) => unknown } = {
  cgroups: ({ controllers }: { controllers: readonly { controllers: string; readings: readonly Limit[] }[] }) =>
    controllers.map((one) => [
      one.controllers,
      one.readings.filter(({ role }) => role === 'limit').map(({ path, raw }) => [path, raw]),
    ]),
  processes: (list: readonly { hostPid: number; role: string; command: string }[]) =>
    list.map(({ hostPid, role, command }) => [hostPid, role, command]),
  // Not every ps knows the namespaces that children will get, nor that of time.
  namespaces: ({ pid, net, mnt, ipc, uts, user, cgroup }: Record<string, number>) => [
    pid,
    net,
    mnt,
    ipc,
    uts,
    user,
    cgroup,
  ],
  runtime: ({ binary }: { binary: string }) => binary.replace(/^.*\//, ''),
  engine: ({ serverVersion, apiVersion }: { serverVersion: string; apiVersion: string }) => [serverVersion, apiVersion],
  shim: ({ pid, argv }: { pid: number; argv: readonly string[] }) => [pid, argv],
  engineEvents: (events: readonly { Action: string }[]) =>
    events.map(({ Action }) => Action).filter((action) => !/^(top|archive-path)/.test(action)),
};

interface Limit {
  readonly role: string;
  readonly path: string;
  readonly raw: string;
}

describe('access to a real engine', function () {
  this.timeout(300_000);
  let lab: Lab;
  let probe: Probe;
  let proxy: EngineProxy;
  let journal: string;
  let running: string;
  let exited: string;

  before(async () => {
    lab = await startLab();
    const run = ['run', '--detach', '--network=none', '--memory=64m'];
    running = await lab.mustDocker([...run, '--name=runs', lab.image, 'sleep', '36000']);
    exited = await lab.mustDocker([...run, '--name=ended', lab.image, 'true']);
    await lab.mustDocker(['wait', exited]);
    openToGroup(lab);
    probe = buildProbe();
    proxy = await startEngineProxy(lab.dockerSocket, join(lab.dir, 'proxy.sock'), DOCKER_GROUP);
    journal = join(probe.folder, 'journal.json');
    writeFileSync(journal, '[]');
    chownSync(journal, NOBODY, NOBODY);
  });
  after(async () => {
    proxy?.dispose();
    probe?.dispose();
    await lab?.stop();
  });

  const throughProxy = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
    ...lab.env,
    DOCKER_HOST: `unix://${proxy.socket}`,
    CRE_JOURNAL: journal,
    ...more,
  });
  const readable = (): NodeJS.ProcessEnv => ({ ...lab.env, CRE_JOURNAL: journal });
  const factsOf = (seen: Seen, index: number): ContainerFacts => {
    const facts = seen.inspections[index]?.facts;
    assert.ok(facts);
    return facts;
  };

  it('asks for nothing that docs/access.md does not list, and lists nothing that it does not ask', async () => {
    proxy.rule = () => 'pass';
    const begun = proxy.seen.length;
    await probe.see([DOCKER_GROUP], [running, exited], throughProxy());
    const read = new Set(proxy.seen.slice(begun).map(callOf));
    assert.deepEqual([...read].sort(), listedCalls('Docker Engine API\n').sort());
    const before = proxy.seen.length;
    await probe.see([DOCKER_GROUP], [running], throughProxy({ CRE_READ: '1' }));
    const made = [...new Set(proxy.seen.slice(before).map(callOf))].filter((call) => !read.has(call));
    assert.deepEqual(made.sort(), listedCalls('Docker Engine API, for a reader container only').sort());
  });

  it('works wholly behind a proxy that lets only GET through, but for the reader container', async () => {
    proxy.rule = (method) => (method === 'GET' ? 'pass' : 'refuse');
    const behind = await probe.see([DOCKER_GROUP], [running, exited], throughProxy());
    const direct = await probe.see([DOCKER_GROUP], [running, exited], readable());
    for (const index of [0, 1]) {
      for (const name of FACT_NAMES) {
        const [one, other] = [factsOf(behind, index)[name], factsOf(direct, index)[name]];
        assert.equal(isKnown(one), isKnown(other), `${name}: ${JSON.stringify(one)}`);
        if (isKnown(one) && isKnown(other)) assert.equal(one.route, other.route, name);
        sameValue(name, one, other);
      }
    }
  });

  for (const [path, shown] of [
    ['/info', true],
    ['/containers/json', false],
  ] as const) {
    it(`names the call that a proxy refuses: GET ${path}`, async () => {
      proxy.rule = (_, asked) => (asked === path ? 'refuse' : 'pass');
      const { inventory } = await probe.see([DOCKER_GROUP], [], throughProxy());
      const layer = inventory.layers.find(
        ({ endpoint, kind }) => kind === 'engine' && endpoint?.includes('proxy.sock'),
      );
      assert.match(layer?.problem?.reason ?? '', new RegExp(`refuses GET \\S*${path} \\(403\\)`));
      assert.match(layer?.problem?.remedy ?? '', /docs\/access\.md/);
      assert.equal(layer?.status, shown ? 'partly' : 'failed');
      assert.equal((layer?.containerIds.length ?? 0) > 0, shown);
    });
  }

  /** From a machine without the engine's files, processes and cgroups, as far as one kernel can be two machines. */
  async function fromElsewhere(endpoint: string, env: NodeJS.ProcessEnv): Promise<Seen> {
    const { CONTAINERD_ADDRESS: _, ...rest } = lab.env;
    const [program, args] = probe.command('root', [running, exited]);
    const hide = [lab.dir, '/sys/fs/cgroup'].map((place) => `mount -t tmpfs none '${place}'`).join(' && ');
    const { stdout } = await mustRun(
      'unshare',
      [
        '--mount',
        '--pid',
        '--fork',
        '--mount-proc',
        '--kill-child',
        'sh',
        '-c',
        `${hide} && exec "$@"`,
        'sh',
        program,
        ...args,
      ],
      { env: { ...rest, HOME: probe.folder, XDG_RUNTIME_DIR: '', CRE_AWAIT: endpoint, ...env, DOCKER_HOST: endpoint } },
    );
    const seen = JSON.parse(stdout) as Seen;
    const engine = seen.inventory.layers.find((layer) => layer.kind === 'engine' && layer.endpoint === endpoint);
    assert.equal(engine?.status, 'ok', JSON.stringify(engine?.problem));
    return seen;
  }

  async function overSsh(): Promise<Seen> {
    const network = makeFarNetwork();
    try {
      const server = await startSshServer(network);
      try {
        assert.notEqual(readlinkSync(`/proc/${server.pid}/ns/net`), readlinkSync('/proc/self/ns/net'));
        const path = `${server.bin}:${process.env.PATH}`;
        return await fromElsewhere(`ssh://far${lab.dockerSocket}`, { PATH: path, CRE_ALLOW: '1' });
      } finally {
        server.dispose();
      }
    } finally {
      network.dispose();
    }
  }

  async function overTls(): Promise<Seen> {
    const certificates = makeCertificates(mkdtempSync(join(probe.folder, 'authority-')));
    const { ca, clientCert, clientKey } = certificates;
    const files = writeClientFolder(join(probe.folder, 'certificates'), ca, clientCert, clientKey);
    const server = await startTlsServer(lab.dockerSocket, serverOptions(certificates));
    try {
      const env = { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: files };
      return await fromElsewhere(`tcp://127.0.0.1:${server.port}`, env);
    } finally {
      server.dispose();
    }
  }

  async function behindRelay(): Promise<Seen> {
    const path = join(probe.folder, 'vm.sock');
    const relay = await startByteRelay(lab.dockerSocket, { path });
    try {
      return await fromElsewhere(`unix://${path}`, {});
    } finally {
      relay.dispose();
    }
  }

  it('shows each what docs/access.md says, and the same values to all (access matrix)', async () => {
    const people: readonly (readonly [string, Seen])[] = [
      ['root', await probe.see('root', [running, exited], lab.env)],
      ['member of the socket’s group', await probe.see([DOCKER_GROUP], [running, exited], readable())],
      ['with a reader container', await probe.see([DOCKER_GROUP], [running, exited], { ...readable(), CRE_READ: '1' })],
      ['nobody', await probe.see([], [running], lab.env)],
      ['over ssh, in another network', await overSsh()],
      ['over tcp with mutual TLS', await overTls()],
      ['behind a byte relay, as to a VM', await behindRelay()],
    ];
    const section = (index: number): string => {
      const seen = people.filter(([, { inspections }]) => inspections[index]);
      const rows = FACT_NAMES.map((name) => [
        `\`${name}\``,
        ...seen.map(([, one]) => routeOf(factsOf(one, index)[name])),
      ]);
      return table([['fact', ...seen.map(([who]) => who)], ...rows]);
    };
    const matrix = [
      'A running container:',
      section(0),
      'A container that has ended, which nobody without the socket can name:',
      section(1),
    ].join('\n\n');
    if (process.env.CRE_UPDATE_MATRIX === '1') writeMatrix(matrix);
    assert.equal(matrix, writtenMatrix(), 'npm run access-matrix writes what is true now');
    for (const index of [0, 1]) {
      for (const name of FACT_NAMES) {
        const facts = people.flatMap(([, { inspections }]) => inspections[index]?.facts[name] ?? []);
        const [first, ...others] = facts.filter((fact) => isKnown(fact) && fact.route !== 'derived');
        for (const other of others) sameValue(name, first!, other);
      }
    }
  });

  function routeOf(fact: Fact<unknown>): string {
    return isKnown(fact) ? fact.route : '—';
  }

  function sameValue(name: FactName, one: Fact<unknown>, other: Fact<unknown>): void {
    if (!isKnown(one) || !isKnown(other)) return;
    const of = (SAME[name] ?? ((value: unknown) => value)) as (value: unknown) => unknown;
    assert.deepEqual(of(one.value), of(other.value), `${name}: ${one.route} and ${other.route}`);
  }
});
