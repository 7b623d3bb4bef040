// A certificate authority of a test's own, with certificates for a server on 127.0.0.1 and for a client.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Certificates {
  readonly ca: string;
  readonly serverCert: string;
  readonly serverKey: string;
  readonly clientCert: string;
  readonly clientKey: string;
  /** Of the same authority, but it expired yesterday. */
  readonly expiredCert: string;
  /** Of the same authority, but for another host. */
  readonly otherHostCert: string;
}

/** Makes all of them in a folder; those of servers share one key. With the openssl command line. Valid for a day. */
export function makeCertificates(folder: string): Certificates {
  const file = (name: string): string => join(folder, name);
  const openssl = (...args: readonly string[]): void => {
    execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: 60_000 });
  };
  const key = (name: string): void =>
    openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', file(name));
  key('ca.key');
  openssl(
    'req',
    '-x509',
    '-new',
    '-key',
    file('ca.key'),
    '-days',
    '1',
    '-subj',
    '/CN=test authority',
    '-out',
    file('ca.pem'),
  );
  const signed = (name: string, subject: string, extension: string, days = 1, keyOf = name): void => {
    if (keyOf === name) key(`${name}.key`);
    writeFileSync(file(`${name}.ext`), extension);
    openssl('req', '-new', '-key', file(`${keyOf}.key`), '-subj', subject, '-out', file(`${name}.csr`));
    openssl(
      ...[
        'x509',
        '-req',
        '-in',
        file(`${name}.csr`),
        '-CA',
        file('ca.pem'),
        '-CAkey',
        file('ca.key'),
        '-CAcreateserial',
      ],
      ...['-days', String(days), '-extfile', file(`${name}.ext`), '-out', file(`${name}.pem`)],
    );
  };
  signed('server', '/CN=kube-apiserver', 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
  // Kubernetes takes the user's name from CN and the groups from O.
  signed('client', '/CN=alice/O=developers', 'extendedKeyUsage=clientAuth\n');
  signed('expired', '/CN=expired', 'subjectAltName=IP:127.0.0.1\n', -1, 'server');
  signed('otherHost', '/CN=other', 'subjectAltName=DNS:engine.example.test\n', 1, 'server');
  const text = (name: string): string => readFileSync(file(name), 'utf8');
  return {
    ca: text('ca.pem'),
    serverCert: text('server.pem'),
    serverKey: text('server.key'),
    clientCert: text('client.pem'),
    clientKey: text('client.key'),
    expiredCert: text('expired.pem'),
    otherHostCert: text('otherHost.pem'),
  };
}
