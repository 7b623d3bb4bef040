import { Agent as HttpAgent, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { join } from 'node:path';
import Docker from 'dockerode';
import { RuntimeError } from '../../model/problem';
import { withDeadline } from '../../util/deadline';
import type { Disposable } from '../../util/disposables';
import { parseJsonExact } from '../../util/json';
import { asString, memberAt } from '../../util/records';
import { shellLine } from '../../util/text';
import type { DockerAddress } from './address';
import { readSmallFile } from './contexts';
import type { DockerEndpoint } from './endpoints';
import { explainFailure, statusErrorOf } from './problems';

const PING_MS = 3_000;
const LIST_MS = 10_000;
const DETAIL_MS = 3_000;
/** An answer over this size is refused, with its size named. */
const LARGEST_ANSWER_BYTES = 32 * 1024 * 1024;
/** The newest version of the API whose answers this code has been held against. */
const NEWEST_API = '1.51';
/** After a detail that timed out, its container is left alone for this long: each try would hold one more request. */
const BREAK_MS = 30_000;

type Query = Readonly<Record<string, string>>;

/**
 * Reads from one Docker engine. It can only GET; every call has a deadline and a size limit; at most eight run at once,
 * two while the engine has not answered yet.
 */
export class DockerClient implements Disposable {
  private readonly agent: HttpAgent;
  private docker: Promise<Docker> | undefined;
  private version: string | undefined;
  private readonly broken = new Map<string, number>();

  constructor(
    readonly endpoint: DockerEndpoint,
    readonly address: DockerAddress,
  ) {
    const options = { keepAlive: true, maxSockets: 8, timeout: 30_000 };
    this.agent = address.kind === 'tcp' && address.tls ? new HttpsAgent(options) : new HttpAgent(options);
  }

  /** The agreed version of the API; known after the first ping. */
  get apiVersion(): string {
    return this.version ?? '1.41';
  }

  /** Whether the server calls itself Podman; known after the first ping. */
  isPodman = false;

  /** Asks for health and agrees on the version: the older of ours and the server's. */
  async ping(signal?: AbortSignal): Promise<void> {
    const { headers } = await this.get('/_ping', {}, PING_MS, signal, false);
    this.isPodman = /libpod/i.test(String(headers.server ?? ''));
    const theirs = /^\d+\.\d+$/.exec(String(headers['api-version'] ?? ''))?.[0];
    this.version = theirs === undefined ? NEWEST_API : older(theirs, NEWEST_API);
  }

  /** `GET /containers/json?all=1`. */
  async list(signal?: AbortSignal): Promise<unknown> {
    return (await this.get('/containers/json', { all: '1' }, LIST_MS, signal)).body;
  }

  async info(signal?: AbortSignal): Promise<unknown> {
    return (await this.get('/info', {}, DETAIL_MS, signal)).body;
  }

  async serverVersion(signal?: AbortSignal): Promise<unknown> {
    return (await this.get('/version', {}, DETAIL_MS, signal)).body;
  }

  async inspect(id: string, signal?: AbortSignal): Promise<unknown> {
    return this.detail(id, `/containers/${encodeURIComponent(id)}/json`, {}, signal);
  }

  async inspectImage(reference: string, signal?: AbortSignal): Promise<unknown> {
    return (await this.get(`/images/${encodeURIComponent(reference)}/json`, {}, DETAIL_MS, signal)).body;
  }

  /** `GET /containers/ID/top`. It makes an event on the engine, so it is only asked when nothing else can tell. */
  async top(id: string, psArgs: string, signal?: AbortSignal): Promise<unknown> {
    return this.detail(id, `/containers/${encodeURIComponent(id)}/top`, { ps_args: psArgs }, signal);
  }

  /** The events of one container in the past, from the engine's ring of 256, oldest first. Times in unix seconds. */
  async pastEvents(id: string, until: string, signal?: AbortSignal): Promise<readonly unknown[]> {
    const filters = JSON.stringify({ container: [id] });
    const { text } = await this.get('/events', { since: '0', until, filters }, DETAIL_MS, signal);
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => parseJsonExact(line, 'Reading an event'));
  }

  /** A command that asks the same with the same API version. */
  curl(path: string, query: Query = {}): string {
    const search = new URLSearchParams(query).toString();
    const url = `/v${this.apiVersion}${path}${search ? `?${search}` : ''}`;
    return this.address.kind === 'unix'
      ? shellLine(['curl', '--unix-socket', this.address.path, `http://localhost${url}`])
      : shellLine([
          'curl',
          `${this.address.kind === 'tcp' && this.address.tls ? 'https' : 'http'}://${this.endpoint.url.replace(/^\w+:\/\//, '')}${url}`,
        ]);
  }

  /** Ends all connections. */
  dispose(): void {
    this.agent.destroy();
  }

  /** Forgets the kept connections: after a restart of the engine they are dead. */
  reset(): void {
    this.version = undefined;
    this.agent.destroy();
  }

  private async detail(id: string, path: string, query: Query, signal?: AbortSignal): Promise<unknown> {
    const until = this.broken.get(id) ?? 0;
    if (Date.now() < until) {
      throw new RuntimeError({
        code: 'deadline',
        what: `Asking ${this.endpoint.url} about ${id.slice(0, 12)}`,
        reason: 'The engine did not answer for this container a moment ago, so it is not asked again yet.',
        remedy: `Something of this container is stuck, often its shim. It is asked again after ${new Date(until).toLocaleTimeString()}.`,
      });
    }
    try {
      const { body } = await this.get(path, query, DETAIL_MS, signal);
      this.broken.delete(id);
      return body;
    } catch (error) {
      if (error instanceof RuntimeError && error.problem.code === 'deadline')
        this.broken.set(id, Date.now() + BREAK_MS);
      throw error;
    }
  }

  private async get(
    path: string,
    query: Query,
    timeoutMs: number,
    signal?: AbortSignal,
    versioned = true,
  ): Promise<Answer> {
    if (versioned && this.version === undefined) await this.ping(signal);
    const full = versioned ? `/v${this.apiVersion}${path}` : path;
    const what = `GET ${full} of ${this.endpoint.url}`;
    try {
      return await withDeadline(what, timeoutMs, signal, (inner) => this.exchange(what, full, query, inner));
    } catch (error) {
      const failure = await explainFailure(statusErrorOf(error, path) ?? error, what, this.address);
      // Another server may answer next time: what was agreed with this one is not to be relied on.
      if (failure.problem.code === 'unsupported') this.version = undefined;
      throw failure;
    }
  }

  private async exchange(what: string, path: string, query: Query, signal: AbortSignal): Promise<Answer> {
    this.docker ??= this.connectOptions().then((options) => new Docker(options));
    const { modem } = await this.docker.catch((error: unknown) => {
      this.docker = undefined;
      throw error;
    });
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const hasQuery = Object.keys(query).length > 0;
      const request = {
        path: hasQuery ? `${path}?` : path,
        method: 'GET',
        isStream: true,
        statusCodes: { 200: true },
        abortSignal: signal,
        ...(hasQuery ? { options: { _query: query } } : {}),
      };
      modem.dial(request as Parameters<typeof modem.dial>[0], (error: unknown, result: unknown) => {
        if (error) reject(error instanceof Error ? error : new Error('The request failed.'));
        else resolve(result as IncomingMessage);
      });
    });
    const text = await readBody(what, response, signal);
    const isJson = /json/.test(String(response.headers['content-type'] ?? '')) && !path.endsWith('/events');
    if (!isJson && !path.endsWith('/events') && !path.endsWith('/_ping')) {
      throw new RuntimeError({
        code: 'malformed',
        what,
        reason: 'The answer is not JSON: whatever listens there is no Docker engine.',
      });
    }
    return { text, body: isJson ? parseJsonExact(text, what) : text, headers: response.headers };
  }

  private async connectOptions(): Promise<Docker.DockerOptions> {
    const agent = this.agent;
    if (this.address.kind === 'unix') return { socketPath: this.address.path, agent } as Docker.DockerOptions;
    if (this.address.kind === 'ssh') {
      throw new RuntimeError({
        code: 'unsupported',
        what: `Connecting to ${this.endpoint.url}`,
        reason: 'An engine behind ssh shares no kernel with this machine.',
        remedy: 'Open that host with Remote - SSH: then the explorer runs there and sees everything.',
      });
    }
    const { host, port, tls } = this.address;
    const folder = this.endpoint.tlsFolder;
    if (!tls || !folder) return { host, port, protocol: tls ? 'https' : 'http', agent } as Docker.DockerOptions;
    const file = (name: string): Promise<string | undefined> =>
      readSmallFile(join(folder, name)).catch(() => undefined);
    const [ca, cert, key] = await Promise.all([file('ca.pem'), file('cert.pem'), file('key.pem')]);
    return {
      host,
      port,
      protocol: 'https',
      agent,
      ...(ca ? { ca } : {}),
      ...(cert ? { cert } : {}),
      ...(key ? { key } : {}),
    } as Docker.DockerOptions;
  }
}

interface Answer {
  readonly text: string;
  readonly body: unknown;
  readonly headers: IncomingMessage['headers'];
}

function readBody(what: string, response: IncomingMessage, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = Number(response.headers['content-length'] ?? 0);
    const refuse = (): void => {
      response.destroy();
      reject(
        new RuntimeError({
          code: 'too-large',
          what,
          reason: `The answer has more than ${LARGEST_ANSWER_BYTES / 1024 / 1024} MiB (${size} bytes so far).`,
          remedy:
            'Look for a container with very large labels: docker ps --all --no-trunc --format "{{.ID}} {{.Labels}}"',
        }),
      );
    };
    if (size > LARGEST_ANSWER_BYTES) return refuse();
    size = 0;
    signal.addEventListener('abort', () => response.destroy(), { once: true });
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > LARGEST_ANSWER_BYTES) return refuse();
      chunks.push(chunk);
    });
    response.on('error', reject);
    response.on('aborted', () => reject(Object.assign(new Error('cut'), { code: 'ECONNRESET' })));
    response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
  });
}

/** The older of two API versions such as "1.41". */
function older(a: string, b: string): string {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number);
  const [majorB = 0, minorB = 0] = b.split('.').map(Number);
  return majorA < majorB || (majorA === majorB && minorA <= minorB) ? a : b;
}

/** The engine's own version in the answer of `GET /version`. */
export function engineVersion(version: unknown): string | undefined {
  return asString(memberAt(version, 'Version'));
}
