import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chownSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { READER_LABEL } from '../../src/adapters/docker/reader/calls';
import type { JournalEntry } from '../../src/model/readerJournal';
import { isKnown } from '../../src/model/fact';
import { startLab, type Lab } from '../lab/lab';
import { mustRun } from '../lab/run';
import { startEngineProxy, type EngineProxy } from '../support/engineProxy';
import { eventually } from '../support/fakeAdapter';
import { buildProbe, DOCKER_GROUP, NOBODY, openToGroup, type Probe, type Seen } from '../support/unprivileged';

describe('the reader container', () => {
  let lab: Lab;
  let probe: Probe;
  let proxy: EngineProxy;
  let running: string;
  /** As the engine names it, and as we do. */
  let bundle: string;
  let ourBundle: string;
  let journal: string;

  before(async () => {
    lab = await startLab();
    running = await lab.mustDocker(['run', '--detach', '--network=none', '--env=A=1', lab.image, 'sleep', '36000']);
    openToGroup(lab);
    ourBundle = join(lab.containerdState, 'io.containerd.runtime.v2.task/moby', running);
    bundle = ourBundle.replace(lab.dir, lab.insideDir);
    probe = buildProbe();
    proxy = await startEngineProxy(lab.dockerSocket, join(lab.dir, 'proxy.sock'), DOCKER_GROUP);
    journal = join(probe.folder, 'journal.json');
  });
  after(async () => {
    proxy?.dispose();
    probe?.dispose();
    await lab?.stop();
  });
  beforeEach(() => {
    proxy.rule = () => 'pass';
    if (existsSync(journal)) return;
    writeFileSync(journal, '[]');
    chownSync(journal, NOBODY, NOBODY);
  });

  const env = (read: boolean): NodeJS.ProcessEnv => ({
    ...lab.env,
    DOCKER_HOST: `unix://${proxy.socket}`,
    CRE_JOURNAL: journal,
    CRE_READ: read ? '1' : '',
  });
  const seen = (read: boolean): Promise<Seen> => probe.see([DOCKER_GROUP], [running], env(read));
  const noted = (): JournalEntry[] => JSON.parse(readFileSync(journal, 'utf8')) as JournalEntry[];
  /** Everything that an engine can be left with. */
  const all = async (): Promise<string> => {
    const lists = [
      ['ps', '--all', '--no-trunc', '--quiet'],
      ['images', '--all', '--no-trunc', '--quiet'],
      ['volume', 'ls', '--quiet'],
      ['network', 'ls', '--no-trunc', '--quiet'],
    ];
    const texts = await Promise.all(lists.map((args) => lab.mustDocker(args)));
    // In no order: images of one age have none.
    return texts.map((text) => text.split('\n').sort().join('\n')).join('\n');
  };
  const ours = async (): Promise<string> =>
    (await lab.mustDocker(['ps', '--all', '--no-trunc', '--quiet', '--filter', `label=${READER_LABEL}`])).trim();
  const since = async (from: number): Promise<string[]> => {
    const format = '{{.Type}} {{.Action}} {{index .Actor.Attributes "name"}}';
    const until = (Date.now() / 1000).toFixed(3);
    const args = ['events', `--since=${(from / 1000).toFixed(3)}`, `--until=${until}`, `--format=${format}`];
    return (await lab.mustDocker(args)).split('\n').filter((line) => line.includes('reader') || /image/.test(line));
  };

  it('is not made without being asked for, and the fact says how to ask', async () => {
    const before = proxy.seen.length;
    const { inspections } = await seen(false);
    const config = inspections[0]?.facts.ociConfig;
    assert.ok(config && isKnown(config));
    assert.equal(config.route, 'derived');
    const why = JSON.stringify(config.better);
    assert.match(why, /EACCES/, 'the direct route and its reason');
    assert.match(why, /Read config\.json Through a Reader Container/);
    assert.deepEqual(
      proxy.seen.slice(before).filter((asked) => !asked.startsWith('GET ')),
      [],
    );
  });

  it('hands over the very config.json, runs nothing, and leaves nothing', async () => {
    const [before, from] = [await all(), Date.now()];
    const { inspections, problems } = await seen(true);
    assert.deepEqual(problems, []);
    const facts = inspections[0]?.facts;
    assert.ok(facts && isKnown(facts.ociConfig) && isKnown(facts.bundlePath), JSON.stringify(facts?.ociConfig));
    assert.equal(facts.ociConfig.route, 'reader-container');
    assert.deepEqual(facts.ociConfig.value, JSON.parse(readFileSync(join(ourBundle, 'config.json'), 'utf8')));
    assert.equal(facts.bundlePath.value, bundle);
    assert.ok(
      facts.ociConfig.better?.some(({ unavailable }) => /EACCES/.test(unavailable)),
      'and says why not better',
    );
    assert.equal(await all(), before);
    assert.deepEqual(noted(), []);
    const events = await since(from);
    assert.ok(
      events.some((line) => /^container create /.test(line)),
      `the engine tells of it: ${events.join('; ')}`,
    );
    assert.ok(!events.some((line) => /(start|attach|exec|pull)/.test(line)), events.join('; '));
  });

  it('the command that checks it prints the same file, and leaves nothing either', async () => {
    const { inspections } = await seen(true);
    const config = inspections[0]?.facts.ociConfig;
    assert.ok(config && isKnown(config));
    const before = await all();
    const { stdout } = await mustRun('sh', ['-c', config.how], { env: lab.env });
    assert.equal(stdout, readFileSync(join(ourBundle, 'config.json'), 'utf8'));
    assert.equal(await all(), before);
  });

  it('cannot write, never ran, and is removed by the next look when the process was killed in the middle', async () => {
    const before = await all();
    // Only once the bundle itself is bound; where it is had to be found out first.
    proxy.rule = (_, path, query) =>
      path.endsWith('/archive') && query.get('path') === '/read/config.json' ? 'hold' : 'pass';
    const asked = proxy.seen.length;
    const [program, args] = probe.command([DOCKER_GROUP], [running]);
    const victim = spawn(program, args, {
      env: { ...env(true), HOME: probe.folder, XDG_RUNTIME_DIR: '' },
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => victim.once('exit', resolve));
    try {
      await eventually(
        async () => proxy.seen.slice(asked).filter((call) => call.endsWith('/archive')).length === 2,
        'the engine is asked for the file',
      );
      const id = await ours();
      const [made] = JSON.parse(await lab.mustDocker(['inspect', id])) as {
        State: { Status: string; Pid: number; StartedAt: string };
        Mounts: { RW: boolean; Source: string }[];
        HostConfig: { NetworkMode: string };
      }[];
      assert.deepEqual([made?.State.Status, made?.State.Pid], ['created', 0]);
      assert.deepEqual(
        made?.Mounts.map(({ RW, Source }) => ({ RW, Source })),
        [{ RW: false, Source: bundle }],
      );
      const write = await lab.docker(['cp', join(ourBundle, 'config.json'), `${id}:/read/config.json`]);
      assert.notEqual(write.code, 0);
      assert.match(write.stderr, /read-only/);
      assert.notEqual((await lab.docker(['start', id])).code, 0, 'there is no program that could be started');
    } finally {
      victim.kill('SIGKILL');
      await ended;
    }
    assert.notEqual(await all(), before);
    assert.equal(noted().length, 1, 'it was noted before it was made');
    // A container with our label whose token was never noted is not ours to remove.
    const stranger = await lab.mustDocker([
      'create',
      '--network=none',
      `--label=${READER_LABEL}=00`,
      lab.image,
      'true',
    ]);
    proxy.rule = () => 'pass';
    try {
      await eventually(async () => {
        await seen(false);
        return noted().length === 0;
      }, 'a look has struck the entry out');
      assert.equal(await ours(), stranger);
    } finally {
      await lab.mustDocker(['rm', stranger]);
    }
    assert.equal(await all(), before);
  });

  it('finds the bundle by the shim’s working folder where no other route names it', async () => {
    // The lab's containerd keeps its state where no package does, and this user may not even pass its folders.
    const { inspections } = await seen(true);
    const config = inspections[0]?.facts.ociConfig;
    assert.ok(config && isKnown(config));
    assert.equal(config.source.startsWith(bundle), true);
  });

  it('a proxy that lets only reading through is named with the very call that it refused', async () => {
    const before = await all();
    proxy.rule = (method) => (method === 'GET' ? 'pass' : 'refuse');
    const { inspections, problems } = await seen(true);
    assert.equal(problems.length, 1);
    assert.match(problems[0]?.reason ?? '', /proxy.*refuses POST \/v[\d.]+\/images\/create \(403\)/);
    assert.match(problems[0]?.remedy ?? '', /Allow POST/);
    const config = inspections[0]?.facts.ociConfig;
    assert.ok(config && isKnown(config));
    assert.equal(config.route, 'derived');
    assert.equal(await all(), before);
    assert.deepEqual(noted(), []);
  });
});
