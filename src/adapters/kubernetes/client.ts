import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { RuntimeError, type Problem } from '../../model/problem';
import { withDeadline } from '../../util/deadline';
import { parseJsonExact } from '../../util/json';
import { asArray, asString, memberAt } from '../../util/records';
import type { Target } from './credentials';
import { explainFailure, StatusError, statusMessage } from './problems';

/** Bounds of what is read. All of them are said when they are met. */
export interface Bounds {
  readonly requestMs: number;
  readonly listMs: number;
  readonly pageSize: number;
  readonly items: number;
  readonly pageBytes: number;
  readonly streamBytes: number;
  readonly streamMs: number;
}

export const BOUNDS: Bounds = {
  requestMs: 10_000,
  listMs: 40_000,
  // Nodes name all their images, so a page of them may have megabytes.
  pageSize: 100,
  items: 5_000,
  pageBytes: 32 * 1024 * 1024,
  streamBytes: 64 * 1024 * 1024,
  streamMs: 30_000,
};

/** A list, as far as it was read. */
export interface ReadList {
  readonly items: readonly unknown[];
  /** What kept it from being whole. */
  readonly problem?: Problem;
}

/** Asks one API server. Only GET: nothing is ever changed. */
export class KubeClient {
  private readonly agent: HttpAgent;

  constructor(
    private readonly target: Target,
    private readonly signal: AbortSignal | undefined,
    private readonly bounds: Bounds = BOUNDS,
  ) {
    const options = { keepAlive: true, maxSockets: 4 };
    this.agent = target.base.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
  }

  /** @throws RuntimeError that says why, with a remedy */
  async json(path: string, what: string): Promise<unknown> {
    const { requestMs, pageBytes } = this.bounds;
    return this.ask(path, what, requestMs, async (response) => {
      const chunks: Buffer[] = [];
      await readAll(response, pageBytes, what, (chunk) => void chunks.push(chunk));
      try {
        return parseJsonExact(Buffer.concat(chunks).toString('utf8'), what);
      } catch (error) {
        throw notKubernetes(what, RuntimeError.from(error, what).problem.reason);
      }
    });
  }

  /**
   * Reads a list page by page. Once the first page is there, what goes wrong later makes the list a part, not a failure.
   *
   * @param query without limit and continue
   */
  async list(path: string, query: Readonly<Record<string, string>>, what: string): Promise<ReadList> {
    const { pageSize, items: most, listMs } = this.bounds;
    const items: unknown[] = [];
    const seen = new Set<string>();
    const until = Date.now() + listMs;
    let token: string | undefined;
    for (;;) {
      const search = new URLSearchParams({ ...query, limit: String(pageSize), ...(token ? { continue: token } : {}) });
      let page: unknown;
      try {
        page = await this.json(`${path}?${search.toString()}`, what);
      } catch (error) {
        const { problem } = RuntimeError.from(error, what);
        if (token === undefined || problem.code === 'cancelled') throw error;
        return { items, problem: { ...problem, reason: `${problem.reason} Shown are the first ${items.length}.` } };
      }
      if (token === undefined && !Array.isArray(memberAt(page, 'items'))) throw notKubernetes(what, 'It is no list.');
      items.push(...asArray(memberAt(page, 'items')));
      token = asString(memberAt(page, 'metadata', 'continue')) || undefined;
      if (token === undefined) return { items };
      const stop = (reason: string): ReadList => ({
        items: items.slice(0, most),
        problem: { code: 'too-large', what, reason, remedy: 'kubectl shows the rest.' },
      });
      if (items.length >= most) return stop(`There are more than ${most}; shown are the first ${most}.`);
      if (Date.now() > until)
        return stop(`After ${listMs / 1000} s the list had not ended; shown are the first ${items.length}.`);
      if (seen.has(token)) return stop(`The server repeats itself; shown are the first ${items.length}.`);
      seen.add(token);
    }
  }

  /** Reads a text line by line, never holding it whole. Lines of more than 64 KiB are left out. */
  async lines(path: string, what: string, onLine: (line: string) => void): Promise<void> {
    const { streamBytes, streamMs } = this.bounds;
    await this.ask(path, what, streamMs, async (response) => {
      const splitter = new LineSplitter(onLine);
      await readAll(response, streamBytes, what, (chunk) => splitter.push(chunk));
      splitter.end();
    });
  }

  dispose(): void {
    this.agent.destroy();
  }

  private async ask<T>(
    path: string,
    what: string,
    timeoutMs: number,
    take: (response: IncomingMessage) => Promise<T>,
  ): Promise<T> {
    const { base, headers, tls } = this.target;
    const server = base.href.replace(/\/$/, '');
    try {
      return await withDeadline(what, timeoutMs, this.signal, async (signal) => {
        const response = await open(base, path, headers, tls, this.agent, signal);
        if (response.statusCode !== 200) {
          const chunks: Buffer[] = [];
          await readAll(response, 256 * 1024, what, (chunk) => void chunks.push(chunk)).catch(() => undefined);
          throw new StatusError(response.statusCode ?? 0, statusMessage(Buffer.concat(chunks).toString('utf8')));
        }
        return take(response);
      });
    } catch (error) {
      throw explainFailure(error, what, server);
    }
  }
}

/** Something answered, and it was no API server. */
function notKubernetes(what: string, reason: string): RuntimeError {
  return new RuntimeError({
    code: 'malformed',
    what,
    reason: `The answer is not that of a Kubernetes API server: something else listens there. ${reason}`,
    remedy: 'Check the server’s URL in the kubeconfig.',
  });
}

function open(
  base: URL,
  path: string,
  headers: Target['headers'],
  tls: Target['tls'],
  agent: HttpAgent,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = {
      host: base.hostname.replace(/^\[|\]$/g, ''),
      port: base.port || (base.protocol === 'https:' ? 443 : 80),
      path: `${base.pathname.replace(/\/$/, '')}${path}`,
      method: 'GET',
      headers: { Accept: 'application/json, text/plain', 'User-Agent': 'container-runtime-explorer', ...headers },
      agent,
      signal,
    };
    // Bad PEM data throws here and now.
    const request = base.protocol === 'https:' ? httpsRequest({ ...options, ...tls }) : httpRequest(options);
    request.on('response', resolve).on('error', reject).end();
  });
}

/** Reads a response to its end, at most `limit` bytes. */
function readAll(response: IncomingMessage, limit: number, what: string, take: (chunk: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let size = 0;
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) return take(chunk);
      response.destroy();
      reject(
        new RuntimeError({
          code: 'too-large',
          what,
          reason: `After ${size} bytes it had not ended; at most ${Math.round(limit / 1024 / 1024)} MiB are read.`,
          remedy: 'Ask for less with kubectl.',
        }),
      );
    });
    response.on('end', resolve);
    response.on('error', reject);
    response.on('close', () => reject(Object.assign(new Error('The answer broke off.'), { code: 'ECONNRESET' })));
  });
}

const LONGEST_LINE = 64 * 1024;

/** Splits a stream into lines; one that is too long is dropped, and what follows it is read on. */
class LineSplitter {
  private rest = '';
  private skipping = false;
  private readonly decoder = new TextDecoder();

  constructor(private readonly onLine: (line: string) => void) {}

  push(chunk: Buffer): void {
    const parts = this.decoder.decode(chunk, { stream: true }).split('\n');
    parts.forEach((part, index) => {
      if (!this.skipping) this.rest += part;
      if (this.rest.length > LONGEST_LINE) {
        this.rest = '';
        this.skipping = true;
      }
      if (index === parts.length - 1) return;
      if (!this.skipping) this.onLine(this.rest);
      this.rest = '';
      this.skipping = false;
    });
  }

  end(): void {
    if (!this.skipping && this.rest !== '') this.onLine(this.rest);
  }
}
