import type { IncomingMessage } from 'node:http';
import { RuntimeError } from '../../model/problem';
import { asString, memberAt } from '../../util/records';

/** An answer over this size is refused, with its size named. */
const LARGEST_ANSWER_BYTES = 32 * 1024 * 1024;

/** Reads the body of a response as text. See `readBytes`. */
export async function readBody(what: string, response: IncomingMessage, signal: AbortSignal): Promise<string> {
  return (await readBytes(what, response, signal)).toString('utf8');
}

/** The engine's own words for an error; nothing for a page meant for browsers. */
export function errorText(text: string, response: IncomingMessage): string {
  if (/html/.test(String(response.headers['content-type'] ?? '')) || /^\s*</.test(text)) return '';
  try {
    return asString(memberAt(JSON.parse(text), 'message')) ?? text;
  } catch {
    return text;
  }
}

/**
 * Reads the body of a response, at most 32 MiB unless told otherwise. Settles also when the signal aborts or the other side
 * breaks off.
 *
 * @throws RuntimeError `too-large`; the error of the stream
 */
export function readBytes(
  what: string,
  response: IncomingMessage,
  signal: AbortSignal,
  most = LARGEST_ANSWER_BYTES,
): Promise<Buffer> {
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
    if (announced > most) return stop(tooLarge(what, `It has ${announced} bytes`, most));
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > most) stop(tooLarge(what, `After ${size} bytes it had not ended`, most));
      else chunks.push(chunk);
    });
    response.on('end', () => {
      signal.removeEventListener('abort', onAbort);
      resolve(Buffer.concat(chunks));
    });
    response.on('close', () => stop(Object.assign(new Error('The answer broke off.'), { code: 'ECONNRESET' })));
  });
}

function tooLarge(what: string, size: string, most: number): RuntimeError {
  return new RuntimeError({
    code: 'too-large',
    what,
    reason: `${size}; at most ${most / 1024 / 1024} MiB are read.`,
    remedy: 'Look for a container with very large labels: docker ps --all --no-trunc --format "{{.ID}} {{.Labels}}"',
  });
}
