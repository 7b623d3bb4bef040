import assert from 'node:assert/strict';
import fc from 'fast-check';
import { containerCgroupOf, containerIdIn, parseCgroup } from '../../../../src/adapters/kernel/parse/cgroup';
import { parseMountinfo } from '../../../../src/adapters/kernel/parse/mountinfo';
import { parseStat } from '../../../../src/adapters/kernel/parse/stat';
import { numbersOf, parseStatus } from '../../../../src/adapters/kernel/parse/status';
import { statLine } from '../../../support/fakeProc';
import { hexId } from '../../../support/sightings';
import { runs } from '../../../support/runs';

const ANY = fc.string({ unit: 'binary', maxLength: 400 });
const ID = hexId('abc1');

describe('reading /proc/PID/stat', () => {
  it('finds the fields whatever name the process has chosen', () => {
    const name = fc.oneof(ANY, fc.constantFrom(') R 1', 'a) S 7 (b', '\n', '((', '))', ' '));
    const pid = fc.integer({ min: 1, max: 4_194_304 });
    const ticks = fc.integer({ min: 0, max: 2 ** 40 });
    fc.assert(
      fc.property(name, pid, pid, ticks, (comm, own, parent, start) => {
        assert.deepEqual(parseStat(statLine(own, parent, start, comm)), {
          pid: own,
          comm,
          state: 'S',
          parentPid: parent,
          startTicks: start,
        });
      }),
      { numRuns: runs(5_000) },
    );
  });

  it('answers any text with a record or nothing', () => {
    fc.assert(
      fc.property(ANY, (text) => {
        const stat = parseStat(text);
        if (stat) assert.ok(Number.isSafeInteger(stat.pid) && Number.isSafeInteger(stat.startTicks));
      }),
      { numRuns: runs(5_000) },
    );
    for (const text of ['', '1 (a', '1 (a)', '1 (a) S', 'x (a) S 1', `0 (a) S 1 ${'0 '.repeat(17)} 5`])
      assert.equal(parseStat(text), undefined, text);
  });
});

describe('reading /proc/PID/cgroup', () => {
  it('keeps colons, blanks and quotes of a path', () => {
    assert.deepEqual(parseCgroup('9:name=systemd:/a:b/c d"\n4:cpu,cpuacct:/x\n0::/\nnonsense\n'), [
      { hierarchy: 9, controllers: 'name=systemd', path: '/a:b/c d"' },
      { hierarchy: 4, controllers: 'cpu,cpuacct', path: '/x' },
      { hierarchy: 0, controllers: '', path: '/' },
    ]);
  });

  it('answers any text', () => {
    fc.assert(
      fc.property(ANY, (text) => {
        for (const line of parseCgroup(text)) assert.ok(line.path.startsWith('/'));
      }),
      { numRuns: runs(5_000) },
    );
  });

  it('finds the id in every form that engines give to paths', () => {
    const outer = hexId('0');
    const forms: readonly (readonly [path: string, id: string | undefined, own?: string])[] = [
      [`/docker/${ID}`, ID],
      [`/system.slice/docker-${ID}.scope`, ID],
      [`/user.slice/user-1.slice/user@1.service/user.slice/docker-${ID}.scope`, ID],
      [`/kubepods/burstable/pod0-1/${ID}`, ID],
      [`/kubepods.slice/kubepods-pod0_1.slice/cri-containerd-${ID}.scope`, ID],
      [`/kubepods.slice/kubepods-pod0_1.slice/crio-${ID}.scope`, ID],
      [`/kubepods/pod0-1/crio-${ID}`, ID],
      [`/libpod_parent/libpod-${ID}`, ID],
      [`/machine.slice/libpod-${ID}.scope/container`, ID, `/machine.slice/libpod-${ID}.scope`],
      [`/app.slice/web.service/libpod-payload-${ID}`, ID],
      [`/system.slice/nerdctl-${ID}.scope`, ID],
      [`/docker/${ID}/init.scope`, ID, `/docker/${ID}`],
      [`/docker/${outer}/docker/${ID}`, ID],
      [`/../${ID}`, ID],
      [`/machine.slice/libpod-conmon-${ID}.scope`, undefined],
      [`/crio-conmon-${ID}`, undefined],
      [`/docker/${ID.toUpperCase()}`, undefined],
      [`/docker/${ID}0`, undefined],
      ['/default/web', undefined],
      ['/', undefined],
    ];
    for (const [path, id, own] of forms) {
      assert.equal(containerIdIn(path), id, path);
      assert.equal(containerCgroupOf(path), own ?? path, path);
    }
  });
});

describe('reading mountinfo', () => {
  /** As the kernel writes it. Source: fs/proc_namespace.c, mangle. */
  const escaped = (text: string): string =>
    text.replace(/[ \t\n\\]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`);

  it('gets back every folder, whatever characters it has', () => {
    const folder = fc.string({ unit: fc.constantFrom('a', ' ', '\t', '\n', '\\', '-', 'ü', ':'), maxLength: 20 });
    fc.assert(
      fc.property(folder, folder, fc.array(fc.constantFrom('shared:1', 'master:2')), (root, point, propagation) => {
        const line = ['31', '23', '0:28', escaped(`/${root}`), escaped(`/${point}`), 'rw,relatime', ...propagation];
        const [mount, ...more] = parseMountinfo(`${line.join(' ')} - cgroup cgroup rw,cpu,cpuacct\n`);
        assert.deepEqual(more, []);
        assert.equal(mount?.root, `/${root}`);
        assert.equal(mount?.mountPoint, `/${point}`);
        assert.deepEqual(mount?.propagation, propagation);
        assert.deepEqual(mount?.superOptions, ['rw', 'cpu', 'cpuacct']);
      }),
      { numRuns: runs(5_000) },
    );
  });

  it('answers any text', () => {
    fc.assert(
      fc.property(ANY, (text) => {
        for (const mount of parseMountinfo(text)) assert.equal(typeof mount.type, 'string');
      }),
      { numRuns: runs(5_000) },
    );
  });
});

describe('reading /proc/PID/status', () => {
  it('takes the first of equal names, as a process may put lines into its name', () => {
    const fields = parseStatus('Name:\tx\nUid:\t0\t1000\t0\t0\nUid:\t7\nNSpid:\t4711\t1\nPrototype\n');
    assert.deepEqual(numbersOf(fields, 'Uid'), [0, 1000, 0, 0]);
    assert.deepEqual(numbersOf(fields, 'NSpid'), [4711, 1]);
    assert.deepEqual(numbersOf(fields, '__proto__'), []);
  });

  it('answers any text', () => {
    fc.assert(
      fc.property(ANY, fc.string(), (text, name) => {
        for (const number of numbersOf(parseStatus(text), name)) assert.ok(Number.isSafeInteger(number));
      }),
      { numRuns: runs(5_000) },
    );
  });
});
