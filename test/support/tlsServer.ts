// An engine over TCP with TLS, and a client's files for it.
import { mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Disposable } from '../../src/util/disposables';
import type { Certificates } from './certificates';

export interface TlsServer extends Disposable {
  readonly port: number;
}

/** Puts TLS before an engine, as stunnel would: on the loopback address, for whoever has a certificate. */
export async function startTlsServer(engineSocket: string, options: ServerOptions): Promise<TlsServer> {
  const server = createServer({ requestCert: true, rejectUnauthorized: true, ...options }, (asked, answer) => {
    const call = request(
      { socketPath: engineSocket, method: asked.method, path: asked.url, headers: asked.headers, agent: false },
      (response) => {
        answer.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(answer);
      },
    );
    call.on('error', () => answer.destroy());
    answer.on('close', () => call.destroy());
    asked.pipe(call);
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    dispose: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** What such a server needs of an authority's certificates. */
export function serverOptions({ ca, serverCert, serverKey }: Certificates): ServerOptions {
  return { ca, cert: serverCert, key: serverKey };
}

/** Writes a client's folder with these files, as DOCKER_CERT_PATH names it; returns its path. */
export function writeClientFolder(path: string, ca: string, cert?: string, key?: string): string {
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'ca.pem'), ca);
  if (cert !== undefined) writeFileSync(join(path, 'cert.pem'), cert);
  if (key !== undefined) writeFileSync(join(path, 'key.pem'), key);
  return path;
}
