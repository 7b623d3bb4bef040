import assert from 'node:assert/strict';
import type { DoctorReport } from '../../../src/model/doctor/finding';
import { RuntimeError } from '../../../src/model/problem';
import { Examinations } from '../../../src/store/examinations';
import { machine, reportOf } from '../../support/doctorShop';
import { eventually } from '../../support/fakeAdapter';

describe('examinations of shims', () => {
  let begun: {
    readonly signal: AbortSignal;
    readonly end: (report: DoctorReport) => void;
    readonly fail: (error: Error) => void;
  }[];
  const make = (gapMs?: number): Examinations =>
    new Examinations((signal) => new Promise((end, fail) => void begun.push({ signal, end, fail })), gapMs);
  const report = reportOf(machine());
  const cancelled = (error: unknown): boolean => error instanceof RuntimeError && error.problem.code === 'cancelled';

  beforeEach(() => (begun = []));

  it('are shared by all who ask at one time, and told to all who listen', async () => {
    const examinations = make();
    const heard: DoctorReport[] = [];
    examinations.onDidExamine((one) => heard.push(one));
    const [first, second] = [examinations.examine(), examinations.examine()];
    assert.equal(begun.length, 1);
    begun[0]!.end(report);
    assert.deepEqual(await Promise.all([first, second]), [report, report]);
    assert.deepEqual(heard, [report]);
    void examinations.examine().catch(() => undefined);
    assert.equal(begun.length, 2, 'the next who asks gets a new one');
  });

  it('are given up when nobody waits any more, and not before', async () => {
    const examinations = make();
    const [one, other] = [new AbortController(), new AbortController()];
    const both = [examinations.examine(one.signal), examinations.examine(other.signal)];
    one.abort();
    await assert.rejects(both[0]!, cancelled);
    assert.equal(begun[0]!.signal.aborted, false);
    other.abort();
    await assert.rejects(both[1]!, cancelled);
    assert.equal(begun[0]!.signal.aborted, true);
  });

  it('that follow changes wait for their time, and cost nothing when they are called off before', async () => {
    const examinations = make(3_600_000);
    const first = examinations.examine();
    begun[0]!.end(report);
    await first;
    const stop = new AbortController();
    const following = examinations.follow(stop.signal);
    stop.abort();
    await assert.rejects(following, cancelled);
    assert.equal(begun.length, 1);
  });

  it('that follow changes begin at once when the last one is long ago', async () => {
    const examinations = make(0);
    const following = examinations.follow(new AbortController().signal);
    await eventually(() => begun.length === 1, 'it begins');
    begun[0]!.end(report);
    assert.equal(await following, report);
  });

  it('tell a failure to who waits, and are begun anew by the next', async () => {
    const examinations = make();
    const failing = examinations.examine();
    begun[0]!.fail(new Error('no /proc'));
    await assert.rejects(failing, /no \/proc/);
    const next = examinations.examine();
    begun[1]!.end(report);
    assert.equal(await next, report);
  });
});
