import assert from 'node:assert/strict';
import { listeningIn } from '../../../../src/adapters/doctor/sockets';
import { findingWords } from '../../../../src/explain/doctor';
import { diagnose, gathered, stillThere, untilSettled } from '../../../../src/model/doctor/diagnose';
import { FINDING_KINDS } from '../../../../src/model/doctor/finding';
import type { Observation } from '../../../../src/model/doctor/observation';
import { isKnown } from '../../../../src/model/fact';
import { hexId } from '../../../support/sightings';
import { APP, machine, POD, PODMAN, PROCESSES, record, shim, SOCKET, TASKS, WEB } from '../../../support/doctorShop';

const kinds = (seen: Observation): string[] =>
  diagnose(seen)
    .filter(({ severity }) => severity !== 'normal')
    .map(({ kind, subject }) => `${kind}: ${subject}`);

const without = (...pids: number[]) => PROCESSES.filter(({ pid }) => !pids.includes(pid));
const changed = (pid: number, more: Partial<(typeof PROCESSES)[number]>) =>
  PROCESSES.map((one) => (one.pid === pid ? { ...one, ...more } : one));
const MOBY = `moby/${WEB.slice(0, 12)}`;

describe('the diagnosis of shims', () => {
  it('finds no fault where all is well, and calls a pod’s one shim normal', () => {
    assert.deepEqual(
      diagnose(machine()).map(({ kind, severity, runtimeId }) => [kind, severity, runtimeId]),
      [['pod-shim', 'normal', POD]],
    );
  });

  it('gives each finding evidence with a source and a command, and words with what people do', () => {
    const broken = machine({
      processes: [...without(101), record(400, 1, 'nginx')],
      bundles: [{ path: `${TASKS}/moby/x`, id: 'x', namespace: 'moby', containerd: SOCKET, changedAtMs: 1 }],
      sockets: [{ path: '/run/containerd/s/2', changedAtMs: 1, listening: false }],
    });
    const found = diagnose(broken);
    assert.ok(found.length >= 5);
    for (const { evidence, key } of found) {
      assert.ok(evidence.length >= 2, key);
      for (const { fact } of evidence) assert.ok(isKnown(fact) && fact.source && fact.how && fact.value, key);
    }
    assert.equal(new Set(found.map(({ key }) => key)).size, found.length);
    for (const kind of FINDING_KINDS) {
      const { title, meaning, whatToDo, references } = findingWords(kind);
      assert.ok(title && meaning.length > 80 && whatToDo.length > 0 && references.length > 0, kind);
      for (const { url } of references) assert.match(url, /^https:\/\//);
    }
  });

  it('finds a shim without a child; of an ended task it says whose part it is to delete it', () => {
    assert.deepEqual(kinds(machine({ processes: without(101) })), [`shim-without-child: shim 100 of ${MOBY}`]);
    const ended = (namespace: string): string[] => {
      const { namespaces, shims, bundles, folders } = machine();
      const tasks = new Map([[WEB, { id: WEB, pid: 101, status: 'stopped' as const, exitedAtMs: 5 }]]);
      const moved = (one: (typeof namespaces)[number]) =>
        one.namespace === 'moby' ? { ...one, namespace, tasks } : one;
      return diagnose(
        machine({
          processes: without(101),
          namespaces: namespaces.map(moved),
          shims: shims.map((one) => (one.id === WEB ? { ...one, namespace } : one)),
          bundles: bundles.map((one) => (one.id === WEB ? { ...one, namespace } : one)),
          folders: folders.filter((one) => one.namespace !== 'moby'),
        }),
      )
        .filter(({ runtimeId }) => runtimeId === WEB)
        .map(({ kind, severity }) => `${kind} ${severity}`);
    };
    assert.deepEqual(ended('moby'), ['ended-task leftover']);
    assert.deepEqual(ended('default'), ['ended-task normal']);
  });

  it('finds a shim whose container containerd does not list, only where that containerd answers', () => {
    const { namespaces } = machine();
    const forgotten = namespaces.map((one) => (one.namespace === 'moby' ? { ...one, tasks: new Map() } : one));
    assert.deepEqual(kinds(machine({ namespaces: forgotten })), [`shim-unknown: shim 100 of ${MOBY}`]);
    assert.deepEqual(kinds(machine({ namespaces: [], answered: new Set() })), []);
    const { shims } = machine();
    const elsewhere = shims.map(({ containerd: _, ...one }) => one);
    assert.deepEqual(kinds(machine({ namespaces: forgotten, shims: elsewhere })), [], 'another file tree’s containerd');
  });

  it('finds a stopped shim, and draws no other conclusion from it', () => {
    const { shims, namespaces } = machine();
    const stopped = shims.map((one) => (one.id === WEB ? { ...one, process: { ...one.process, state: 'T' } } : one));
    const forgotten = namespaces.map((one) => (one.namespace === 'moby' ? { ...one, tasks: new Map() } : one));
    assert.deepEqual(kinds(machine({ shims: stopped, namespaces: forgotten })), [`shim-stopped: shim 100 of ${MOBY}`]);
  });

  it('finds two shims for one id, but not for one id in two namespaces', () => {
    const { shims } = machine();
    const twin = [...PROCESSES, record(110, 1, 'containerd-shim'), record(111, 110, 'nginx')];
    assert.deepEqual(kinds(machine({ processes: twin, shims: [...shims, shim(110, WEB, 'moby', [WEB])] })), [
      `duplicate-shims: shim 100 of ${MOBY}`,
    ]);
    assert.ok(
      kinds(machine({ processes: twin, shims: [...shims, shim(110, WEB, 'default', [WEB])] })).every(
        (one) => !one.startsWith('duplicate'),
      ),
    );
  });

  it('finds an init without a shim, of containerd’s and of Podman’s, but not one that somebody runs by hand', () => {
    const { shims } = machine();
    const orphaned = changed(101, { parentPid: 1 }).filter(({ pid }) => pid !== 100);
    assert.deepEqual(kinds(machine({ processes: orphaned, shims: shims.slice(1) })), [
      `container-without-shim: container ${MOBY}`,
    ]);
    const lost = changed(301, { parentPid: 1 }).filter(({ pid }) => pid !== 300);
    assert.deepEqual(kinds(machine({ processes: lost, shims: shims.slice(0, 2) })), [
      `container-without-conmon: container ${PODMAN.slice(0, 12)}`,
    ]);
    const bare = {
      runtime: 'runc',
      id: 'bare',
      file: '/run/runc/bare',
      initPid: 500,
      initStartTicks: 5000,
      bundle: '/b',
    };
    assert.deepEqual(
      kinds(machine({ processes: [...PROCESSES, record(500, 1, 'sh')], states: [...machine().states, bare] })),
      [],
    );
  });

  it('leaves the children of other monitors alone', () => {
    const { shims } = machine();
    const rust = changed(300, { comm: 'conmonrs' });
    assert.deepEqual(kinds(machine({ processes: rust, shims: shims.slice(0, 2) })), []);
  });

  it('finds a bundle without a task and a task without a bundle, where the folder is known', () => {
    const { bundles, namespaces } = machine();
    const stray = { ...bundles[0]!, id: 'stray', path: `${TASKS}/moby/stray` };
    assert.deepEqual(kinds(machine({ bundles: [...bundles, stray] })), ['bundle-without-task: bundle of moby/stray']);
    assert.deepEqual(kinds(machine({ bundles: bundles.slice(1) })), [`task-without-bundle: task ${MOBY}`]);
    assert.deepEqual(kinds(machine({ bundles: [], folders: [] })), []);
    const gone = { ...stray, namespace: 'old', path: `${TASKS}/old/stray` };
    assert.deepEqual(kinds(machine({ bundles: [...bundles, gone] })), ['bundle-without-task: bundle of old/stray']);
    assert.deepEqual(kinds(machine({ bundles: [...bundles, stray], answered: new Set(), namespaces })), []);
  });

  it('finds a PID that is used again, by the start time that the runtime noted and by the time of init.pid', () => {
    const { states } = machine();
    const reused = states.map((one) => (one.id === WEB ? { ...one, initStartTicks: 7 } : one));
    assert.deepEqual(kinds(machine({ states: reused })), [`pid-reused: container ${MOBY}`]);
    const late = changed(101, { startTicks: 100_000 });
    assert.deepEqual(kinds(machine({ processes: late, states: states.slice(1) })), [`pid-reused: container ${MOBY}`]);
    assert.deepEqual(kinds(machine({ processes: late })), [`pid-reused: container ${MOBY}`], 'said once');
  });

  it('finds what has ended and is not collected', () => {
    assert.deepEqual(kinds(machine({ processes: [...PROCESSES, record(203, 200, 'app', { state: 'Z', argv: [] })] })), [
      `zombie-init: shim 200 of k8s.io/${POD.slice(0, 12)}`,
    ]);
  });

  it('finds a socket on which nobody listens, and says whose it was', () => {
    const socket = { path: '/run/containerd/s/2', changedAtMs: 1, listening: false };
    const owner = { containerd: SOCKET, namespace: 'k8s.io', id: APP };
    const [found] = diagnose(machine({ sockets: [{ ...socket, owner }] }));
    assert.deepEqual([found?.kind, found?.severity, found?.where], ['socket-left-behind', 'leftover', SOCKET]);
    assert.deepEqual(kinds(machine({ sockets: [socket] })), ['socket-left-behind: socket 2']);
  });

  it('tells sockets that are nobody’s known together', () => {
    const sockets = Array.from({ length: 30 }, (_, at) => ({
      path: `/run/containerd/s/${hexId(at.toString(16).padStart(2, '0'))}`,
      changedAtMs: at,
      listening: false,
    }));
    const found = gathered(diagnose(machine({ sockets }))).filter(({ severity }) => severity !== 'normal');
    assert.deepEqual(
      found.map(({ subject, sinceMs }) => [subject, sinceMs]),
      [['30 sockets in /run/containerd/s', 29]],
    );
    const [files] = found[0]!.evidence;
    assert.ok(files && isKnown(files.fact) && files.fact.value.endsWith(', and 10 more'));
    const [only] = gathered(diagnose(machine({ sockets: sockets.slice(0, 1) })));
    assert.match(only?.subject ?? '', /^socket 00/);
  });

  it('says nothing of an id for which a call is under way', () => {
    assert.deepEqual(kinds(machine({ processes: without(101), busy: new Set([WEB]) })), []);
  });

  it('is the same at each look: keys are of ids and start times, not of what changes', () => {
    const first = diagnose(machine({ processes: without(101) }));
    const later = diagnose(machine({ processes: without(101), atMs: machine().atMs + 5_000 }));
    assert.deepEqual(stillThere(first, later), later);
    const other = diagnose(machine({ processes: without(202, 201) }));
    assert.deepEqual(
      stillThere(first, other).filter(({ severity }) => severity !== 'normal'),
      [],
    );
  });

  it('waits until the youngest thing is old enough, and never longer than that once', () => {
    const base = diagnose(machine({ processes: without(101) }))[0]!;
    assert.equal(untilSettled([{ ...base, sinceMs: 1_000 }], 4_000, 10_000), 7_000);
    assert.equal(untilSettled([{ ...base, sinceMs: 1_000 }], 60_000, 10_000), 0);
    assert.equal(untilSettled([{ ...base, sinceMs: 90_000 }], 4_000, 10_000), 10_000, 'a clock that was set back');
    assert.equal(untilSettled([], 4_000, 10_000), 0);
  });

  it('survives ids that say other things', () => {
    const odd = `</script>${hexId('e')}\u202e`;
    const { bundles } = machine();
    const stray = { ...bundles[0]!, id: odd, path: `${TASKS}/moby/${odd}` };
    const [found] = diagnose(machine({ bundles: [...bundles, stray] }));
    const how = found?.evidence[0]?.fact;
    assert.ok(isKnown(how) && how.how.includes(`'${TASKS}/moby/${odd}'`), 'quoted for a shell');
  });
});

describe('the kernel’s list of unix sockets', () => {
  it('tells who listens, by the flag and not by the state', () => {
    const text = [
      'Num       RefCount Protocol Flags    Type St Inode Path',
      '0000000000000000: 00000002 00000000 00010000 0001 01 31337 /run/containerd/s/abc',
      '0000000000000000: 00000003 00000000 00000000 0001 03 31338 /run/containerd/s/def',
      '0000000000000000: 00000003 00000000 00000000 0001 03 31339',
      '0000000000000000: 00000002 00000000 00010000 0001 01 31340 @abstract',
      '0000000000000000: 00000002 00000000 00010000 0001 01 31341 /run/with space',
    ].join('\n');
    assert.deepEqual(listeningIn(text), ['/run/containerd/s/abc', '/run/with space']);
  });
});
