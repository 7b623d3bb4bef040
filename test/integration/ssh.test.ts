import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Hint } from '../../src/adapters/adapter';
import { parseDockerAddress } from '../../src/adapters/docker/address';
import { EventStream } from '../../src/adapters/docker/eventStream';
import { sshArgv } from '../../src/adapters/docker/ssh';
import { isKnown, type Fact } from '../../src/model/fact';
import type { Problem } from '../../src/model/problem';
import { startLab, type Lab } from '../lab/lab';
import { mustRun } from '../lab/run';
import { eventually } from '../support/fakeAdapter';
import { FileJournal } from '../support/fileJournal';
import { printed } from '../support/groundTruth';
import { startSshServer, type SshServer } from '../support/sshServer';
import { buildProbe, type Probe, type Seen } from '../support/unprivileged';

describe('an engine behind ssh', () => {
  let lab: Lab;
  let probe: Probe;
  let server: SshServer;
  let running: string;
  let pid: string;

  before(async () => {
    lab = await startLab();
    server = await startSshServer();
    probe = buildProbe();
    running = await lab.mustDocker(['run', '--detach', '--network=none', '--name=runs', lab.image, 'sleep', '36000']);
    pid = await lab.mustDocker(['inspect', '--format', '{{.State.Pid}}', running]);
  });
  after(async () => {
    server?.dispose();
    probe?.dispose();
    await lab?.stop();
  });

  const hostOf = (name: string): string => `ssh://${name}${lab.dockerSocket}`;
  const env = (endpoint: string, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => {
    const { CONTAINERD_ADDRESS: _, ...rest } = lab.env;
    return {
      ...rest,
      PATH: `${server.bin}:${process.env.PATH}`,
      DOCKER_HOST: endpoint,
      CRE_ALLOW: '1',
      CRE_AWAIT: endpoint,
      ...more,
    };
  };
  /** Without the lab's processes, as on another machine: this one's are the only ones that it has. */
  const fromAfar = async (endpoint: string, more: NodeJS.ProcessEnv = {}): Promise<Seen> => {
    const [program, args] = probe.command('root', [running]);
    const apart = ['--pid', '--fork', '--mount-proc', '--kill-child', program, ...args];
    const { stdout } = await mustRun('unshare', apart, { env: { ...env(endpoint, more), HOME: probe.folder } });
    return JSON.parse(stdout) as Seen;
  };
  const problemIn = ({ inventory }: Seen, endpoint: string): Problem => {
    const layer = inventory.layers.find((one) => one.kind === 'engine' && one.endpoint === endpoint);
    assert.ok(layer?.problem, `${endpoint}: ${JSON.stringify(layer)}`);
    // It has a code too, which other extensions are not promised.
    return layer.problem as Problem;
  };
  const problemAt = async (endpoint: string): Promise<Problem> =>
    problemIn(await probe.see('root', [], env(endpoint)), endpoint);
  const why = (fact: Fact<unknown>): string => JSON.stringify(isKnown(fact) ? fact.better : fact);

  it('is not reached before the user has allowed the command line, which is shown', async () => {
    const seen = await probe.see('root', [], { ...env(hostOf('far')), CRE_ALLOW: '' });
    const problem = problemIn(seen, hostOf('far'));
    assert.equal(problem.code, 'denied');
    assert.match(problem.reason, /ssh -T .*BatchMode=yes.* -- far docker --host=unix:\S+ system dial-stdio/);
    assert.match(problem.remedy ?? '', /Connect Over SSH/);
    assert.deepEqual(server.runs(), []);
  });

  it('tells what its machine’s ps knows, and says of the rest that it is there', async () => {
    const { inspections, inventory } = await fromAfar(hostOf('far'));
    const layer = inventory.layers.find(({ endpoint, kind }) => kind === 'engine' && endpoint === hostOf('far'));
    assert.equal(layer?.status, 'ok', JSON.stringify(inventory.layers));
    const facts = inspections[0]?.facts;
    assert.ok(facts && isKnown(facts.initPid) && isKnown(facts.shimPid) && isKnown(facts.cgroupPaths));
    assert.equal(String(facts.initPid.value), pid);
    assert.equal(facts.initPid.route, 'docker-api');
    assert.equal(String(facts.shimPid.value), (await printed('ps', '-o', 'ppid=', '-p', pid)).trim());
    const cgroups = readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim().split('\n');
    for (const line of cgroups) {
      const [, , controllers = '', path] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? [];
      assert.equal(facts.cgroupPaths.value[controllers], path);
    }
    assert.ok(isKnown(facts.namespaces));
    assert.equal(`net:[${facts.namespaces.value.net}]`, (await printed('readlink', `/proc/${pid}/ns/net`)).trim());
    for (const fact of [facts.cgroups, facts.bundlePath, facts.runtimeState, facts.ociConfig]) {
      assert.match(why(fact), /on another host, ssh:\/\/far/);
      assert.match(why(fact), /Remote - SSH/);
    }
    assert.ok(isKnown(facts.ociConfig));
    assert.equal(facts.ociConfig.route, 'derived');
  });

  it('hands over config.json through a reader container', async () => {
    const journal = join(probe.folder, 'ssh-journal.json');
    FileJournal.create(journal);
    const { inspections, problems } = await fromAfar(hostOf('far'), { CRE_READ: '1', CRE_JOURNAL: journal });
    assert.deepEqual(problems, []);
    const config = inspections[0]?.facts.ociConfig;
    assert.ok(config && isKnown(config));
    assert.equal(config.route, 'reader-container');
    const bundle = join(lab.containerdState, 'io.containerd.runtime.v2.task/moby', running);
    assert.deepEqual(config.value, JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8')));
  });

  it('takes few connections, and none of its programs stays', async () => {
    const before = server.runs().length;
    const { inspections } = await probe.see('root', [running, running], env(hostOf('far')));
    assert.equal(inspections.length, 2);
    const runs = server.runs().slice(before);
    assert.ok(
      runs.length >= 1 && runs.length <= 6,
      `${runs.length} ssh for a look and two inspections: a dozen questions and more`,
    );
    await eventually(() => runs.every((one) => !alive(one)), 'every ssh has ended');
  });

  it('tells what happens there as it happens, and takes its program along when nobody watches any more', async () => {
    const before = server.runs().length;
    const parsed = parseDockerAddress(hostOf('far'));
    assert.ok('address' in parsed && parsed.address.kind === 'ssh');
    const [, ...words] = sshArgv(parsed.address);
    const hints: Hint[] = [];
    const connection = { kind: 'program', argv: [join(server.bin, 'ssh'), ...words] } as const;
    const stream = new EventStream({ layerId: 'engine', connection }, (hint) => hints.push(hint));
    try {
      await eventually(() => hints.some(({ kind }) => kind === 'connected'), 'the stream is connected');
      const made = await lab.mustDocker(['create', '--network=none', lab.image, 'true']);
      await lab.mustDocker(['rm', made]);
      for (const event of ['create', 'destroy'])
        await eventually(() => hints.some((hint) => hint.runtimeId === made && hint.event === event), event);
      assert.ok(server.runs().slice(before).some(alive));
    } finally {
      stream.end();
    }
    await eventually(() => !server.runs().slice(before).some(alive), 'every ssh has ended');
  });

  // Each by what the real ssh and the real docker command line say.
  const causes: readonly (readonly [string, Problem['code'], RegExp, RegExp])[] = [
    ['stranger', 'denied', /key of this host is not known/, /accept it once/],
    ['changed', 'refused', /another key than it had before/, /ssh-keygen -R/],
    ['locked', 'denied', /does not take the keys/, /ssh-add/],
    ['closed', 'refused', /nobody serves ssh/, /sshd/],
    ['bare', 'absent', /no docker command/, /Install the docker command line/],
    ['no-such-host.invalid', 'absent', /name of the host is not known/, /\.ssh\/config/],
  ];
  for (const [name, code, reason, remedy] of causes) {
    it(`that cannot be reached says why: ${name}`, async () => {
      const problem = await problemAt(hostOf(name));
      assert.match(problem.reason, reason);
      assert.match(problem.remedy ?? '', remedy);
      assert.equal(problem.code, code);
    });
  }

  it('whose socket is not there says so', async () => {
    const problem = await problemAt('ssh://far/nonexistent/docker.sock');
    assert.equal(problem.code, 'refused', problem.reason);
    assert.match(problem.reason, /no engine answers/);
  });

  it('on a machine without ssh says so', async () => {
    const [program, args] = probe.command('root', []);
    const { stdout } = await mustRun(program, args, {
      env: { ...env(hostOf('far')), PATH: '/nonexistent', HOME: probe.folder },
    });
    assert.match(problemIn(JSON.parse(stdout) as Seen, hostOf('far')).reason, /no program ssh/);
  });
});

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
