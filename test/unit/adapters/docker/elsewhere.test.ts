import assert from 'node:assert/strict';
import { Elsewhere } from '../../../../src/adapters/docker/elsewhere';
import type { DockerEndpoint } from '../../../../src/adapters/docker/endpoints';

describe('engines at sockets of this machine that run elsewhere', () => {
  const found: DockerEndpoint = {
    url: 'unix:///home/u/.colima/default/docker.sock',
    address: { kind: 'unix', path: '/home/u/.colima/default/docker.sock' },
    why: 'A usual place.',
    named: false,
    current: false,
    file: 'inode 1:2',
  };
  const again: DockerEndpoint = { ...found, file: 'inode 1:3' };
  let changes: number;
  let elsewhere: Elsewhere;

  beforeEach(() => {
    changes = 0;
    const why = (info: unknown): string | undefined => (info === 'vm' ? 'Its kernel is another.' : undefined);
    elsewhere = new Elsewhere(why, () => changes++);
  });

  it('are asked once for each socket, and told once', () => {
    assert.equal(elsewhere.has(found), false);
    assert.equal(elsewhere.judge(found, 'vm'), true);
    assert.equal(elsewhere.has(found), true);
    assert.equal(elsewhere.has(again), false, 'a socket that was made anew is asked anew');
    assert.equal(elsewhere.judge(again, undefined), true, 'while it does not answer it stays where it was');
    assert.equal(elsewhere.judge(again, 'vm'), true);
    assert.equal(elsewhere.has(again), true);
    assert.deepEqual(elsewhere.all, [{ endpoint: again, why: 'Its kernel is another.' }]);
    assert.equal(changes, 1);
  });

  it('come back when another engine answers at the same place', () => {
    elsewhere.judge(found, 'vm');
    assert.equal(elsewhere.judge(again, 'ours'), false);
    assert.deepEqual([elsewhere.all, changes], [[], 2]);
  });

  it('are not known before they have said something of themselves', () => {
    assert.equal(elsewhere.judge(found, undefined), false);
    assert.deepEqual([elsewhere.all, changes], [[], 0]);
  });

  it('are never those that somebody has chosen', () => {
    for (const chosen of [{ named: true }, { current: true }]) {
      assert.equal(elsewhere.judge({ ...found, ...chosen }, 'vm'), false);
    }
    elsewhere.judge(found, 'vm');
    elsewhere.keepOnly([{ ...found, current: true }]);
    assert.deepEqual([elsewhere.all, changes], [[], 2], 'also when the choice falls on it later');
  });

  it('are forgotten with their sockets', () => {
    elsewhere.judge(found, 'vm');
    elsewhere.keepOnly([found]);
    assert.equal(changes, 1);
    elsewhere.keepOnly([]);
    assert.deepEqual([elsewhere.all, changes], [[], 2]);
  });
});
