import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import type { ServerOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Problem } from '../../src/model/problem';
import { isKnown } from '../../src/model/fact';
import { startLab, type Lab } from '../lab/lab';
import { makeCertificates, type Certificates } from '../support/certificates';
import { serverOptions, startTlsServer, writeClientFolder, type TlsServer } from '../support/tlsServer';
import { buildProbe, type Probe, type Seen } from '../support/unprivileged';

describe('an engine over TCP with mutual TLS', () => {
  let lab: Lab;
  let probe: Probe;
  let folder: string;
  let certificates: Certificates;
  let others: Certificates;
  let running: string;
  const servers: TlsServer[] = [];

  before(async () => {
    lab = await startLab();
    probe = buildProbe();
    folder = mkdtempSync(join(tmpdir(), 'cre-tls-'));
    const made = (name: string): Certificates => {
      mkdirSync(join(folder, name));
      return makeCertificates(join(folder, name));
    };
    certificates = made('ours');
    others = made('others');
    running = await lab.mustDocker(['run', '--detach', '--network=none', lab.image, 'sleep', '36000']);
  });
  after(async () => {
    for (const server of servers) server.dispose();
    probe?.dispose();
    if (folder) rmSync(folder, { recursive: true, force: true });
    await lab?.stop();
  });

  /** Puts TLS before the lab's engine; returns the port. */
  async function serve(options: ServerOptions): Promise<number> {
    const server = await startTlsServer(lab.dockerSocket, options);
    servers.push(server);
    return server.port;
  }

  const clientFolder = (name: string, ca: string, cert?: string, key?: string): string =>
    writeClientFolder(join(folder, name), ca, cert, key);

  async function seen(port: number, certPath: string, ...ids: string[]): Promise<Seen> {
    const endpoint = `tcp://127.0.0.1:${port}`;
    const env = { ...lab.env, DOCKER_HOST: endpoint, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: certPath };
    return probe.see('root', ids, { ...env, CRE_AWAIT: endpoint });
  }

  async function problemOf(port: number, certPath: string): Promise<Problem> {
    const { inventory } = await seen(port, certPath);
    const layer = inventory.layers.find(({ kind, endpoint }) => kind === 'engine' && endpoint?.endsWith(`:${port}`));
    assert.ok(layer?.problem, JSON.stringify(layer));
    return layer.problem as Problem;
  }

  const server = (): ServerOptions => serverOptions(certificates);
  const ours = (): string => clientFolder('good', certificates.ca, certificates.clientCert, certificates.clientKey);

  it('is asked with the files of DOCKER_CERT_PATH', async () => {
    const { inspections } = await seen(await serve(server()), ours(), running);
    const pid = inspections[0]?.facts.initPid;
    assert.ok(pid && isKnown(pid));
    const expected = await lab.mustDocker(['inspect', '--format', '{{.State.Pid}}', running]);
    assert.equal(String(pid.value), expected);
  });

  it('whose authority is another says so', async () => {
    const wrong = clientFolder('wrong-ca', others.ca, certificates.clientCert, certificates.clientKey);
    const { reason, remedy } = await problemOf(await serve(server()), wrong);
    assert.match(reason, /certificate is not signed by the one in .*wrong-ca\/ca\.pem/);
    assert.match(remedy ?? '', /openssl s_client/);
  });

  it('whose certificate has expired says so', async () => {
    const { reason } = await problemOf(await serve({ ...server(), cert: certificates.expiredCert }), ours());
    assert.match(reason, /certificate has expired \(CERT_HAS_EXPIRED\)/);
  });

  it('whose certificate is for another host says for which', async () => {
    const { reason } = await problemOf(await serve({ ...server(), cert: certificates.otherHostCert }), ours());
    assert.match(reason, /certificate is for DNS:engine\.example\.test, and not for 127\.0\.0\.1/);
  });

  it('that wants a certificate of ours says so', async () => {
    const port = await serve(server());
    const { code, reason, remedy } = await problemOf(port, clientFolder('none', certificates.ca));
    assert.equal(code, 'denied', reason);
    assert.match(reason, /does not take our certificate, or wants one/);
    assert.match(remedy ?? '', /cert\.pem and key\.pem/);
  });

  it('that does not trust who signed ours says so', async () => {
    const port = await serve(server());
    const foreign = clientFolder('foreign', certificates.ca, others.clientCert, others.clientKey);
    const { reason, remedy } = await problemOf(port, foreign);
    // Go's servers send an alert, Node's only break off.
    assert.match(reason, /does not take our certificate/);
    assert.match(remedy ?? '', /authority that the server trusts/);
  });

  it('is not asked with a key that belongs to another certificate', async () => {
    const port = await serve(server());
    const mixed = clientFolder('mixed', certificates.ca, certificates.clientCert, others.clientKey);
    const { code, reason } = await problemOf(port, mixed);
    assert.equal(code, 'malformed', reason);
    assert.match(reason, /key\.pem does not belong to cert\.pem/);
  });
});
