// docs/access.md against the code: what a socket proxy or a policy is configured for must be all that is asked. Docker's calls
// are held against a real engine in test/integration/access.test.ts, and files against what strace sees.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { METHODS } from '../../src/adapters/containerd/methods';
import { callsTo } from '../support/accessDoc';

const read = (...files: string[]): string =>
  files.map((file) => readFileSync(join('src/adapters', file), 'utf8')).join('\n');
const filesIn = (folder: string): string[] =>
  readdirSync(join('src/adapters', folder)).map((name) => join(folder, name));
const found = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, one = '']) => one);
const sorted = (calls: Iterable<string>): string[] => [...new Set(calls)].sort();

/** A path as the code writes it, in the document's way: what is filled in has a name, and there is no query. */
const asListed = (path: string): string =>
  path
    .replace(/\?.*$/, '')
    .replace(/\$\{API\}/, '/libpod')
    .replace(/\$\{encodeURIComponent\((?:container\.runtimeId|nodeName|namespace)\)\}/g, '{}');
const unnamed = (path: string): string => path.replace(/\{\w*\}/g, '{}');

describe('docs/access.md', () => {
  it('lists the methods of containerd that are called, and no other', () => {
    const called = Object.values(METHODS).map(({ path }) => path.replace('/containerd.services.', ''));
    assert.ok(called.length > 8);
    assert.deepEqual(sorted(callsTo('containerd gRPC')), sorted(called));
  });

  it('lists the methods of CRI that are called, and no other', () => {
    const called = found(read(...filesIn('cri')), /\bcall\(\s*'(\w+)'/g);
    assert.ok(called.length >= 6);
    assert.deepEqual(sorted(callsTo('CRI gRPC')), sorted(called));
  });

  it('lists the calls to shims, and no other', () => {
    const source = read('containerd/shim.ts');
    const [method] = found(source, /METHOD = '(\w+)'/g);
    const called = found(source, /'(containerd\.task\.v\d\.Task)'/g).map((service) => `${service}/${method}`);
    assert.deepEqual(sorted(callsTo('shims')), sorted(called));
  });

  it('lists the calls to Podman, and no other', () => {
    const called = found(read(...filesIn('podman')), /`(\$\{API\}[^`]*)`/g).map(asListed);
    assert.ok(called.length >= 4);
    assert.deepEqual(sorted(callsTo('Podman').map(unnamed)), sorted(called.map((path) => `GET ${path}`)));
  });

  it('lists the calls to Kubernetes, and no other', () => {
    const called = found(
      read(...filesIn('kubernetes')),
      /['`](\/(?:apis?|version|metrics|healthz|livez|readyz)\b[^'`]*)['`]/g,
    );
    const listed = callsTo('Kubernetes').map(unnamed);
    assert.deepEqual(sorted(listed), sorted(called.map((path) => `GET ${asListed(path)}`)));
  });

  it('knows every place in the code that can ask somebody, or start a program', () => {
    const places = readdirSync('src', { recursive: true })
      .map((name) => join('src', String(name)))
      .filter((file) => file.endsWith('.ts'))
      .filter((file) =>
        /from 'node:(?:https?|http2|net|tls|dgram|dns|child_process)'/.test(readFileSync(file, 'utf8')),
      );
    assert.deepEqual(places.sort(), [
      'src/adapters/containerd/ttrpc.ts',
      'src/adapters/docker/body.ts',
      'src/adapters/docker/client.ts',
      'src/adapters/docker/connection.ts',
      'src/adapters/docker/eventStream.ts',
      'src/adapters/docker/modem.ts',
      'src/adapters/docker/programStream.ts',
      'src/adapters/docker/reader/calls.ts',
      'src/adapters/docker/tlsProblems.ts',
      'src/adapters/grpc/channel.ts',
      'src/adapters/grpc/probe.ts',
      'src/adapters/kubernetes/client.ts',
      'src/adapters/kubernetes/execPlugin.ts',
      'src/adapters/oci/programs.ts',
      'src/adapters/podman/client.ts',
      'src/adapters/recording/links.ts',
      'src/adapters/recording/relayProcess.ts',
      'src/relay/pump.ts',
      'src/relay/relay.ts',
    ]);
  });
});
