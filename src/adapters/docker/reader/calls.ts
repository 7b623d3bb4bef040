import type { IncomingMessage } from 'node:http';
import { RuntimeError } from '../../../model/problem';
import { withDeadline } from '../../../util/deadline';
import { asArray, asString, memberAt } from '../../../util/records';
import { errorText, readBytes } from '../body';
import { connectionTo, openRequest, type Method } from '../connection';
import type { DockerClient } from '../client';
import { explainFailure, StatusError } from '../problems';
import { EMPTY_TAR } from './tar';

/** Our label on whatever is made; its value is the token of one reading. */
export const READER_LABEL = 'io.github.container-runtime-explorer.reader';
/** Where the bound folder stands in the reader container. */
const BOUND = '/read';
const CALL_MS = 10_000;
/** A config.json has tens of kilobytes. */
const LARGEST_ARCHIVE_BYTES = 8 * 1024 * 1024;

interface Request {
  readonly method: Method;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  readonly type?: string;
}

/**
 * The calls of a reader container, each to one engine. Nothing else in the product asks an engine for anything but reading,
 * and of what is made here nothing can run: there is no call that starts a container.
 */
export class ReaderCalls {
  constructor(
    private readonly client: DockerClient,
    private readonly token: string,
  ) {}

  /** Makes an image without a single file in it; nothing is pulled. Returns its id. */
  async importImage(signal?: AbortSignal): Promise<string> {
    const answer = await this.send(
      {
        method: 'POST',
        path: '/images/create',
        query: { fromSrc: '-', changes: `LABEL ${READER_LABEL}=${this.token}` },
        body: EMPTY_TAR,
        type: 'application/x-tar',
      },
      signal,
    );
    // A stream of progress, one record a line; a failure comes with status 200 too.
    const id = /"status":"(sha256:[0-9a-f]{64})"/.exec(answer.toString('utf8'))?.[1];
    if (id === undefined) throw this.unexpected('POST /images/create', answer);
    return id;
  }

  /**
   * Makes a container that is never started, with one folder of the engine's machine bound into it, read-only and without
   * what is mounted below. Returns its id.
   *
   * @throws RuntimeError `absent` when there is no such folder
   */
  async create(image: string, folder: string, signal?: AbortSignal): Promise<string> {
    const body = {
      Image: image,
      Cmd: ['/never-started'],
      Labels: { [READER_LABEL]: this.token },
      NetworkDisabled: true,
      HostConfig: {
        NetworkMode: 'none',
        ReadonlyRootfs: true,
        CapDrop: ['ALL'],
        Mounts: [{ Type: 'bind', Source: folder, Target: BOUND, ReadOnly: true, BindOptions: { NonRecursive: true } }],
      },
    };
    try {
      const answer = await this.send(
        {
          method: 'POST',
          path: '/containers/create',
          query: { name: `container-runtime-explorer-reader-${this.token.slice(0, 12)}` },
          body: Buffer.from(JSON.stringify(body)),
          type: 'application/json',
        },
        signal,
      );
      const id = asString(memberAt(parsed(answer), 'Id'));
      if (id === undefined) throw this.unexpected('POST /containers/create', answer);
      return id;
    } catch (error) {
      if (!isNoSuchFolder(error)) throw error;
      throw new RuntimeError(
        { code: 'absent', what: `Binding ${folder}`, reason: 'The engine’s machine has no such folder.' },
        error,
      );
    }
  }

  /** One file or link of the bound folder, as a tar archive of at most 8 MiB. */
  async archive(container: string, file: string, signal?: AbortSignal): Promise<Buffer> {
    const path = `/containers/${container}/archive`;
    return this.send({ method: 'GET', path, query: { path: `${BOUND}/${file}` } }, signal);
  }

  /** Without force: what runs is none of ours, and stays. */
  async removeContainer(id: string, signal?: AbortSignal): Promise<void> {
    await this.remove(`/containers/${id}`, { v: '1' }, signal);
  }

  async removeImage(id: string, signal?: AbortSignal): Promise<void> {
    await this.remove(`/images/${encodeURIComponent(id)}`, {}, signal);
  }

  /** What there is with our label and this token: the ids of containers and images. */
  async made(
    signal?: AbortSignal,
  ): Promise<{ readonly containers: readonly string[]; readonly images: readonly string[] }> {
    const filters = JSON.stringify({ label: [`${READER_LABEL}=${this.token}`] });
    const list = async (path: string): Promise<string[]> => {
      const rows = asArray(parsed(await this.send({ method: 'GET', path, query: { all: '1', filters } }, signal)));
      // Not every server knows the filter, and what is removed must be ours without doubt.
      const own = rows.filter((row) => asString(memberAt(row, 'Labels', READER_LABEL)) === this.token);
      return own.flatMap((row) => asString(memberAt(row, 'Id')) ?? []);
    };
    return { containers: await list('/containers/json'), images: await list('/images/json') };
  }

  private async remove(path: string, query: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<void> {
    try {
      await this.send({ method: 'DELETE', path, query }, signal);
    } catch (error) {
      // Somebody else has removed it: as well.
      if (!(error instanceof RuntimeError) || error.problem.code !== 'absent') throw error;
    }
  }

  private async send(request: Request, signal: AbortSignal | undefined): Promise<Buffer> {
    const { endpoint, address } = this.client;
    const what = `${request.method} ${request.path} of ${endpoint.url}`;
    try {
      if (!this.client.hasAgreed) await this.client.ping(signal);
      return await withDeadline(what, CALL_MS, signal, async (inner) => {
        const path = `/v${this.client.apiVersion}${request.path}`;
        const response = await this.open({ ...request, path }, inner);
        const content = await readBytes(what, response, inner, LARGEST_ARCHIVE_BYTES);
        const status = response.statusCode ?? 0;
        if (status >= 200 && status < 300) return content;
        throw new StatusError(status, path, errorText(content.toString('utf8'), response), request.method);
      });
    } catch (error) {
      throw await explainFailure(error, what, address, endpoint.tlsFolder);
    }
  }

  private async open({ method, path, query, body, type }: Request, signal: AbortSignal): Promise<IncomingMessage> {
    const connection = await connectionTo(this.client.endpoint);
    const search = new URLSearchParams(query).toString();
    return new Promise((resolve, reject) => {
      const headers = body ? { 'Content-Length': String(body.length), 'Content-Type': type ?? '' } : {};
      const call = openRequest(connection, search ? `${path}?${search}` : path, {
        agent: this.client.agent,
        signal,
        method,
        headers,
      });
      call.on('error', reject);
      call.on('response', resolve);
      call.end(body);
    });
  }

  private unexpected(call: string, answer: Buffer): RuntimeError {
    const said = asString(memberAt(parsed(answer), 'error'));
    return new RuntimeError({
      code: said === undefined ? 'malformed' : 'failed',
      what: `${call} of ${this.client.endpoint.url}`,
      reason: said === undefined ? 'The answer names no id.' : `The engine answered: ${said.slice(0, 300)}`,
      remedy: "See the engine's log for what it says of this.",
    });
  }
}

function parsed(answer: Buffer): unknown {
  try {
    return JSON.parse(answer.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Source: moby volume/mounts/linux_parser.go and daemon/volumes_unix.go. */
function isNoSuchFolder(error: unknown): boolean {
  const cause: unknown = error instanceof RuntimeError ? error.cause : undefined;
  return cause instanceof StatusError && /does not exist|no such file|not a directory/i.test(cause.message);
}
