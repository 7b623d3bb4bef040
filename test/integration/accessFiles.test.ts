// docs/access.md against what the kernel sees: every file that the explorer opens, and every link that it reads.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startLab, type Lab } from '../lab/lab';
import { mustRun } from '../lab/run';
import { listedFiles } from '../support/accessDoc';
import { buildProbe, type Probe, type Seen } from '../support/unprivileged';

/** What Node and the C library read on their own account: for names of users and hosts, times, and threads. */
const ITSELF = `const { cpus, userInfo } = require('os'); require('dns').getServers(); cpus(); userInfo(); new Date().toString()`;

/** Of Node too, in what the explorer alone asks of it: threads, and programs without a standard input. */
const OF_NODE = ['/sys/devices/system/cpu/online', '/dev/null'];

describe('the files that the explorer reads', function () {
  this.timeout(240_000);
  let lab: Lab;
  let probe: Probe;
  let ids: string[];

  before(async () => {
    lab = await startLab();
    const run = ['run', '--detach', '--network=none', '--memory=64m', lab.image];
    const ended = await lab.mustDocker([...run, 'true']);
    await lab.mustDocker(['wait', ended]);
    ids = [await lab.mustDocker([...run, 'sleep', '36000']), ended];
    probe = buildProbe();
  });
  after(async () => {
    probe?.dispose();
    await lab?.stop();
  });

  /** The paths that Node has opened as files, or read as links, with success; and what it printed. Not what it started. */
  async function traced(words: readonly string[], env: NodeJS.ProcessEnv): Promise<[Set<string>, string]> {
    const folder = mkdtempSync(join(lab.dir, 'strace-'));
    const calls = 'trace=open,openat,readlink,readlinkat,execve';
    // A file for each thread: in one file their lines would cut each other in two.
    const options = ['-ff', '-qq', '-s', '4096', '-e', calls, '-o', join(folder, 'thread')];
    const { stdout } = await mustRun('strace', [...options, ...words], { env });
    const paths = readdirSync(folder).flatMap((name) => pathsIn(readFileSync(join(folder, name), 'utf8')));
    return [new Set(paths), stdout];
  }

  function pathsIn(log: string): string[] {
    const lines = log.split('\n');
    const other = lines.findIndex((line) => {
      const program = /^execve\("([^"]*)".* = 0$/.exec(line)?.[1];
      return program !== undefined && program !== process.execPath;
    });
    return lines.slice(0, other < 0 ? undefined : other).flatMap((line) => {
      const call = /^(?:open|readlink)(?:at)?\((?:AT_FDCWD, )?"((?:[^"\\]|\\.)*)"(.*)\) = \d+/.exec(line);
      const [, path = '', flags = ''] = call ?? [];
      return path.startsWith('/') && !flags.includes('O_DIRECTORY') ? [path] : [];
    });
  }

  it('are all in docs/access.md (root, one engine, all that views can ask for)', async () => {
    const env = { ...lab.env, HOME: probe.folder, XDG_RUNTIME_DIR: '', CRE_ALL: '1' };
    const [program, args] = probe.command('root', ids);
    const [ofNode] = await traced([program, '-e', ITSELF], env);
    const [opened, stdout] = await traced([program, ...args], env);
    assert.equal((JSON.parse(stdout) as Seen).inspections.length, 2);
    assert.ok(opened.size > 100, `${opened.size} paths`);
    const listed = listedFiles(probe.folder);
    const isKnown = (path: string): boolean =>
      ofNode.has(path) ||
      OF_NODE.includes(path) ||
      path.startsWith(`${probe.folder}/probe.js`) ||
      listed.some((pattern) => pattern.test(path));
    // Folders that were opened are named by their numbers; of many processes one is enough to tell.
    const strange = [...opened]
      .map((path) => path.replace(/^\/proc\/self\/fd\/\d+/, '').replace(/^\/proc\/\d+/, '/proc/[pid]'))
      .filter((path) => path !== '' && !isKnown(path.replace('[pid]', '1')));
    assert.equal([...new Set(strange)].sort().join('\n'), '');
  });
});
