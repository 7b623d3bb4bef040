import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { RuntimeError } from '../../model/problem';
import { createAnswers, type Answers, type MachineOptions } from './answers';
import type { FromMachine, QuestionName, Questions } from './messages';

/** Files of this machine answer in microseconds: a thread that is silent for so long hangs in one that does not. */
const PATIENCE_MS = 20_000;

interface Waiting {
  readonly what: string;
  readonly resolve: (answer: never) => void;
  readonly reject: (error: RuntimeError) => void;
}

/**
 * Asks the reading thread; it is started by the first question. A thread that breaks or hangs is given up with what it
 * was asked, and the next question starts another.
 */
export class Reader implements Answers {
  private worker: Worker | undefined;
  private inThisThread: Answers | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private patience: NodeJS.Timeout | undefined;
  private lastId = 0;
  private disposed = false;

  /**
   * @param workerFile the built worker; where it does not exist (tests that run from the sources), files are read through
   *   the thread pool
   * @param onRestart told when a thread was given up: tables that it made are gone
   * @param patienceMs how long a thread may be silent while it is asked something
   */
  constructor(
    private readonly workerFile: string,
    private readonly options: MachineOptions,
    private readonly onRestart: () => void = () => undefined,
    private readonly patienceMs = PATIENCE_MS,
  ) {}

  ask<Q extends QuestionName>(question: Q, asked: Questions[Q]['asked']): Promise<Questions[Q]['answer']> {
    const what = `Reading this machine (${question})`;
    if (this.disposed) {
      return Promise.reject(new RuntimeError({ code: 'cancelled', what, reason: 'The explorer is being closed.' }));
    }
    const worker = this.worker ?? this.start();
    if (!worker) {
      this.inThisThread ??= createAnswers(this.options);
      return this.inThisThread.ask(question, asked);
    }
    return new Promise((resolve, reject) => {
      const id = ++this.lastId;
      this.waiting.set(id, { what, resolve, reject });
      if (this.waiting.size === 1) worker.ref();
      this.waitOn();
      worker.postMessage({ id, question, asked });
    });
  }

  dispose(): void {
    this.disposed = true;
    this.inThisThread?.dispose();
    this.giveUp('cancelled', 'The explorer is being closed.');
  }

  private start(): Worker | undefined {
    if (!existsSync(this.workerFile)) return undefined;
    const { env, procRoot } = this.options;
    const worker = new Worker(this.workerFile, {
      workerData: { env: { ...env }, ...(procRoot === undefined ? {} : { procRoot }) },
    });
    this.worker = worker;
    worker.on('message', (message: FromMachine) => {
      if (worker === this.worker) this.hear(message);
    });
    worker.on('error', (error) => {
      if (worker === this.worker) this.giveUp('failed', `The reading thread broke: ${error.message}`);
    });
    worker.on('exit', () => {
      if (worker === this.worker) this.giveUp('failed', 'The reading thread ended.');
    });
    worker.unref();
    return worker;
  }

  private hear(message: FromMachine): void {
    const waiting = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    this.waitOn();
    if ('problem' in message) waiting?.reject(new RuntimeError(message.problem));
    else waiting?.resolve(message.answer as never);
  }

  /** Every answer shows that the thread lives, so the patience begins anew. */
  private waitOn(): void {
    clearTimeout(this.patience);
    this.patience = undefined;
    if (this.waiting.size === 0) {
      this.worker?.unref();
      return;
    }
    this.patience = setTimeout(() => {
      const seconds = this.patienceMs / 1000;
      this.giveUp('deadline', `A file of /proc, of a cgroup or of a bundle did not answer within ${seconds} s.`);
    }, this.patienceMs);
  }

  private giveUp(code: 'failed' | 'deadline' | 'cancelled', reason: string): void {
    clearTimeout(this.patience);
    const { worker } = this;
    this.worker = undefined;
    const waiting = [...this.waiting.values()];
    this.waiting.clear();
    this.onRestart();
    for (const { what, reject } of waiting) reject(new RuntimeError({ code, what, reason, remedy: 'Refresh.' }));
    void worker?.terminate();
  }
}
