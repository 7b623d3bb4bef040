import { request } from 'node:http';
import { RuntimeError } from '../../model/problem';
import { costs, kindOfPath } from '../../util/costs';
import { withDeadline } from '../../util/deadline';

/** An answer over this size is refused, with its size named, before it is parsed. */
const LARGEST_ANSWER_BYTES = 32 * 1024 * 1024;

/** A response of Podman's service: parsed body and the headers that name the server. */
export interface PodmanAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

/**
 * Reads from Podman's own (libpod) API over a unix socket. It can only GET.
 * Source: https://docs.podman.io/en/latest/_static/api.html
 */
export class PodmanClient {
  constructor(readonly socketPath: string) {}

  /**
   * @param path with its query, such as `/v4.0.0/libpod/containers/json?all=true`
   * @throws RuntimeError `absent`, `denied`, `refused`, `deadline`, `too-large`, `malformed`, or `failed` with the
   *   service's own words for a status of 400 and above (`absent` for 404)
   */
  async get(path: string, timeoutMs: number, signal?: AbortSignal): Promise<PodmanAnswer> {
    const what = `GET ${path.split('?')[0] ?? path} of unix://${this.socketPath}`;
    return withDeadline(what, timeoutMs, signal, (inner) =>
      costs.measure(`unix://${this.socketPath}`, `GET ${kindOfPath(path)}`, () => this.exchange(what, path, inner)),
    );
  }

  private exchange(what: string, path: string, signal: AbortSignal): Promise<PodmanAnswer> {
    return new Promise((resolve, reject) => {
      const fail = (error: unknown): void => reject(withRemedy(RuntimeError.from(error, what)));
      const call = request(
        { socketPath: this.socketPath, path, method: 'GET', headers: { Host: 'podman' }, agent: false, signal },
        (response) => {
          const chunks: Buffer[] = [];
          let size = 0;
          response.on('data', (chunk: Buffer) => {
            size += chunk.length;
            if (size <= LARGEST_ANSWER_BYTES) return void chunks.push(chunk);
            response.destroy();
            fail(
              new RuntimeError({
                code: 'too-large',
                what,
                reason: `The answer is larger than ${LARGEST_ANSWER_BYTES} bytes.`,
              }),
            );
          });
          response.on('error', fail);
          response.on('end', () => {
            try {
              resolve(
                readAnswer(what, response.statusCode ?? 0, response.headers, Buffer.concat(chunks).toString('utf8')),
              );
            } catch (error) {
              fail(error);
            }
          });
        },
      );
      call.on('error', fail);
      call.end();
    });
  }
}

function readAnswer(what: string, status: number, headers: PodmanAnswer['headers'], text: string): PodmanAnswer {
  if (status >= 400) {
    const code = status === 404 ? 'absent' : status === 403 ? 'denied' : 'failed';
    throw new RuntimeError({ code, what, reason: `It answered ${status}: ${text.slice(0, 300)}` });
  }
  if (!/json/.test(String(headers['content-type'] ?? 'json'))) return { status, headers, body: text };
  try {
    return { status, headers, body: JSON.parse(text) as unknown };
  } catch {
    throw new RuntimeError({ code: 'malformed', what, reason: `The answer is not JSON: ${text.slice(0, 100)}` });
  }
}

/** Podman has no daemon: the remedies differ from Docker's. */
function withRemedy(error: RuntimeError): RuntimeError {
  const remedies: Partial<Record<string, string>> = {
    absent:
      'Podman needs no service to run containers. For the explorer, start its socket: systemctl --user start podman.socket',
    denied:
      "This is the socket of another user's Podman. Each user has an own one: systemctl --user start podman.socket",
    refused: 'Nobody serves this socket: systemctl --user restart podman.socket',
  };
  const remedy = error.problem.remedy ?? remedies[error.problem.code];
  return remedy === undefined ? error : new RuntimeError({ ...error.problem, remedy }, error);
}
