// The lab itself: every other test on real daemons relies on it.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { startLab, type Lab } from '../lab/lab';
import { daemonsOf } from '../lab/processes';
import { shimAddressIn } from '../support/labPaths';
import { startSample, startSamples } from '../lab/samples';

describe('the lab', () => {
  it('brings every sample to its state, and leaves nothing behind', async () => {
    const lab = await startLab();
    let sockets: readonly string[] = [];
    try {
      const samples = await startSamples(lab);
      assert.ok(samples.length >= 34, `${samples.length} samples`);
      const names = (await lab.mustDocker(['ps', '--all', '--format', '{{.Names}}'])).split('\n');
      assert.deepEqual(names.sort(), samples.map(({ name }) => name).sort());
      sockets = shimSocketsOf(lab);
      assert.ok(sockets.length >= 25 && sockets.every((socket) => existsSync(socket)), sockets.join());
    } finally {
      await lab.stop();
    }
    assert.deepEqual(tracesOf(lab), []);
    assert.deepEqual(sockets.filter(existsSync), []);
  });

  it('keeps containers running over restarts of both daemons with live-restore', async () => {
    const lab = await startLab({ liveRestore: true });
    try {
      await startSample(lab, {
        name: 'survivor',
        shows: 'a container that outlives its engine',
        options: ['--network=none'],
        command: ['sleep', '36000'],
        expect: { status: 'running' },
      });
      const pidBefore = await lab.mustDocker(['inspect', '--format', '{{.State.Pid}}', 'survivor']);
      await lab.restartDockerd('SIGKILL');
      await lab.restartContainerd('SIGKILL');
      await lab.restartDockerd();
      assert.equal(await lab.mustDocker(['inspect', '--format', '{{.State.Pid}}', 'survivor']), pidBefore);
    } finally {
      await lab.stop();
    }
    assert.deepEqual(tracesOf(lab), []);
  });
});

/** What is still there of a lab that was stopped. */
function tracesOf(lab: Lab): string[] {
  return [
    ...daemonsOf(lab.dir).map((pid) => `process ${pid}`),
    ...readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .filter((line) => line.includes(lab.dir)),
    ...readdirSync('/sys/fs/cgroup')
      .map((hierarchy) => join('/sys/fs/cgroup', hierarchy, lab.cgroupParent))
      .filter(existsSync),
    ...[lab.dir, join('/sys/fs/cgroup', lab.cgroupParent)].filter(existsSync),
  ];
}

/** Where the shims of Docker's containers listen: not below the lab's folder, unless it has a file tree of its own. */
function shimSocketsOf(lab: Lab): string[] {
  const bundles = join(lab.containerdState, 'io.containerd.runtime.v2.task/moby');
  const addresses = readdirSync(bundles).map((id) => shimAddressIn(join(bundles, id)).replace(/^unix:\/\//, ''));
  return addresses.map((socket) => (lab.insideDir === lab.dir ? socket : join(lab.dir, socket)));
}
