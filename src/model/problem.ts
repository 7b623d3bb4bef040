/**
 * Why something could not be done, in a closed set:
 * - `absent`: there is nothing (no socket, no file, no such container);
 * - `denied`: it is there, and this user may not;
 * - `refused`: it is there, and nobody listens or a proxy said no;
 * - `deadline`: no answer in time;
 * - `gone`: it was there and ended while we looked;
 * - `unsupported`: the other side does not know the request;
 * - `malformed`: the answer cannot be read;
 * - `too-large`: the answer is over a stated bound;
 * - `cancelled`: we were asked to stop;
 * - `failed`: anything else, with the other side's own words in `reason`.
 */
export type ProblemCode =
  | 'absent'
  | 'denied'
  | 'refused'
  | 'deadline'
  | 'gone'
  | 'unsupported'
  | 'malformed'
  | 'too-large'
  | 'cancelled'
  | 'failed';

/** A failure as the user is told of it: the thing, the reason and the remedy. JSON-serialisable. */
export interface Problem {
  readonly code: ProblemCode;
  /** What we were doing, with the thing's name: "Listing the containers of unix:///var/run/docker.sock". */
  readonly what: string;
  readonly reason: string;
  /** What the user can do about it; absent when nothing can be done. */
  readonly remedy?: string;
}

/** The one error class of the product. Every adapter turns what it catches into this at its boundary. */
export class RuntimeError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem, cause?: unknown) {
    super(`${problem.what}: ${problem.reason}`, cause === undefined ? undefined : { cause });
    this.name = 'RuntimeError';
    this.problem = problem;
  }

  /** Wraps anything caught; an existing RuntimeError passes through untouched. */
  static from(error: unknown, what: string): RuntimeError {
    if (error instanceof RuntimeError) return error;
    const code = errnoOf(error);
    const reason = error instanceof Error ? error.message : String(error);
    const known = code === undefined ? undefined : ERRNO[code];
    return new RuntimeError(known ? { ...known, what } : { code: 'failed', what, reason }, error);
  }
}

/** The errno name (`ENOENT`) of a Node error, if it has one. */
export function errnoOf(error: unknown): string | undefined {
  const code: unknown = typeof error === 'object' && error !== null ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : undefined;
}

const ERRNO: Readonly<Record<string, Omit<Problem, 'what'>>> = {
  ENOENT: { code: 'absent', reason: 'It does not exist (ENOENT).' },
  ENOTDIR: { code: 'absent', reason: 'A part of its path is not a directory (ENOTDIR).' },
  ESRCH: { code: 'gone', reason: 'The process has ended (ESRCH).' },
  EACCES: { code: 'denied', reason: 'This user may not (EACCES).' },
  EPERM: { code: 'denied', reason: 'The kernel does not permit it (EPERM).' },
  ECONNREFUSED: { code: 'refused', reason: 'The socket file is there, but nobody listens on it (ECONNREFUSED).' },
  ECONNRESET: { code: 'gone', reason: 'The connection was cut (ECONNRESET).' },
  EPIPE: { code: 'gone', reason: 'The connection was cut (EPIPE).' },
  EAGAIN: {
    code: 'refused',
    reason: 'Its queue of waiting connections is full (EAGAIN): the daemon is stopped or stuck.',
  },
};
