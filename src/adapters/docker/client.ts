import { Agent as HttpAgent, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { RuntimeError } from '../../model/problem';
import { costs, kindOfPath } from '../../util/costs';
import { withDeadline } from '../../util/deadline';
import type { Disposable } from '../../util/disposables';
import { parseJsonExact } from '../../util/json';
import { asArray, asRecord, asString, memberAt, type UnknownRecord } from '../../util/records';
import { shellLine, shortId } from '../../util/text';
import type { DockerAddress } from './address';
import { errorText, readBody } from './body';
import { Breaker } from './breaker';
import { connectionTo } from './connection';
import type { DockerEndpoint } from './endpoints';
import { createModem, type Get, type Query } from './modem';
import { ProgramAgent } from './programStream';
import { explainFailure, notDocker, StatusError } from './problems';
import { RequestSlots } from './slots';
import { sshArgv } from './ssh';

const PING_MS = 3_000;
const LIST_MS = 10_000;
const DETAIL_MS = 3_000;
const SSH_MS = 12_000;
/** The newest version of the API whose answers this code has been held against. */
const NEWEST_API = '1.51';
/** Spoken where the server does not name its own: every Docker of the last years serves it. */
const USUAL_API = '1.41';

/**
 * Reads from one Docker engine. It can only GET. Every call has a deadline and a size limit, at most eight run at once (two
 * while the engine is silent), and what has timed out is left alone for a while.
 */
export class DockerClient implements Disposable {
  /** The connections to this engine, for what asks it more. */
  readonly agent: HttpAgent;
  private readonly slots = new RequestSlots();
  private readonly breaker = new Breaker();
  private connecting: Promise<Get> | undefined;
  private version: string | undefined;

  constructor(
    readonly endpoint: DockerEndpoint,
    readonly address: DockerAddress,
  ) {
    // One idle connection is kept for a moment: a second look needs no new one, and whoever hides the view leaves none behind.
    const options = { keepAlive: true, maxFreeSockets: 1, timeout: 2_000 };
    this.agent =
      address.kind === 'ssh'
        ? new ProgramAgent(sshArgv(address))
        : address.kind === 'tcp' && address.tls
          ? new HttpsAgent(options)
          : new HttpAgent(options);
  }

  /** The version of the API that was agreed on with the engine; a usual one before the first ping. */
  get apiVersion(): string {
    return this.version ?? USUAL_API;
  }

  /** False before the first ping, and after the engine was lost. */
  get hasAgreed(): boolean {
    return this.version !== undefined;
  }

  /** Whether the server calls itself Podman; known after the first ping. */
  isPodman = false;

  /** Asks for health and agrees on the version: the older of ours and the server's. */
  async ping(signal?: AbortSignal): Promise<void> {
    const what = `GET /_ping of ${this.endpoint.url}`;
    const { headers, text } = await this.ask(what, '/_ping', {}, PING_MS, signal);
    if (/html/.test(String(headers['content-type'] ?? '')) || /^\s*</.test(text)) throw notDocker(what);
    this.isPodman = /libpod/i.test(String(headers.server ?? ''));
    const theirs = /^\d+\.\d+$/.exec(String(headers['api-version'] ?? ''))?.[0];
    this.version = theirs === undefined ? USUAL_API : older(theirs, NEWEST_API);
  }

  /**
   * `GET /containers/json?all=1`. Its rows are not looked at.
   *
   * @param ids only these, by their full ids; those that are gone are left out
   * @throws RuntimeError `malformed` when it is no list at all; `null` is Go's word for an empty one
   */
  async list(signal?: AbortSignal, ids?: readonly string[]): Promise<readonly unknown[]> {
    const query = { all: '1', ...(ids ? { filters: JSON.stringify({ id: ids }) } : {}) };
    const { what, body } = await this.get('/containers/json', query, ids ? DETAIL_MS : LIST_MS, signal);
    if (body !== null && !Array.isArray(body)) throw malformed(what, 'a list');
    return asArray(body);
  }

  /** `GET /info`. It hangs while containerd is stopped, which nothing else that is asked here does. */
  async info(signal?: AbortSignal): Promise<UnknownRecord> {
    return this.record('/info', '/info', {}, signal);
  }

  /** `GET /version`. It hangs while containerd is stopped. */
  async serverVersion(signal?: AbortSignal): Promise<UnknownRecord> {
    return this.record('/version', '/version', {}, signal);
  }

  /** `GET /containers/ID/json`. It may hang for one container alone, when its shim is stuck. */
  async inspect(id: string, signal?: AbortSignal): Promise<UnknownRecord> {
    return this.record(id, `/containers/${encodeURIComponent(id)}/json`, {}, signal);
  }

  async inspectImage(reference: string, signal?: AbortSignal): Promise<UnknownRecord> {
    return this.record(reference, `/images/${encodeURIComponent(reference)}/json`, {}, signal);
  }

  /** `GET /containers/ID/top`. It makes an event on the engine, so it is only asked when nothing else can tell. */
  async top(id: string, psArgs: string, signal?: AbortSignal): Promise<UnknownRecord> {
    return this.record(id, `/containers/${encodeURIComponent(id)}/top`, { ps_args: psArgs }, signal);
  }

  /**
   * The events of one container in the past, from the engine's ring of 256, oldest first. A line that cannot be read is
   * left out.
   *
   * @param until unix seconds by the engine's own clock; it answers when that time has come
   */
  async pastEvents(id: string, until: string, signal?: AbortSignal): Promise<readonly unknown[]> {
    const query = { since: '0', until, filters: JSON.stringify({ container: [id] }) };
    return this.breaker.guard(id, this.about(id), async () => {
      const { what, text } = await this.versioned('/events', query, DETAIL_MS, signal);
      return text.split('\n').flatMap((line) => {
        try {
          return asRecord(parseJsonExact(line, what)) ?? [];
        } catch {
          return [];
        }
      });
    });
  }

  /** A command that asks the same with the same API version. */
  curl(path: string, query: Query = {}): string {
    const search = new URLSearchParams(query).toString();
    const url = `/v${this.apiVersion}${path}${search ? `?${search}` : ''}`;
    if (this.address.kind === 'unix')
      return shellLine(['curl', '--unix-socket', this.address.path, `http://localhost${url}`]);
    if (this.address.kind === 'ssh')
      return `printf 'GET ${url.replaceAll(/['%\\]/g, (found) => (found === '%' ? '%%' : ''))} HTTP/1.0\\r\\n\\r\\n' | ${shellLine(sshArgv(this.address))}`;
    const scheme = this.address.kind === 'tcp' && this.address.tls ? 'https' : 'http';
    return shellLine(['curl', `${scheme}://${this.endpoint.url.replace(/^\w+:\/\//, '')}${url}`]);
  }

  /** Ends all connections. */
  dispose(): void {
    this.agent.destroy();
  }

  /** The engine was lost, and another may answer next time: what was agreed with this one no longer holds. */
  reset(): void {
    this.version = undefined;
    this.connecting = undefined;
    this.breaker.reset();
    // Those in use belong to others who ask, and end by themselves.
    for (const sockets of Object.values(this.agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
  }

  private about(subject: string): string {
    return `Asking ${this.endpoint.url} about ${/^[0-9a-f]{64}$/.test(subject) ? shortId(subject) : subject}`;
  }

  private record(key: string, path: string, query: Query, signal?: AbortSignal): Promise<UnknownRecord> {
    return this.breaker.guard(key, this.about(key), async () => {
      const { what, body } = await this.get(path, query, DETAIL_MS, signal);
      const record = asRecord(body);
      if (!record) throw malformed(what, 'a record');
      return record;
    });
  }

  private async get(path: string, query: Query, timeoutMs: number, signal?: AbortSignal): Promise<Answer> {
    const answer = await this.versioned(path, query, timeoutMs, signal);
    if (!/json/.test(String(answer.headers['content-type'] ?? ''))) throw notDocker(answer.what);
    return { ...answer, body: parseJsonExact(answer.text, answer.what) };
  }

  private async versioned(path: string, query: Query, timeoutMs: number, signal?: AbortSignal): Promise<Answer> {
    if (this.version === undefined) await this.ping(signal);
    const full = `/v${this.apiVersion}${path}`;
    try {
      return await this.ask(`GET ${full} of ${this.endpoint.url}`, full, query, timeoutMs, signal);
    } catch (error) {
      // After an upgrade the engine may refuse the version that was agreed on with its predecessor.
      if (error instanceof RuntimeError && error.problem.code === 'unsupported') this.version = undefined;
      throw error;
    }
  }

  private async ask(
    what: string,
    path: string,
    query: Query,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    try {
      // Reaching another host by ssh takes seconds, when no connection is kept.
      const patienceMs = this.address.kind === 'ssh' ? timeoutMs + SSH_MS : timeoutMs;
      return await withDeadline(what, patienceMs, signal, (inner) =>
        this.slots.run(inner, () =>
          costs.measure(
            this.endpoint.url,
            `GET ${kindOfPath(path)}`,
            () => this.exchange(what, path, query, inner),
            ({ text }) => text.length,
          ),
        ),
      );
    } catch (error) {
      throw await explainFailure(error, what, this.address, this.endpoint.tlsFolder);
    }
  }

  private async exchange(what: string, path: string, query: Query, signal: AbortSignal): Promise<Answer> {
    const get = await this.connect();
    const response = await get(path, query, signal).catch((error: unknown) => {
      // A kept connection may end in the moment in which it is used again: a GET can be asked once more.
      if (signal.aborted || !isCut(error)) throw error;
      return get(path, query, signal);
    });
    const text = await readBody(what, response, signal);
    if (response.statusCode === 200) return { what, text, body: undefined, headers: response.headers };
    throw new StatusError(response.statusCode ?? 0, path, errorText(text, response));
  }

  private connect(): Promise<Get> {
    const connecting = (this.connecting ??= connectionTo(this.endpoint).then((connection) =>
      createModem(connection, this.agent),
    ));
    connecting.catch(() => {
      if (this.connecting === connecting) this.connecting = undefined;
    });
    return connecting;
  }
}

interface Answer {
  readonly what: string;
  readonly text: string;
  readonly body: unknown;
  readonly headers: IncomingMessage['headers'];
}

function isCut(error: unknown): boolean {
  const code = (error as { code?: unknown } | undefined)?.code;
  return code === 'ECONNRESET' || code === 'EPIPE';
}

function malformed(what: string, wanted: string): RuntimeError {
  return new RuntimeError({
    code: 'malformed',
    what,
    reason: `The answer is JSON, but not ${wanted}: whatever listens there does not answer as a Docker engine does.`,
    remedy: 'Check that the endpoint is a Docker engine.',
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
