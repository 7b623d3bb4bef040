import type { DoctorReport } from '../model/doctor/finding';
import { RuntimeError } from '../model/problem';
import { Emitter } from '../util/emitter';
import type { Disposable } from '../util/disposables';

/** Between two examinations that nobody has asked for by hand. */
const SHORTEST_GAP_MS = 10_000;

/**
 * The examinations of the shim doctor: all who ask at one time share one, and it is given up when all of them have stopped
 * waiting. Nothing runs that nobody asks for.
 */
export class Examinations implements Disposable {
  private readonly reports = new Emitter<DoctorReport>();
  private running:
    { readonly work: Promise<DoctorReport>; readonly stop: AbortController; waiting: number } | undefined;
  private lastEndedAt = 0;

  readonly onDidExamine = this.reports.event;

  constructor(
    private readonly examineNow: (signal: AbortSignal) => Promise<DoctorReport>,
    private readonly gapMs = SHORTEST_GAP_MS,
  ) {}

  /** Examines now. @throws RuntimeError; `cancelled` when the signal says stop */
  async examine(signal?: AbortSignal): Promise<DoctorReport> {
    const run = (this.running ??= this.start());
    run.waiting++;
    try {
      return await unlessAborted(run.work, signal);
    } finally {
      if (--run.waiting === 0 && this.running === run) {
        run.stop.abort();
        this.running = undefined;
      }
    }
  }

  /** Examines again because something changed: not at once when the last time has only just been. */
  async follow(signal: AbortSignal): Promise<DoctorReport> {
    const wait = this.lastEndedAt + this.gapMs - Date.now();
    if (wait > 0) {
      let timer: NodeJS.Timeout | undefined;
      const over = new Promise<void>((resolve) => (timer = setTimeout(resolve, wait)));
      await unlessAborted(over, signal).finally(() => clearTimeout(timer));
    }
    return this.examine(signal);
  }

  dispose(): void {
    this.running?.stop.abort();
    this.running = undefined;
    this.reports.dispose();
  }

  private start(): NonNullable<typeof this.running> {
    const stop = new AbortController();
    const work = this.examineNow(stop.signal).then((report) => {
      this.lastEndedAt = Date.now();
      this.reports.fire(report);
      return report;
    });
    // Whoever waits hears of a failure; when nobody does any more, nobody has to.
    work.catch(() => undefined);
    return { work, stop, waiting: 0 };
  }
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const onAbort = (): void =>
      reject(
        new RuntimeError({ code: 'cancelled', what: 'Examining the shims', reason: 'The examination was cancelled.' }),
      );
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
