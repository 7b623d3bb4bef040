import { stat } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { RuntimeError } from '../../model/problem';
import { withDeadline } from '../../util/deadline';
import { shellQuote } from '../../util/text';

/** sun_path holds 108 bytes with the closing zero. Node cuts a longer path silently, and connects elsewhere. */
const PATH_LIMIT = 107;

/**
 * Connects to a unix socket once and lets go: tells why a socket cannot be used with the kernel's own word (ENOENT,
 * EACCES, ECONNREFUSED, EAGAIN), which gRPC's library hides.
 *
 * @throws RuntimeError
 */
export async function probeSocket(path: string, timeoutMs = 2_000, signal?: AbortSignal): Promise<void> {
  const what = `Connecting to unix://${path}`;
  if (Buffer.byteLength(path) > PATH_LIMIT) {
    const reason = `The path is longer than the ${PATH_LIMIT} bytes that the kernel allows for a socket.`;
    throw new RuntimeError({ code: 'unsupported', what, reason, remedy: 'Reach it through a shorter symbolic link.' });
  }
  try {
    const found = await stat(path);
    if (!found.isSocket()) {
      throw new RuntimeError({
        code: 'refused',
        what,
        reason: 'There is something at this path, but it is no socket.',
      });
    }
    await withDeadline(what, timeoutMs, signal, (inner) => connectOnce(path, inner));
  } catch (error) {
    throw withRemedy(RuntimeError.from(error, what), path);
  }
}

function connectOnce(path: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path });
    signal.addEventListener('abort', () => socket.destroy(), { once: true });
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });
}

function withRemedy(error: RuntimeError, path: string): RuntimeError {
  const { problem } = error;
  if (problem.remedy !== undefined) return error;
  const remedy = remedyFor(problem.code, path);
  return remedy === undefined ? error : new RuntimeError({ ...problem, remedy }, error);
}

function remedyFor(code: string, path: string): string | undefined {
  switch (code) {
    case 'denied':
      return `See who may: ls -l ${shellQuote(path)}. Where it is root's alone, run VS Code's server as root to read it.`;
    case 'absent':
      return 'Start the daemon, or correct the address in the settings.';
    case 'refused':
      return 'The daemon has ended without removing its socket, or is stuck: see whether it runs.';
    default:
      return undefined;
  }
}
