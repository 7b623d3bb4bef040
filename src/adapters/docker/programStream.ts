import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { Agent } from 'node:http';
import { Duplex } from 'node:stream';
import { errnoOf } from '../../model/problem';

/** How a program ended that should have carried a connection. */
export interface ProgramEnd {
  /** Its exit status; null when a signal ended it. */
  readonly code: number | null;
  /** What it wrote on stderr, at most 4 KiB. */
  readonly stderr: string;
  /** True when there is no such program. */
  readonly missing: boolean;
}

export class ProgramEnded extends Error {
  constructor(readonly end: ProgramEnd) {
    super('The program that carries the connection has ended.');
  }
}

const MOST_STDERR = 4_096;
/** Long enough for a program to end by itself when it is told to. */
const GRACE_MS = 2_000;

/**
 * A connection whose bytes a program carries: what is written goes to its standard input, what it prints is read. The
 * program lives as long as the connection. What HTTP asks of a socket beyond a stream, it has.
 */
export class ProgramStream extends Duplex {
  private readonly child: ChildProcessWithoutNullStreams;
  private stderr = '';
  private heard = false;
  private idle: NodeJS.Timeout | undefined;
  private idleMs = 0;

  /** @param argv the program and its words; it is looked up in PATH, and never through a shell */
  constructor([program = '', ...args]: readonly string[]) {
    super({ allowHalfOpen: true });
    // Not in the workspace's folder: nothing in there may change what runs, or how.
    const child = spawn(program, args, { cwd: '/', stdio: 'pipe', windowsHide: true });
    this.child = child;
    child.stdout.on('data', (chunk: Buffer) => {
      this.heard = true;
      this.touch();
      if (!this.push(chunk)) child.stdout.pause();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (this.stderr.length < MOST_STDERR) this.stderr = (this.stderr + text).slice(0, MOST_STDERR);
    });
    // The end of the program tells more than a broken pipe.
    child.stdin.on('error', () => undefined);
    child.on('error', (error) =>
      this.destroy(new ProgramEnded({ code: null, stderr: error.message, missing: errnoOf(error) === 'ENOENT' })),
    );
    child.on('close', (code) => {
      if (this.heard) this.push(null);
      else this.destroy(new ProgramEnded({ code, stderr: this.stderr, missing: false }));
    });
  }

  override _read(): void {
    this.child.stdout.resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.touch();
    // A program that has ended takes nothing more, and its end is told by the event above.
    this.child.stdin.write(chunk, encoding, () => callback());
  }

  override _final(callback: () => void): void {
    this.child.stdin.end();
    callback();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    clearTimeout(this.idle);
    const { child } = this;
    child.stdin.destroy();
    child.stdout.destroy();
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
      child.kill('SIGTERM');
      const impatience = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
      impatience.unref();
      child.once('exit', () => clearTimeout(impatience));
    }
    callback(error);
  }

  /** As a socket's: writes what is left, then ends. */
  destroySoon(): void {
    if (this.writableEnded) this.destroy();
    else this.end(() => this.destroy());
  }

  /** As a socket's: tells of it when nothing has moved for so long; 0 for never. */
  setTimeout(milliseconds: number, listener?: () => void): this {
    this.idleMs = milliseconds;
    if (listener) this.once('timeout', listener);
    this.touch();
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  /** A kept connection must not keep the process. */
  unref(): this {
    this.child.unref();
    for (const pipe of [this.child.stdin, this.child.stdout, this.child.stderr]) refOf(pipe)?.unref();
    return this;
  }

  ref(): this {
    this.child.ref();
    for (const pipe of [this.child.stdin, this.child.stdout, this.child.stderr]) refOf(pipe)?.ref();
    return this;
  }

  private touch(): void {
    clearTimeout(this.idle);
    if (this.idleMs <= 0 || this.destroyed) return;
    this.idle = setTimeout(() => this.emit('timeout'), this.idleMs);
    this.idle.unref();
  }
}

/** Pipes to programs are sockets, which their types do not say. */
function refOf(pipe: unknown): { ref(): void; unref(): void } | undefined {
  return typeof (pipe as { unref?: unknown }).unref === 'function'
    ? (pipe as { ref(): void; unref(): void })
    : undefined;
}

/** Connections by a program: two at most, kept for a while for the next question. */
export class ProgramAgent extends Agent {
  constructor(private readonly argv: readonly string[]) {
    super({ keepAlive: true, maxSockets: 2, maxFreeSockets: 2, timeout: 10_000 });
  }

  /** Called by Node for each connection that is needed. */
  override createConnection(): Duplex {
    return new ProgramStream(this.argv);
  }
}
