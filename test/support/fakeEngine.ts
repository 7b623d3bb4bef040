import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DockerClient } from '../../src/adapters/docker/client';
import type { DockerEndpoint } from '../../src/adapters/docker/endpoints';

/** Answers one request; nothing at all is an answer too. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** Something that listens on a real unix socket and answers as a test tells it. */
export class FakeEngine {
  readonly folder = mkdtempSync(join(tmpdir(), 'cre-engine-'));
  readonly socketPath = join(this.folder, 'docker.sock');
  /** Method and target of all requests so far. */
  readonly requests: string[] = [];
  readonly sockets = new Set<Socket>();
  /** By the path without version and query; the rest is answered as a healthy engine would. */
  readonly answers = new Map<string, Answer>();
  apiVersion: string | undefined = '1.41';
  private readonly server = createServer((request, response) => this.answer(request, response));

  static async start(socketPath?: string): Promise<FakeEngine> {
    const engine = new FakeEngine();
    engine.server.on('connection', (socket) => {
      engine.sockets.add(socket);
      socket.on('close', () => engine.sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      engine.server.on('error', reject);
      engine.server.listen(socketPath ?? engine.socketPath, resolve);
    });
    return engine;
  }

  get endpoint(): DockerEndpoint {
    return unixEndpoint(this.socketPath);
  }

  client(): DockerClient {
    return clientFor(this.endpoint);
  }

  on(path: string, answer: Answer): this {
    this.answers.set(path, answer);
    return this;
  }

  /** How often a path has been asked. */
  asked(path: string): number {
    return this.requests.filter((request) => pathOf(request.split(' ')[1] ?? '') === path).length;
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const socket of this.sockets) socket.destroy();
    await closed;
    rmSync(this.folder, { recursive: true, force: true });
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    this.requests.push(`${request.method} ${request.url}`);
    if (this.apiVersion) response.setHeader('Api-Version', this.apiVersion);
    const path = pathOf(request.url ?? '');
    const answer = this.answers.get(path) ?? this.answers.get('*') ?? HEALTHY[path];
    if (answer) answer(request, response);
    else json({ message: 'No such thing' }, 404)(request, response);
  }
}

const HEALTHY: Readonly<Record<string, Answer>> = {
  '/_ping': (_, response) => response.end('OK'),
  '/containers/json': json([]),
  '/info': json({ CgroupDriver: 'systemd' }),
  '/version': json({ Version: '20.10.24', ApiVersion: '1.41', MinAPIVersion: '1.12' }),
};

export function json(body: unknown, status = 200): Answer {
  return (_, response) => {
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(body));
  };
}

export function text(body: string, contentType: string, status = 200): Answer {
  return (_, response) => {
    response.writeHead(status, { 'Content-Type': contentType });
    response.end(body);
  };
}

export const never: Answer = () => undefined;

export function unixEndpoint(path: string): DockerEndpoint {
  return {
    url: `unix://${path}`,
    address: { kind: 'unix', path },
    why: 'The test says so.',
    named: true,
    current: true,
  };
}

export function clientFor(endpoint: DockerEndpoint): DockerClient {
  if (!endpoint.address) throw new Error('no address');
  return new DockerClient(endpoint, endpoint.address);
}

function pathOf(url: string): string {
  return (url.split('?')[0] ?? '').replace(/^\/v\d+\.\d+(?=\/)/, '');
}
