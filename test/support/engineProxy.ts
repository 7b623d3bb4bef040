// A proxy before a real engine, as people put one before theirs: it passes on what its rule lets through, refuses the rest
// as socket proxies do, and can hold a request back for ever.
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { chmodSync, chownSync, rmSync } from 'node:fs';
import type { Disposable } from '../../src/util/disposables';

/** What to do with a request. `path` is without the version of the API and the query. */
export type Rule = (method: string, path: string, query: URLSearchParams) => 'pass' | 'refuse' | 'hold';

export interface EngineProxy extends Disposable {
  readonly socket: string;
  rule: Rule;
  /** Every request so far, as "GET /containers/json". */
  readonly seen: readonly string[];
}

/** Serves at `socket`, for the members of a group, what the engine at `engineSocket` answers. */
export async function startEngineProxy(engineSocket: string, socket: string, group: number): Promise<EngineProxy> {
  const seen: string[] = [];
  const proxy = { socket, rule: (): 'pass' => 'pass' } as { socket: string; rule: Rule };
  const held = new Set<ServerResponse>();
  const server = createServer((asked, answer) => {
    const method = asked.method ?? '';
    const { pathname, searchParams } = new URL(asked.url ?? '/', 'http://engine');
    const path = pathname.replace(/^\/v\d+\.\d+/, '');
    seen.push(`${method} ${path}`);
    switch (proxy.rule(method, path, searchParams)) {
      case 'pass':
        return passOn(engineSocket, asked, answer);
      case 'refuse':
        asked.resume();
        answer.writeHead(403, { 'Content-Type': 'text/html' });
        return void answer.end('<html><body><h1>403 Forbidden</h1></body></html>');
      case 'hold':
        asked.resume();
        held.add(answer);
    }
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(socket, resolve));
  chownSync(socket, 0, group);
  chmodSync(socket, 0o660);
  return Object.assign(proxy, {
    seen,
    dispose: () => {
      server.closeAllConnections();
      server.close();
      rmSync(socket, { force: true });
    },
  });
}

function passOn(engineSocket: string, asked: IncomingMessage, answer: ServerResponse): void {
  const call = request(
    { socketPath: engineSocket, method: asked.method, path: asked.url, headers: asked.headers, agent: false },
    (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      // Streams such as events must be seen as they come.
      answer.flushHeaders();
      response.pipe(answer);
    },
  );
  call.on('error', () => answer.destroy());
  answer.on('close', () => call.destroy());
  asked.pipe(call);
}
