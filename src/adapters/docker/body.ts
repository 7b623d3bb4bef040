import type { IncomingMessage } from 'node:http';
import { RuntimeError } from '../../model/problem';

/** An answer over this size is refused, with its size named. */
const LARGEST_ANSWER_BYTES = 32 * 1024 * 1024;

/**
 * Reads the body of a response, at most 32 MiB. Settles also when the signal aborts or the other side breaks off.
 *
 * @throws RuntimeError `too-large`; the error of the stream
 */
export function readBody(what: string, response: IncomingMessage, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const stop = (error: unknown): void => {
      signal.removeEventListener('abort', onAbort);
      response.destroy();
      reject(error instanceof Error ? error : new Error('The answer broke off.'));
    };
    const onAbort = (): void => stop(signal.reason);
    // The listener stays: a response that is destroyed may still tell of an error.
    response.on('error', stop);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    const announced = Number(response.headers['content-length'] ?? 0);
    if (announced > LARGEST_ANSWER_BYTES) return stop(tooLarge(what, `It has ${announced} bytes`));
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > LARGEST_ANSWER_BYTES) stop(tooLarge(what, `After ${size} bytes it had not ended`));
      else chunks.push(chunk);
    });
    response.on('end', () => {
      signal.removeEventListener('abort', onAbort);
      resolve(Buffer.concat(chunks).toString('utf8'));
    });
    response.on('close', () => stop(Object.assign(new Error('The answer broke off.'), { code: 'ECONNRESET' })));
  });
}

function tooLarge(what: string, size: string): RuntimeError {
  return new RuntimeError({
    code: 'too-large',
    what,
    reason: `${size}; at most ${LARGEST_ANSWER_BYTES / 1024 / 1024} MiB are read.`,
    remedy: 'Look for a container with very large labels: docker ps --all --no-trunc --format "{{.ID}} {{.Labels}}"',
  });
}
