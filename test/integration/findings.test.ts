import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHost, type Host } from '../../src/hostAdapters';
import { findingsOf, type ContainerFinding } from '../../src/model/containerFindings';
import { startLab, type Lab } from '../lab/lab';
import { eventually } from '../support/fakeAdapter';
import { printed } from '../support/groundTruth';

const IDLE = ['sleep', '36000'];

describe('what is worth knowing of real containers', () => {
  let lab: Lab;
  let host: Host;

  before(async () => {
    lab = await startLab();
    host = createHost({
      settings: () => ({ dockerEndpoints: [], containerdAddresses: [], podmanEndpoints: [] }),
      env: lab.env,
      workerFolder: join(process.cwd(), 'dist'),
    });
  });

  after(async () => {
    host?.store.dispose();
    await lab?.stop();
  });

  async function start(options: readonly string[], command: readonly string[] = IDLE): Promise<string> {
    return lab.mustDocker(['run', '--detach', '--network=none', ...options, lab.image, ...command]);
  }

  async function findings(id: string): Promise<Map<string, ContainerFinding>> {
    const { facts } = await host.store.inspect(id);
    return new Map(findingsOf(facts).map((finding) => [finding.id, finding]));
  }

  const without = (found: Map<string, ContainerFinding>, ...ids: string[]): string[] =>
    [...found.keys()].filter((id) => !ids.includes(id)).sort();

  it('is only what it uses, where it was made with a limit and nothing special', async () => {
    const found = await findings(await start(['--memory=64m']));
    assert.deepEqual(without(found), ['memory-in-use']);
  });

  for (const [name, options, expected] of [
    ['namespaces of the host', ['--memory=64m', '--pid=host', '--ipc=host', '--uts=host'], ['host-namespaces']],
    ['more capabilities', ['--memory=64m', '--cap-add=NET_ADMIN'], ['more-capabilities']],
    ['no seccomp', ['--memory=64m', '--security-opt=seccomp=unconfined'], ['no-seccomp']],
    ['no memory limit', [], ['no-memory-limit']],
  ] as const) {
    it(`is ${name}`, async () => {
      const found = await findings(await start(options));
      assert.deepEqual(without(found, 'memory-in-use'), expected);
    });
  }

  it('is that it is privileged, said by the engine also before it runs', async () => {
    // Created alone: a machine whose own rights are limited cannot start one.
    const id = await lab.mustDocker(['create', '--privileged', lab.image, ...IDLE]);
    const found = await findings(id);
    assert.deepEqual(without(found), ['privileged']);
    assert.equal((await lab.mustDocker(['inspect', '--format', '{{.HostConfig.Privileged}}', id])).trim(), 'true');
  });

  it('is the engine’s own socket among the mounts, also when it is mounted read-only', async () => {
    const found = await findings(await start(['--memory=64m', `--volume=${lab.dockerSocket}:/var/run/docker.sock:ro`]));
    assert.match(found.get('engine-socket')?.evidence.value ?? '', /docker\.sock → \/var\/run\/docker\.sock/);
  });

  it('counts processes that the kernel killed, as the kernel does', async () => {
    const id = await start(
      ['--memory=16m', '--memory-swap=16m'],
      ['sh', '-c', '(a=xxxxxxxxxxxxxxxx; while :; do a="$a$a"; done) & sleep 36000'],
    );
    let kill: ContainerFinding | undefined;
    await eventually(async () => (kill = (await findings(id)).get('oom-killed')) !== undefined, 'a process is killed');
    const raw = readFileSync(kill?.evidence.source ?? '', 'utf8');
    const count = Number(/oom_kill (\d+)/.exec(raw)?.[1]);
    assert.ok(count >= 1, raw);
    assert.equal(kill?.evidence.value, `${kill?.evidence.source.split('/').pop()}: oom_kill ${count}`);
    assert.equal((await lab.mustDocker(['inspect', '--format', '{{.State.Running}}', id])).trim(), 'true');
  });

  it('tells that a container is throttled, by the kernel’s own count', async () => {
    const id = await start(['--memory=64m', '--cpus=0.05'], ['sh', '-c', 'while :; do :; done']);
    let throttled: ContainerFinding | undefined;
    await eventually(async () => (throttled = (await findings(id)).get('throttled')) !== undefined, 'it is throttled');
    const periods = Number(/Throttled in (\d+)/.exec(throttled?.title ?? '')?.[1]);
    const now = Number(/nr_throttled (\d+)/.exec(readFileSync(throttled?.evidence.source ?? '', 'utf8'))?.[1]);
    assert.ok(periods > 0 && periods <= now, `${periods} of ${now}`);
  });

  it('counts memory in use as docker stats does, among other ways', async () => {
    const id = await start(['--memory=64m']);
    const found = (await findings(id)).get('memory-in-use');
    const bytes = [...(found?.evidence.value ?? '').matchAll(/\(?([\d,]+) bytes/g)].map(([, digits]) =>
      Number(digits?.replaceAll(',', '')),
    );
    const [, working = 0] = bytes;
    const stats: unknown = JSON.parse(
      await printed('curl', '-s', '--unix-socket', lab.dockerSocket, `http://d/containers/${id}/stats?stream=false`),
    );
    const { memory_stats: memory } = stats as {
      memory_stats: { usage: number; stats: { total_inactive_file?: number; inactive_file?: number } };
    };
    const theirs = memory.usage - (memory.stats.total_inactive_file ?? memory.stats.inactive_file ?? 0);
    assert.ok(Math.abs(working - theirs) <= 512 * 1024, `${working} here, ${theirs} there`);
    assert.equal(bytes.length, 3, found?.evidence.value);
  });
});
