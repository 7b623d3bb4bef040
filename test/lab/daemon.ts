// One daemon of the lab: started in the background, watched until it answers, ended and started again at will.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify, isAlive, signal, waitUntilGone, type ProcessId } from './processes';

/** Long enough for a machine with all its cores busy; a daemon usually answers within 2 s. */
const READY_TIMEOUT_MS = 60_000;

export interface DaemonOptions {
  /** For people. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly logFile: string;
  /** Its environment; the caller's by default. */
  readonly env?: NodeJS.ProcessEnv;
  /** Removed before each start. */
  readonly staleFiles?: readonly string[];
  /** Asks the daemon something; true when it has answered well. */
  readonly answers: () => Promise<boolean>;
}

export class Daemon {
  private process: ProcessId | undefined;

  constructor(private readonly options: DaemonOptions) {}

  /** Its PID; throws when it does not run. */
  get pid(): number {
    if (!this.process) throw new Error(`${this.options.name} does not run`);
    return this.process.pid;
  }

  get isRunning(): boolean {
    return this.process !== undefined && isAlive(this.process);
  }

  /** Starts it and waits until it answers. */
  async start(): Promise<void> {
    const { program, args, logFile, staleFiles = [], env = process.env } = this.options;
    for (const file of staleFiles) rmSync(file, { force: true });
    const log = openSync(logFile, 'a');
    // Its own session: Ctrl-C in a terminal must reach the lab's owner, which then cleans up in order.
    const child = spawn(program, args, { detached: true, stdio: ['ignore', log, log], env });
    closeSync(log);
    let failure: Error | undefined;
    child.on('error', (error) => (failure = error));
    child.unref();
    this.process = child.pid === undefined ? undefined : identify(child.pid);

    const deadline = Date.now() + READY_TIMEOUT_MS;
    while (!(await this.options.answers().catch(() => false))) {
      if (failure || !this.process || !isAlive(this.process))
        throw this.failed(`ended early ${failure?.message ?? ''}`);
      if (Date.now() > deadline) throw this.failed(`did not answer within ${READY_TIMEOUT_MS / 1000} s`);
      await sleep(50);
    }
  }

  /** Sends it a signal, and for one that ends it waits until it has ended. */
  async kill(name: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (!this.process) return;
    const target = this.process;
    signal(target.pid, name);
    if (name === 'SIGSTOP' || name === 'SIGCONT') return;
    await waitUntilGone([target], READY_TIMEOUT_MS);
    this.process = undefined;
  }

  private failed(what: string): Error {
    const log = existsSync(this.options.logFile) ? readFileSync(this.options.logFile, 'utf8') : '';
    return new Error(`${this.options.name} ${what}. The end of its log:\n${log.split('\n').slice(-30).join('\n')}`);
  }
}
