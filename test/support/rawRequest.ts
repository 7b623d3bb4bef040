import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

/** One raw request to an engine; the body of the answer is thrown away. Rejects when the engine refuses. */
export async function raw(socketPath: string, path: string, method = 'GET', body?: unknown): Promise<void> {
  const response = await open(socketPath, path, method, body);
  response.resume();
  await once(response, 'end');
}

/** The body of the answer to a raw request. */
export async function answerTo(socketPath: string, path: string): Promise<string> {
  return text(await open(socketPath, path, 'GET'));
}

function open(socketPath: string, path: string, method: string, body?: unknown): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'Content-Type': 'application/json' };
    const call = request({ socketPath, path, method, headers, agent: false }, (response) => {
      if ((response.statusCode ?? 500) < 400) resolve(response);
      else reject(new Error(`${method} ${path} ended with ${response.statusCode}`));
    });
    call.on('error', reject);
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
