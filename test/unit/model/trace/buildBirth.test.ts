import assert from 'node:assert/strict';
import { inOrder, type RankedStep } from '../../../../src/model/trace/order';
import type { BirthStep } from '../../../../src/model/trace/birth';
import { lastRun, dockerEventOf } from '../../../../src/model/trace/dockerEvent';
import { chooseSubject, observationsOf, progressOf } from '../../../../src/model/trace/subject';
import { birth, containerd, docker, ID, OBSERVATIONS, RECORDED, T0 } from './births';

const ids = (steps: readonly BirthStep[]): string[] => steps.map(({ id }) => id);

describe('how a birth is put together', () => {
  it('has recorded calls, events and processes in the order in which they happened', () => {
    const { steps, status, name, lanes } = birth();
    assert.deepEqual(ids(steps), [
      'ping',
      'create',
      'event-container-create',
      'create-answer',
      'start',
      'event-network-connect',
      'containers-create',
      'ask-tasks-create',
      'shim',
      'runtime-create',
      'init',
      'tasks-create',
      'ask-tasks-start',
      'runtime-start',
      'program',
      'tasks-start',
      'event-start',
      'start-answer',
    ]);
    assert.deepEqual([status, name], ['running', 'web']);
    assert.deepEqual(lanes, ['client', 'dockerd', 'containerd', 'shim', 'runtime', 'init']);
  });

  it('says of every step how it is known, and gives no time to what is only reconstructed', () => {
    for (const recorded of [RECORDED, []]) {
      for (const step of birth({ recorded }).steps) {
        assert.ok(step.because.length > 10, step.id);
        assert.equal(step.atUs === undefined, step.evidence === 'reconstructed', step.id);
        assert.equal(step.source === undefined, step.evidence === 'reconstructed', step.id);
      }
    }
    const reconstructed = birth({ recorded: [] }).steps.filter(({ evidence }) => evidence === 'reconstructed');
    assert.deepEqual(ids(reconstructed), ['create', 'start', 'ask-tasks-create', 'ask-tasks-start', 'runtime-start']);
  });

  it('takes calls from dockerd’s log where none were recorded', () => {
    const logged = {
      source: 'dockerd-log',
      atUs: T0 + 40_000,
      precisionUs: 1,
      method: 'POST',
      path: `/v1.41/containers/${ID}/start`,
      containerId: ID,
    } as const;
    const start = birth({ recorded: [], observations: [...OBSERVATIONS, logged] }).steps.find(
      ({ id }) => id === 'start',
    );
    assert.deepEqual([start?.evidence, start?.source, start?.atUs], ['observed', 'dockerd-log', T0 + 40_000]);
    const both = birth({ observations: [...OBSERVATIONS, logged] }).steps.filter(({ label }) =>
      label.endsWith('/…/start'),
    );
    assert.deepEqual(
      both.map(({ evidence }) => evidence),
      ['recorded'],
    );
  });

  it('gives each layer its time, with the precision of both its ends', () => {
    const { times } = birth();
    const shim = times.find(({ toStep }) => toStep === 'shim');
    assert.equal(shim?.us, 74_990 + 5_010 - 52_000);
    assert.equal(shim?.precisionUs, Math.ceil(10_021 / 2));
    assert.match(shim?.clocks.map(({ clock }) => clock).join(' ') ?? '', /containerd.*boot clock/);
    assert.ok(Math.abs((times.at(-1)?.us ?? 0) - (358_000 - 38_500)) <= 1);
    const first = times[0];
    assert.deepEqual([first?.fromStep, first?.toStep, first?.evidence], ['start', 'containers-create', 'observed']);
  });

  it('joins the times of layers between which nothing was seen', () => {
    const observations = OBSERVATIONS.filter(({ source }) => source !== 'procfs');
    const joined = birth({ observations, recorded: [] }).times[0];
    assert.deepEqual([joined?.fromStep, joined?.toStep], ['containers-create', 'tasks-create']);
    assert.match(joined?.label ?? '', /containerd: .*; shim: .*; OCI runtime: .*; OCI runtime: /);
  });

  it('fails with the engine’s words where they are known, and says where they would be where not', () => {
    const failed = [
      ...OBSERVATIONS.slice(0, 3),
      containerd('/containers/delete', 300_000, { id: ID }),
      docker('network', 'disconnect', 310_000, {}),
    ];
    const silent = birth({ observations: failed, recorded: [] });
    assert.equal(silent.status, 'failed');
    assert.match(silent.failure ?? '', /Record API Calls/);
    assert.equal(
      birth({ observations: failed, recorded: [], engineError: 'no such program' }).failure,
      'no such program',
    );
    const start = { ...RECORDED[2]!, status: 400, response: { bytes: 9, value: { message: 'exec: not found' } } };
    const told = birth({ observations: failed, recorded: [RECORDED[1]!, start] });
    assert.equal(told.failure, 'exec: not found');
    assert.equal(told.steps.find(({ id }) => id === 'start-answer')?.failed, true);
  });

  it('masks secrets in every step unless they are revealed', () => {
    assert.doesNotMatch(JSON.stringify(birth().steps), /canary-0815/);
    assert.match(JSON.stringify(birth({ reveal: true }).steps), /canary-0815/);
  });

  it('orders by time only where the intervals tell', () => {
    const at = (rank: number, id: string, atUs?: number, precisionUs = 0): RankedStep => ({
      rank,
      step: {
        id,
        from: 'client',
        to: 'client',
        label: id,
        evidence: 'observed',
        because: '',
        meaning: '',
        ...(atUs === undefined ? {} : { atUs, precisionUs }),
      },
    });
    // The tick of b may be up to 10 after 95, so it is no proof against its rank; c is certainly before both.
    const order = inOrder([at(1, 'a', 100), at(2, 'b', 95, 10), at(3, 'c', 20), at(1.5, 'untimed')]);
    assert.deepEqual(ids(order), ['c', 'a', 'untimed', 'b']);
  });
});

describe('which container a trace is about', () => {
  const other = 'aa'.repeat(32);

  it('is the first that starts, not the first that is made', () => {
    const made = { ...docker('container', 'create', 1, {}), containerId: other } as const;
    assert.equal(chooseSubject([made])?.containerId, other);
    assert.equal(chooseSubject([made, ...OBSERVATIONS])?.containerId, ID);
    assert.equal(progressOf([made], { containerId: other }), 'starting');
    assert.equal(progressOf(OBSERVATIONS, { containerId: ID }), 'running');
  });

  it('is one that fails before its task exists', () => {
    const failing = [...OBSERVATIONS.slice(0, 3), containerd('/containers/delete', 300_000, { id: ID })];
    assert.equal(chooseSubject(failing)?.containerId, ID);
    assert.equal(progressOf(failing, { containerId: ID }), 'failed');
  });

  it('is not one that merely ends, nor does the end of an earlier run count', () => {
    const end = containerd('/tasks/exit', 1, {}, other);
    assert.equal(chooseSubject([end]), undefined);
    const ending = [
      containerd('/tasks/exit', -500, {}),
      containerd('/containers/delete', -400, {}),
      ...OBSERVATIONS.slice(2, 3),
    ];
    assert.equal(progressOf(ending, { containerId: ID }), 'starting');
    assert.equal(
      observationsOf([...ending, ...OBSERVATIONS.slice(3)], { containerId: ID }).some(
        (one) => one.source === 'containerd-events' && one.topic === '/tasks/exit',
      ),
      false,
    );
  });

  it('keeps of each process what was told last', () => {
    const early = OBSERVATIONS[5]!;
    const found = observationsOf([...OBSERVATIONS, { ...early, argv: ['later'] } as never], { containerId: ID });
    assert.equal(found.filter(({ source }) => source === 'procfs').length, 3);
    assert.ok(found.some((one) => one.source === 'procfs' && one.argv[0] === 'later'));
  });
});

describe('what an engine still knows of the last start', () => {
  it('leaves out earlier runs', () => {
    const event = (Action: string, timeNano: number): unknown => ({
      Type: 'container',
      Action,
      timeNano,
      Actor: { ID },
    });
    const events = ['create', 'attach', 'start', 'die', 'start', 'die'].flatMap(
      (action, index) => dockerEventOf(event(action, (index + 1) * 1e6)) ?? [],
    );
    assert.deepEqual(
      lastRun(events).map(({ action, atUs }) => [action, atUs]),
      [
        ['create', 1000],
        ['start', 5000],
      ],
    );
    assert.equal(dockerEventOf({ Type: 'image', Action: 'pull', timeNano: 1 }), undefined);
    assert.equal(dockerEventOf(null), undefined);
  });
});
