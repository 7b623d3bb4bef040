import assert from 'node:assert/strict';
import fc from 'fast-check';
import { addressText, parseDockerAddress, type DockerAddress } from '../../../../src/adapters/docker/address';
import { runs } from '../../../support/runs';

describe('addresses of Docker engines', () => {
  const accepted: readonly (readonly [string, DockerAddress])[] = [
    ['unix:///var/run/docker.sock', { kind: 'unix', path: '/var/run/docker.sock' }],
    ['/var/run/../run/docker.sock', { kind: 'unix', path: '/var/run/docker.sock' }],
    ['tcp://10.0.0.1', { kind: 'tcp', host: '10.0.0.1', port: 2375, tls: false }],
    ['tcp://10.0.0.1:80', { kind: 'tcp', host: '10.0.0.1', port: 80, tls: false }],
    ['tcp://:2376', { kind: 'tcp', host: '127.0.0.1', port: 2376, tls: false }],
    ['tcp://[::1]:2375', { kind: 'tcp', host: '[::1]', port: 2375, tls: false }],
    ['https://engine.example.test', { kind: 'tcp', host: 'engine.example.test', port: 2376, tls: true }],
    ['engine.example.test:2375', { kind: 'tcp', host: 'engine.example.test', port: 2375, tls: false }],
    [
      'ssh://me@engine.example.test:22/run/docker.sock',
      { kind: 'ssh', user: 'me', host: 'engine.example.test', port: 22, socket: '/run/docker.sock' },
    ],
    ['ssh://engine', { kind: 'ssh', host: 'engine' }],
    ['ssh://[::1]:2222', { kind: 'ssh', host: '::1', port: 2222 }],
  ];
  for (const [given, address] of accepted) {
    it(`reads ${given}`, () => assert.deepEqual(parseDockerAddress(given), { address }));
  }

  it('speaks TLS where it is told to', () => {
    assert.deepEqual(parseDockerAddress('tcp://engine.example.test', true), {
      address: { kind: 'tcp', host: 'engine.example.test', port: 2376, tls: true },
    });
  });

  const refused = [
    '',
    ' ',
    '-oProxyCommand=touch /tmp/x',
    '-oProxyCommand=x',
    'ssh://-oProxyCommand=x',
    'ssh://me@-oProxyCommand=x',
    'ssh://a@b@-oProxyCommand=x',
    'ssh://',
    'ssh://me:secret@engine.example.test',
    'ssh://$(touch x)@engine.example.test',
    'ssh://me@engine;touch$IFS/tmp/x',
    'ssh://me@engine.example.test:99999',
    'ssh://engine.example.test/run/$(touch)/docker.sock',
    'tcp://me:secret@engine.example.test',
    'tcp://-x',
    'tcp://engine.example.test:2375/path',
    'tcp://engine.example.test:99999',
    'tcp://a b',
    'unix://relative.sock',
    'unix:///a\nb',
    'unix:///a\u0000b',
    `unix:///${'x'.repeat(107)}`,
    'npipe:////./pipe/docker_engine',
    'fd://',
    'file:///etc/passwd',
    'javascript://x',
  ];
  for (const text of refused) {
    it(`refuses ${JSON.stringify(text).slice(0, 50)} with a reason that does not repeat it`, () => {
      const parsed = parseDockerAddress(text);
      assert.ok('refused' in parsed, JSON.stringify(parsed));
      assert.match(parsed.refused, /^\w[^\n]+\.$/);
      assert.ok(!parsed.refused.includes('secret'));
    });
  }

  it('takes the root for no socket, however it is written', () => {
    for (const text of ['ssh://a', 'ssh://a/', 'ssh://a//', 'ssh://a/..', 'ssh://a/./'])
      assert.deepEqual(parseDockerAddress(text, false), { address: { kind: 'ssh', host: 'a' } }, text);
  });

  it('never throws, and what it writes it reads again', () => {
    const pieces = fc.constantFrom(
      'unix://',
      'tcp://',
      'ssh://',
      'https://',
      '/',
      '@',
      ':',
      '-',
      '[',
      ']',
      '..',
      'a',
      '%',
      '?',
    );
    const addresses = fc.oneof(
      fc.string(),
      fc.array(fc.oneof(pieces, fc.string())).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(addresses, fc.boolean(), (given, tls) => {
        const parsed = parseDockerAddress(given, tls);
        if ('refused' in parsed) return;
        const { address } = parsed;
        assert.deepEqual(
          parseDockerAddress(addressText(address), tls || (address.kind === 'tcp' && address.tls)),
          parsed,
        );
        if (address.kind === 'ssh') assert.ok(!/^-/.test(address.host) && !/^-/.test(address.user ?? ''));
      }),
      { numRuns: runs(5_000) },
    );
  });
});
