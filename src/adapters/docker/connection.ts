import { request as httpRequest, type Agent, type ClientRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { errnoOf, RuntimeError } from '../../model/problem';
import { readSmallFile } from '../smallFile';
import { shellLine } from '../../util/text';
import type { DockerEndpoint } from './endpoints';
import { ProgramStream } from './programStream';
import { sshArgv } from './ssh';

/** How to reach an engine. Plain data, so that it can be given to a worker thread. */
export type Connection =
  | { readonly kind: 'unix'; readonly socketPath: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls?: TlsFiles }
  | { readonly kind: 'program'; readonly argv: readonly string[] };

/** What the client's TLS files hold; without a CA the machine's own ones are used. */
export interface TlsFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly rejectUnauthorized: boolean;
}

/**
 * Turns an endpoint into a connection; nothing is dialled yet.
 *
 * @throws RuntimeError `unsupported` for addresses that were refused; `denied` while ssh may not be run for it
 */
export async function connectionTo(endpoint: DockerEndpoint): Promise<Connection> {
  const { address } = endpoint;
  const what = `Connecting to ${endpoint.url}`;
  switch (address?.kind) {
    case undefined:
      throw new RuntimeError({
        code: 'unsupported',
        what,
        reason: endpoint.refused ?? 'It has no address.',
        remedy: `${endpoint.why} Correct it there.`,
      });
    case 'ssh':
      if (endpoint.program?.allowed !== true) {
        throw new RuntimeError({
          code: 'denied',
          what,
          reason: `A program would be run for it, which you have not allowed yet: ${shellLine(sshArgv(address))}`,
          remedy:
            'Run the command “Connect Over SSH…”. Or open that host with Remote - SSH: then the explorer runs there and sees everything.',
        });
      }
      return { kind: 'program', argv: sshArgv(address) };
    case 'unix':
      return { kind: 'unix', socketPath: address.path };
    case 'tcp': {
      // The brackets of an IPv6 address belong to the text alone.
      const target = { kind: 'tcp', host: address.host.replace(/^\[|\]$/g, ''), port: address.port } as const;
      return address.tls ? { ...target, tls: await readTlsFiles(endpoint) } : target;
    }
  }
}

/** GET but for reader containers (see reader/calls.ts). */
export type Method = 'GET' | 'POST' | 'DELETE';

export interface RequestMore {
  readonly agent: Agent | false;
  readonly signal?: AbortSignal;
  /** GET unless told otherwise. */
  readonly method?: Method;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Begins a request. The caller listens to it and ends it. */
export function openRequest(connection: Connection, path: string, more: RequestMore): ClientRequest {
  const common: RequestOptions = { path, method: 'GET', ...more };
  if (connection.kind === 'unix') {
    return httpRequest({ ...common, socketPath: connection.socketPath, headers: { ...more.headers, Host: 'docker' } });
  }
  if (connection.kind === 'program') {
    const headers = { ...more.headers, Host: 'docker' };
    // An agent makes its connections itself (ProgramAgent); without one there is one for this request.
    const own = more.agent ? {} : { agent: undefined, createConnection: () => new ProgramStream(connection.argv) };
    // Node takes any stream here, which its types do not say; and `agent: false` would be an agent of its own.
    return httpRequest({ ...common, ...(own as object), headers });
  }
  const { host, port, tls } = connection;
  return tls ? httpsRequest({ ...common, host, port, ...tls }) : httpRequest({ ...common, host, port });
}

/** A file that is not there is none; one that is there and cannot be read would only be missed by the server. */
function absentOr(error: unknown, file: string): undefined {
  if (errnoOf(error) === 'ENOENT') return undefined;
  const { problem } = RuntimeError.from(error, `Reading ${file}`);
  const remedy = 'Let this user read it, or name another folder in DOCKER_CERT_PATH or in the context.';
  throw new RuntimeError({ ...problem, remedy }, error);
}

async function readTlsFiles({ tlsFolder, skipTlsVerify }: DockerEndpoint): Promise<TlsFiles> {
  const read = async (name: string): Promise<string | undefined> =>
    tlsFolder === undefined
      ? undefined
      : readSmallFile(join(tlsFolder, name)).catch((error: unknown) => absentOr(error, join(tlsFolder, name)));
  const [ca, cert, key] = await Promise.all([read('ca.pem'), read('cert.pem'), read('key.pem')]);
  return {
    rejectUnauthorized: !skipTlsVerify,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}
