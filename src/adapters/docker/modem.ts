import Docker from 'dockerode';
import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import { openRequest, type Connection } from './connection';

export type Query = Readonly<Record<string, string>>;

/** Sends one GET and gives the response back as soon as its head is there, whatever its status. */
export type Get = (path: string, query: Query, signal: AbortSignal) => Promise<IncomingMessage>;

/** The little of dockerode's modem that is used. Its types say `any`. */
interface Modem {
  dial(request: object, callback: (error: unknown, response: unknown) => void): void;
  buildRequest(
    options: { path: string; signal?: AbortSignal },
    dialled: unknown,
    body: unknown,
    callback: (error: unknown, response: unknown) => void,
  ): void;
}

/**
 * dockerode's modem for one connection. It composes the requests; what it does beyond that is kept from it:
 *
 * - it reads DOCKER_HOST for itself, and would send what is meant for a socket to the host named there;
 * - it follows redirects, to anywhere, and a `Location` of a scheme that it does not know ends the process;
 * - it reads the text of an error without a limit.
 */
export function createModem(connection: Connection, agent: Agent): Get {
  const docker: { readonly modem: unknown } = withoutDockerVariables(() => new Docker({ socketPath: '/nonexistent' }));
  const modem = docker.modem as Modem;
  modem.buildRequest = ({ path, signal }, _dialled, _body, callback) => {
    let call: ClientRequest;
    try {
      call = openRequest(connection, path, { agent, ...(signal ? { signal } : {}) });
    } catch (error) {
      return callback(error, undefined);
    }
    call.on('error', (error) => callback(error, undefined));
    call.on('response', (response) => callback(undefined, response));
    call.end();
  };
  return (path, query, signal) =>
    new Promise((resolve, reject) => {
      const hasQuery = Object.keys(query).length > 0;
      const request = {
        path: hasQuery ? `${path}?` : path,
        method: 'GET',
        isStream: true,
        abortSignal: signal,
        ...(hasQuery ? { options: { _query: query } } : {}),
      };
      modem.dial(request, (error, response) => {
        if (error) reject(error instanceof Error ? error : new Error('The request failed.'));
        else resolve(response as IncomingMessage);
      });
    });
}

/** The library's constructor reads these and the files that they name, and throws when it cannot. */
function withoutDockerVariables<T>(make: () => T): T {
  const before = process.env;
  process.env = Object.fromEntries(Object.entries(before).filter(([name]) => !name.startsWith('DOCKER_')));
  try {
    return make();
  } finally {
    process.env = before;
  }
}
