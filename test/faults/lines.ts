// The lines of the bar that we hold ourselves to: what is done to us, what must hold, and where that is tested.

export interface Line {
  readonly id: string;
  readonly done: string;
  readonly holds: string;
  /** The test that tries it: a file of this folder, or a file and words of a title elsewhere. Absent: not tried yet. */
  readonly test?: string;
  /** True when `npm run test:long` alone tries it. */
  readonly longOnly?: true;
  /** Why it is not tried, or how the test falls short of the line. */
  readonly note?: string;
}

const REACH = 'test/integration/reach.test.ts';
const SCENARIOS = 'test/integration/relayScenarios.test.ts';
const OVERLOAD = 'test/unit/relay/overload.test.ts';
const CANARIES = 'test/unit/model/secretsCanaries.test.ts';
const PROCESSES = 'test/unit/adapters/kernel/processes.test.ts';

export const LINES: readonly Line[] = [
  {
    id: 'A1',
    done: 'our main thread is blocked while the engine has thousands of events to tell',
    holds: 'the engine’s answers take as long as without us: within 10 % + 1 ms',
    test: 'test/faults/harm.test.ts: A1',
    longOnly: true,
  },
  {
    id: 'A2',
    done: 'our whole process is stopped meanwhile',
    holds: 'the same, and the tree is right after it goes on',
    test: 'test/faults/harm.test.ts: A2',
    longOnly: true,
  },
  {
    id: 'A3',
    done: 'a shim is stopped while its container is looked at',
    holds: 'the engine answers others for it',
    test: 'test/faults/recover.test.ts: A3',
  },
  {
    id: 'A4',
    done: 'nobody looks',
    holds: 'no request, no connection',
    test: 'test/faults/harm.test.ts: A4',
  },
  {
    id: 'A5',
    done: 'everything is looked at through a proxy that writes down what is asked',
    holds: 'GET and HEAD alone',
    test: 'test/faults/harm.test.ts: A5',
    note: 'Of containerd only methods of a list without side effects can be called (src/adapters/containerd/methods.ts).',
  },
  {
    id: 'B1',
    done: 'dockerd is killed and started again, containers live on',
    holds: 'the tree equals docker ps -a within 2 s of its first answer',
    test: 'test/faults/recover.test.ts: B1',
  },
  {
    id: 'B2',
    done: 'the same in order and without live-restore',
    holds: 'the same',
    test: 'test/integration/docker-recovery.test.ts: orderly end',
  },
  {
    id: 'B3',
    done: 'containerd is killed and started again',
    holds: 'its layers are right within 2 s of its first answer',
    test: 'test/faults/recover.test.ts: B3',
  },
  {
    id: 'B4',
    done: 'containers end while dockerd is down',
    holds: 'all differences are shown although no event tells of them',
    test: 'test/faults/recover.test.ts: B4',
  },
  {
    id: 'B5',
    done: 'dockerd is stopped, and goes on',
    holds: 'it is said not to answer; no more than two connections wait; right within 2 s after',
    test: 'test/faults/recover.test.ts: B5',
  },
  {
    id: 'B6',
    done: 'the stream of events is split at every byte, cut within an event, frozen',
    holds: 'the tree is right; a frozen stream is found on the next look of the minute, or on focus',
    test: 'test/faults/recover.test.ts: B6',
  },
  {
    id: 'B7',
    done: 'the socket’s path is gone, dangling, a file, a folder, a link to itself; a user has no right',
    holds: 'the very cause is named; the tree heals within 2 s',
    test: 'test/faults/recover.test.ts: B7',
    note: `Missing rights: ${REACH}.`,
  },
  {
    id: 'B8',
    done: 'containers come and go all the time',
    holds: 'no error; the tree is exact at the end',
    test: 'test/faults/recover.test.ts: B8',
  },
  {
    id: 'B9',
    done: 'a shim is stopped and the engine waits for it with its container locked',
    holds: 'its row alone says that there is no answer; it heals by itself',
    test: 'test/faults/recover.test.ts: B9',
  },
  {
    id: 'B10',
    done: 'an engine that answers late, never, with errors, HTML, nulls, other types, too much',
    holds: 'deadlines are kept; what is unknown is shown as unknown',
    test: 'test/unit/adapters/docker',
  },
  {
    id: 'B11',
    done: 'the engine’s clock is wrong',
    holds: 'no row is lost or doubled',
    test: 'test/unit/adapters/docker/clock.test.ts',
    note: 'On answers that the test gives: a real engine takes the time of its kernel. Four clocks, from an hour behind to an hour ahead.',
  },
  {
    id: 'B12',
    done: 'an endpoint is dead for a day',
    holds: 'it is asked again for ever, at most once in 30 s',
    test: 'test/unit/adapters/docker/events.test.ts: at most 30 s after a day',
    note: 'The waits are added up, not waited for. A socket of this machine is tried every 5 s: that costs nobody anything, and the engine is back in the tree the sooner.',
  },
  {
    id: 'B13',
    done: 'a PID is given to another process',
    holds: 'no fact is of the wrong process',
    test: `${PROCESSES}: never gets facts of a process that has its PID now`,
    note: 'On a /proc made by the test.',
  },
  {
    id: 'C1',
    done: 'random bytes and structures for every parser',
    holds: 'a value or a typed error',
    test: 'test/unit',
    note: 'fast-check, 5,000 cases for most parsers, at least 300 for each; ten times as many in `npm run test:long`.',
  },
  {
    id: 'C2',
    done: 'hostile strings in names, labels, env of real containers',
    holds: 'shown as text: no script, no request, no link',
    test: 'test/vscode/hostile.test.ts: text on every page',
    note: '424 texts in the labels, the environment and the arguments of one real container: every page, the tree and hovers; an HTTP server is the witness that nothing was asked for.',
  },
  {
    id: 'C3',
    done: 'the same in copied commands',
    holds: 'a shell runs nothing more',
    test: 'test/unit/model/apiCalls/paste.test.ts',
  },
  {
    id: 'C4',
    done: 'containers, labels and bundles that name files which are none of our business',
    holds: 'none is opened: strace is the witness',
    test: 'test/faults/files.test.ts: C4',
  },
  {
    id: 'C5',
    done: 'a workspace that says where to connect',
    holds: 'nothing is dialled for it',
    test: 'test/vscode/restricted.test.ts: do not change where the explorer connects',
  },
  {
    id: 'C6',
    done: 'messages of a page that are wrong, large, many',
    holds: 'nothing outside the table happens',
    test: 'test/unit/protocol/messages.test.ts',
  },
  {
    id: 'C7',
    done: 'regular expressions and a megabyte of what they like least',
    holds: 'no growth beyond the input’s',
    note: 'By analysis instead of time: lint (eslint-plugin-regexp) refuses every expression of src and media that could take more than linear time; it found 18 in 13 places, all mended.',
  },
  {
    id: 'D1',
    done: 'docker commands through the relay',
    holds: 'the same output and exit codes',
    test: `${SCENARIOS}: the docker command line, directly and through the relay`,
    note: 'The scenarios are listed in recording.md.',
  },
  {
    id: 'D3',
    done: 'the extension host is killed while commands run',
    holds: 'no command is lost',
    test: 'test/faults/relay.test.ts: D3',
  },
  {
    id: 'D4',
    done: 'the relay is killed',
    holds: 'the next command is served',
    test: 'test/faults/relay.test.ts: D4',
  },
  { id: 'D6', done: 'malformed and endless input for the recorder', holds: 'bytes still flow', test: OVERLOAD },
  {
    id: 'E1',
    done: 'canaries in env, labels, arguments, headers, URLs',
    holds: 'none is shown unless revealed',
    test: CANARIES,
  },
  {
    id: 'E4',
    done: 'root, a member of the docker group, a stranger',
    holds: 'each is shown what is open, and why not more',
    test: REACH,
  },
  {
    id: 'F1',
    done: 'many thousand events, with the streams ending again and again',
    holds: 'memory, descriptors and timers end where they began',
    test: 'test/faults/endurance.test.ts: F1',
  },
  {
    id: 'F2',
    done: '200 events a second',
    holds: 'at most four refreshes a second; the tree is exact within 2 s of the end',
    test: 'test/faults/endurance.test.ts: F2',
    note: 'The figures are in performance.md too.',
  },
  {
    id: 'F3',
    done: '1,000 containers run',
    holds: 'the same as with few',
    note: 'See performance.md; containerd with 400 large specs: test/integration/containerd.test.ts.',
  },
];
