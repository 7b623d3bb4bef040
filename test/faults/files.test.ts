import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLab, type Lab } from '../lab/lab';
import { mustRun, run } from '../lab/run';
import { keepOutcome } from './bar';
import { ExplorerBuild } from './explorer';

/** What may be opened whatever containers there are: Node's own files, the machine's, and what tells of containers. */
const KNOWN = [
  /^\/proc(\/|$)/,
  /^\/sys\/(fs\/cgroup|devices\/system\/cpu|kernel\/mm\/transparent_hugepage)/,
  // crun copies itself there before it does anything, also to tell its version.
  /^\/tmp\/crun\.\w+$/,
  /^\/(etc|usr|lib|lib64)\//,
  /^\/dev\/(null|urandom|random)$/,
  /^\/(run|var\/run)\/(docker|containerd|podman|runc|crun|crio|user|cri-dockerd)/,
  /^\/tmp\/cre-lab-[^/]+\//,
];

describe('faults C: hostile input, with strace as the witness', function () {
  this.timeout(600_000);
  let lab: Lab;
  let build: ExplorerBuild;
  let trap: string;

  before(async () => {
    build = new ExplorerBuild();
    lab = await startLab();
    trap = mkdtempSync(join(tmpdir(), 'cre-trap-'));
  });
  after(async () => {
    await lab?.stop();
    build?.remove();
    rmSync(trap, { recursive: true, force: true });
  });

  it('C4: names, labels, mounts and bundles that point at files which are none of our business', async () => {
    const bait = join(trap, 'bait');
    writeFileSync(bait, 'must never be opened');
    await mustRun('mkfifo', [join(trap, 'fifo')]);
    mkdirSync(join(trap, 'folder'));
    symlinkSync(bait, join(trap, 'link'));
    const baits = [
      bait,
      join(trap, 'fifo'),
      join(trap, 'folder'),
      join(trap, 'link'),
      '/etc/shadow',
      '../../../../etc/shadow',
    ];
    const labels = baits.flatMap((path, index) => [
      '--label',
      `com.docker.compose.project.config_files.${index}=${path}`,
      '--label',
      `io.kubernetes.cri.sandbox-log-directory${index || ''}=${path}`,
    ]);
    const ids: string[] = [];
    for (const path of baits.slice(0, 4)) {
      ids.push(
        await lab.mustDocker([
          ...['run', '-d', '--network=none', ...labels, '--env', `PATH_TO=${path}`, '-v', `${path}:/bait:ro`],
          ...[lab.image, 'sleep', '36000'],
        ]),
      );
    }
    // A bundle whose files are traps: written after the start, as a hostile root in a user namespace might.
    const bundle = join(lab.containerdState, 'io.containerd.runtime.v2.task/moby', ids[0] ?? '');
    const kept = readFileSync(join(bundle, 'config.json'));
    rmSync(join(bundle, 'config.json'));
    symlinkSync(bait, join(bundle, 'config.json'));
    rmSync(join(bundle, 'runtime'), { force: true });
    await mustRun('mkfifo', [join(bundle, 'runtime')]);

    const trace = join(lab.dir, 'strace.log');
    const explorer = build.start({
      env: lab.env,
      below: ['strace', '-f', '-qq', '-e', 'trace=openat,open,connect,execve', '-o', trace],
    });
    await explorer.attend();
    await explorer.refresh();
    for (const id of ids) await explorer.inspect(id);
    await explorer.inspectAll();
    assert.equal(await explorer.end(), 'code 0');
    rmSync(join(bundle, 'config.json'));
    writeFileSync(join(bundle, 'config.json'), kept);

    const lines = readFileSync(trace, 'utf8').split('\n');
    const opened = lines.flatMap((line) => {
      const [, path, outcome] = /open(?:at)?\((?:AT_FDCWD, )?"((?:[^"\\]|\\.)*)".*\) = (-?\d+)/.exec(line) ?? [];
      return path !== undefined && Number(outcome) >= 0 ? [path] : [];
    });
    assert.ok(opened.length > 100, `${opened.length} files were seen to be opened`);
    const own = [...KNOWN, new RegExp(`^${build.folder}/`)];
    const strange = [...new Set(opened)].filter(
      (path) => !own.some((one) => one.test(path)) || path.includes(trap) || path.includes('shadow'),
    );
    assert.deepEqual(strange, []);
    const started = lines.filter((line) => /execve\(/.test(line) && / = 0$/.test(line));
    const programs = [...new Set(started.map((line) => /execve\("([^"]+)"/.exec(line)?.[1]))];
    for (const program of programs) assert.match(program ?? '', /\/(node|runc|crun|docker|containerd-shim-runc-v2)$/);
    const dialled = lines.flatMap((line) => /connect\(\d+, \{sa_family=AF_INET6?.*/.exec(line)?.[0] ?? []);
    assert.deepEqual(dialled, []);
    keepOutcome({
      id: 'C4',
      tries: opened.length,
      measured: `files opened, none outside the known roots; programs started: ${programs.join(', ')}; no network connection`,
    });
    for (const id of ids) await run('docker', ['rm', '-f', id], { env: lab.env });
  });
});
