import assert from 'node:assert/strict';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isKnown } from '../../src/model/fact';
import { startLab, type Lab } from '../lab/lab';
import { killAndWait, signal } from '../lab/processes';
import { eventually } from '../support/fakeAdapter';
import { inWords, keepOutcome, times } from './bar';
import { ExplorerBuild, type Explorer } from './explorer';
import { Proxy } from './proxy';

describe('faults B: recover', function () {
  this.timeout(1_200_000);
  let build: ExplorerBuild;
  let lab: Lab;
  let explorer: Explorer;
  let proxy: Proxy | undefined;
  const idle = ['sleep', '36000'];

  before(async () => {
    build = new ExplorerBuild();
    lab = await startLab({ liveRestore: true });
    for (let index = 0; index < 8; index++) await lab.mustDocker(['run', '-d', '--network=none', lab.image, ...idle]);
  });
  beforeEach(() => lab.ensureContainerd());
  afterEach(async () => {
    const how = await explorer?.end();
    await proxy?.stop();
    proxy = undefined;
    assert.equal(how, 'code 0', 'it leaves nothing open');
  });
  after(async () => {
    await lab?.stop();
    build?.remove();
  });

  async function start(endpoint?: string): Promise<void> {
    explorer = build.start({ env: lab.env, ...(endpoint ? { endpoint } : {}) });
    await explorer.attend();
    await explorer.refresh();
    await equalsList();
  }

  async function listed(): Promise<string> {
    const format = ['--format', '{{.ID}} {{.Names}} {{.State}}'];
    const { code, stdout } = await lab.docker(['ps', '--all', '--no-trunc', ...format]);
    return code === 0 ? stdout.trim().split('\n').filter(Boolean).sort().join('\n') : 'docker ps failed';
  }

  /** Waits until the tree equals docker ps --all, without asking for a look; says how long that took. */
  async function equalsList(): Promise<number> {
    const begin = performance.now();
    let [shown, wanted] = ['', ''];
    await eventually(async () => {
      // The list is asked after the tree, so that what changes in between cannot make them equal.
      shown = (await explorer.tree()).join('\n');
      wanted = await listed();
      return shown === wanted;
    }, 'the tree equals docker ps --all').catch(() => assert.equal(shown, wanted));
    return performance.now() - begin;
  }

  const initOf = async (id: string): Promise<number> =>
    Number(await lab.mustDocker(['inspect', '--format', '{{.State.Pid}}', id]));

  it('B1, B4: dockerd is killed, containers end meanwhile, and it is started again', async () => {
    await start();
    const took: number[] = [];
    const tries = times(8, 100);
    for (let index = 0; index < tries; index++) {
      const id = await lab.mustDocker(['run', '-d', '--network=none', lab.image, ...idle]);
      const init = await initOf(id);
      await lab.killDockerd('SIGKILL');
      await killAndWait([init]);
      await pause(Math.random() * times(300, 5_000));
      await lab.startDockerd();
      took.push(await equalsList());
      assert.ok((await explorer.tree()).some((line) => line.startsWith(id) && line.endsWith('exited')));
      await lab.mustDocker(['rm', id]);
    }
    await equalsList();
    keepOutcome({ id: 'B1', tries, measured: `tree equal to docker ps -a after dockerd answers: ${inWords(took)}` });
    keepOutcome({ id: 'B4', tries, measured: 'each container that ended while dockerd was down is shown as exited' });
  });

  it('B3: containerd is killed while shims live on, and started again', async () => {
    await start();
    const took: number[] = [];
    const tries = times(8, 100);
    const isRight = async (status: string): Promise<boolean> =>
      (await explorer.layers()).some(
        ({ kind, id, status: now }) => kind === 'containerd' && id.includes('moby') && now === status,
      );
    for (let index = 0; index < tries; index++) {
      await lab.killContainerd('SIGKILL');
      await eventually(() => isRight('failed'), 'containerd is shown as failed').catch(async (error: unknown) => {
        throw new Error(`${String(error)}: ${JSON.stringify(await explorer.layers())}`);
      });
      await lab.startContainerd();
      const begin = performance.now();
      await eventually(() => isRight('ok'), 'containerd is shown as well');
      took.push(performance.now() - begin);
    }
    await equalsList();
    keepOutcome({ id: 'B3', tries, measured: `its layers right after it answers: ${inWords(took)}` });
  });

  it('B5: dockerd, then containerd, is stopped and goes on', async () => {
    proxy = await Proxy.start(join(lab.dir, 'b5.sock'), lab.dockerSocket);
    await start(`unix://${proxy.path}`);
    const tries = times(2, 10);
    const took: number[] = [];
    for (let index = 0; index < tries; index++) {
      signal(lab.dockerdPid, 'SIGSTOP');
      try {
        await pause(1_100);
        const asked = explorer.refresh();
        await eventually(
          async () =>
            (await explorer.layers()).some(({ kind, problem }) => kind === 'engine' && problem?.code === 'deadline'),
          'the engine is shown as not answering',
        );
        await asked;
        await pause(times(1_000, 60_000));
        assert.ok(
          proxy.open <= 3,
          `${proxy.asked.slice(-12).join()} ` + `${proxy.open} connections are held: two, and the events`,
        );
      } finally {
        signal(lab.dockerdPid, 'SIGCONT');
      }
      await explorer.refresh();
      took.push(await equalsList());
    }
    keepOutcome({ id: 'B5', tries, measured: `right after SIGCONT: ${inWords(took)}; at most 3 connections open` });
  });

  it('B6: the stream of events is split at every byte, cut in the middle, frozen', async () => {
    proxy = await Proxy.start(join(lab.dir, 'b6.sock'), lab.dockerSocket);
    proxy.trouble = 'byte by byte';
    await start(`unix://${proxy.path}`);
    const change = async (): Promise<void> => {
      const id = await lab.mustDocker(['create', '--network=none', lab.image, 'true']);
      await lab.mustDocker(['rename', id, `renamed-${id.slice(0, 12)}`]);
    };
    await change();
    await equalsList();
    await explorer.leave();
    const tries = times(12, 500);
    for (let offset = 0; offset < tries; offset++) {
      proxy.trouble = { cutAfterBytes: offset * 7 };
      await explorer.attend();
      await change();
      await equalsList();
      await explorer.leave();
    }
    proxy.trouble = 'freeze';
    await explorer.attend();
    await change();
    // Nothing tells of it: whoever looks again, or comes back after a while, sees it.
    await explorer.leave();
    await pause(1_100);
    await explorer.attend();
    await equalsList();
    keepOutcome({
      id: 'B6',
      tries: tries + 2,
      measured:
        'tree equal to docker ps -a with the stream byte by byte, cut after 0, 7, 14… bytes of an event, and frozen (on focus)',
    });
    for (const id of (await lab.mustDocker(['ps', '-aq', '--filter', 'status=created'])).split('\n'))
      await lab.mustDocker(['rm', id]);
  });

  it('B7: the socket’s path is gone, dangling, a file, a folder, a link to itself, and right again', async () => {
    const path = join(lab.dir, 'b7.sock');
    symlinkSync(lab.dockerSocket, path);
    await start(`unix://${path}`);
    const wrecks: [string, RegExp, () => void][] = [
      ['gone', /ENOENT/, () => undefined],
      ['a dangling link', /ENOENT/, () => symlinkSync(join(lab.dir, 'nowhere'), path)],
      ['a file', /ECONNREFUSED|ENOTSOCK|no socket/i, () => writeFileSync(path, 'not a socket')],
      ['a folder', /ECONNREFUSED|EISDIR|ENOTSOCK|no socket/i, () => mkdirSync(path)],
      ['a link to itself', /ELOOP|ENOENT/, () => symlinkSync(path, path)],
    ];
    const rounds = times(1, 20);
    const took: number[] = [];
    for (let round = 0; round < rounds; round++) {
      for (const [what, reason, make] of wrecks) {
        rmSync(path, { recursive: true, force: true });
        make();
        await explorer.refresh();
        const engine = (await explorer.layers()).find(({ kind }) => kind === 'engine');
        assert.match(engine?.problem?.reason ?? '', reason, what);
        assert.doesNotMatch(engine?.problem?.remedy ?? '', /666/, what);
        rmSync(path, { recursive: true, force: true });
        symlinkSync(lab.dockerSocket, path);
        took.push(await equalsList());
      }
    }
    keepOutcome({ id: 'B7', tries: took.length, measured: `cause named; the tree right by itself: ${inWords(took)}` });
  });

  it('B8: containers come and go all the time', async () => {
    await start();
    const churns = times(40, 1_000);
    for (let done = 0; done < churns; done += 8) {
      await Promise.all(
        Array.from({ length: 8 }, () => lab.mustDocker(['run', '--rm', '--network=none', lab.image, 'true'])),
      );
      await explorer.inspectAll();
    }
    await equalsList();
    keepOutcome({ id: 'B8', tries: churns, measured: 'inspected meanwhile without an error; tree exact at the end' });
  });

  it('B9, A3: a shim is stopped', async () => {
    await start();
    const ids = (await lab.mustDocker(['ps', '-q', '--no-trunc'])).split('\n');
    const [stuck = '', other = ''] = ids;
    const init = await initOf(stuck);
    const shim = Number((await lab.mustRun('ps', ['-o', 'ppid=', '-p', String(init)])).stdout);
    const tries = times(1, 20);
    for (let index = 0; index < tries; index++) {
      signal(shim, 'SIGSTOP');
      let hanging: Promise<unknown> | undefined;
      try {
        // While we look at it, others get answers of it: nothing that we do takes its lock.
        await explorer.inspect(stuck);
        await explorer.inspectAll();
        assert.equal((await lab.docker(['inspect', stuck], { timeoutMs: 5_000 })).code, 0, 'docker inspect answers');
        hanging = lab.docker(['pause', stuck], { timeoutMs: 120_000 });
        await eventually(async () => !isKnown((await explorer.inspect(stuck)).engineRecord), 'its row says so');
        assert.ok(isKnown((await explorer.inspect(other)).engineRecord), 'others are told of');
        assert.ok(isKnown((await explorer.inspect(stuck)).initPid), 'the kernel still tells');
      } finally {
        signal(shim, 'SIGCONT');
        await hanging;
      }
      await lab.docker(['unpause', stuck]);
      await equalsList();
      await eventually(async () => isKnown((await explorer.inspect(stuck)).engineRecord), 'it is told of again');
    }
    keepOutcome({ id: 'A3', tries, measured: 'docker inspect of its container answers while it is looked at' });
    keepOutcome({ id: 'B9', tries, measured: 'its row alone says that the engine does not answer; healed by itself' });
  });
});
