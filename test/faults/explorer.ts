// Starts and asks the explorer's process (explorerProcess.ts).
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { ContainerFacts } from '../../src/model/inspection';
import type { Layer } from '../../src/model/layer';
import { buildWorkers, HOST_WORKERS } from '../support/workers';

export type Asked =
  'attend' | 'leave' | 'refresh' | 'tree' | 'layers' | 'inspect' | 'inspectAll' | 'block' | 'gauges' | 'end';

/** What the explorer's process holds at a moment. */
export interface Gauges {
  /** Bytes in use after a garbage collection, and of the whole process. */
  readonly heap: number;
  readonly rss: number;
  readonly descriptors: number;
  /** What keeps Node's event loop alive, by Node's names. */
  readonly resources: readonly string[];
  /** Looks at the host since the gauges were read last. */
  readonly looks: number;
}

export interface ExplorerOptions {
  readonly env: NodeJS.ProcessEnv;
  /** The engine's endpoint, where not found by the rules of the clients. */
  readonly endpoint?: string;
  /** A command line to run it below: a tracer. */
  readonly below?: readonly string[];
}

/** The built files of the explorer's process and its workers; made once for a run of tests. */
export class ExplorerBuild {
  private readonly built = buildWorkers(['test/faults/explorerProcess.ts', ...HOST_WORKERS]);
  readonly folder = this.built.folder;
  readonly program = join(this.folder, 'explorerProcess.js');

  start(options: ExplorerOptions): Explorer {
    const below = options.below ?? [];
    const words = [...below, process.execPath, '--expose-gc', this.program, this.folder, options.endpoint ?? ''];
    const child = spawn(words[0] ?? '', words.slice(1), {
      env: options.env,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    return new Explorer(child);
  }

  remove(): void {
    this.built.remove();
  }
}

/** The explorer in a process of its own. */
export class Explorer {
  private readonly waiting = new Map<number, { resolve: (answer: unknown) => void; reject: (error: Error) => void }>();
  private readonly ended: Promise<string>;
  private last = 0;

  constructor(private readonly child: ChildProcess) {
    child.on('message', (message: { id: number; answer?: unknown; error?: string }) => {
      const one = this.waiting.get(message.id);
      this.waiting.delete(message.id);
      if (message.error === undefined) one?.resolve(message.answer);
      else one?.reject(new Error(message.error));
    });
    this.ended = new Promise((resolve) => child.on('exit', (code, signal) => resolve(signal ?? `code ${code}`)));
    void this.ended.then((how) => {
      for (const { reject } of this.waiting.values()) reject(new Error(`the explorer’s process ended: ${how}`));
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  attend(): Promise<void> {
    return this.ask('attend') as Promise<void>;
  }

  leave(): Promise<void> {
    return this.ask('leave') as Promise<void>;
  }

  refresh(): Promise<void> {
    return this.ask('refresh') as Promise<void>;
  }

  /** One line for each container that an engine names: id, name, state; sorted. */
  tree(): Promise<string[]> {
    return this.ask('tree') as Promise<string[]>;
  }

  layers(): Promise<Pick<Layer, 'id' | 'kind' | 'status' | 'problem'>[]> {
    return this.ask('layers') as ReturnType<Explorer['layers']>;
  }

  inspect(id: string): Promise<ContainerFacts> {
    return this.ask('inspect', id) as Promise<ContainerFacts>;
  }

  inspectAll(): Promise<number> {
    return this.ask('inspectAll') as Promise<number>;
  }

  /** Keeps its main thread busy; resolves at the end. */
  block(milliseconds: number): Promise<void> {
    return this.ask('block', milliseconds) as Promise<void>;
  }

  gauges(): Promise<Gauges> {
    return this.ask('gauges') as Promise<Gauges>;
  }

  /** Ends it; says how it ended. Whoever leaves something open does not end within the time, and is killed. */
  async end(): Promise<string> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.ended;
    this.child.kill('SIGCONT');
    this.ask('end').catch(() => undefined);
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 20_000);
    const how = await this.ended;
    clearTimeout(timer);
    return how;
  }

  private ask(asked: Asked, argument?: unknown): Promise<unknown> {
    const id = ++this.last;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.child.send({ id, asked, argument }, (error) => {
        if (error) reject(error);
      });
    });
  }
}
