import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { mapPooled } from '../../src/util/pool';
import type { Lab } from '../lab/lab';

/** Starts containers until so many run. */
export async function growFleet(lab: Lab, size: number): Promise<void> {
  const running = (await lab.mustDocker(['ps', '--quiet'])).split('\n').filter(Boolean).length;
  const missing = Array.from({ length: Math.max(0, size - running) }, (_, index) => running + index);
  await mapPooled(missing, 4, (index) =>
    lab.mustDocker([
      ...['run', '--detach', '--network=none', '--memory=32m', `--name=fleet-${index}`],
      ...[lab.image, 'sleep', '100000'],
    ]),
  );
}

/** One raw request to the engine; the body is thrown away. */
export async function raw(socketPath: string, path: string, method = 'GET'): Promise<void> {
  const response = await open(socketPath, path, method);
  response.resume();
  await once(response, 'end');
}

/** The body of a raw request to the engine. */
export async function answerTo(socketPath: string, path: string): Promise<string> {
  return text(await open(socketPath, path, 'GET'));
}

function open(socketPath: string, path: string, method: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, path, method, agent: false }, (response) => {
      if ((response.statusCode ?? 500) < 400) resolve(response);
      else reject(new Error(`${method} ${path} ended with ${response.statusCode}`));
    });
    call.on('error', reject);
    call.end();
  });
}
