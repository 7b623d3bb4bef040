import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isSecretName, maskSecrets } from '../../../../src/views/panels/models/secrets';

const masked = (value: unknown): unknown => maskSecrets(value).document;

describe('masking secrets', () => {
  it('masks by structure: assignments, flags, fields, addresses', () => {
    assert.deepEqual(masked(['MYSQL_ROOT_PASSWORD=a', '--api-key=b', '--token', 'cc', 'x', 'SIGNING_KEY=d']), [
      'MYSQL_ROOT_PASSWORD=••••••••',
      '--api-key=••••••••',
      '--token',
      '••••••••',
      'x',
      'SIGNING_KEY=••••••••',
    ]);
    assert.deepEqual(masked({ annotations: { 'registry.auth': 'e' } }), {
      annotations: { 'registry.auth': '••••••••' },
    });
    assert.deepEqual(masked(['URL=postgres://app:pw@db:5432/x']), ['URL=postgres://app:••••••••@db:5432/x']);
  });

  it('masks by shape: keys, tokens', () => {
    for (const text of [
      '-----BEGIN RSA PRIVATE KEY-----\nabc',
      'x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc',
      'AKIAIOSFODNN7EXAMPLE',
      `ghp_${'a'.repeat(36)}`,
    ]) {
      assert.equal(maskSecrets([`VALUE=${text}`]).secrets, 1, text);
    }
  });

  it('leaves what only looks like a secret', () => {
    const harmless = [
      'PATH=/usr/bin',
      'HOME=/root',
      `DIGEST=sha256:${'0'.repeat(64)}`,
      'PGPASSFILE_PATH=/x',
      'SSH_AUTH_SOCK=/tmp/a',
      'AUTHOR=me',
      'EMPTY_PASSWORD=',
      'KEYBOARD=de',
    ];
    assert.deepEqual(maskSecrets(harmless), { document: harmless, secrets: 0 });
    assert.equal(isSecretName('XAUTHORITY'), false);
  });

  it('keeps the shape of any document and never changes the original', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const before = JSON.stringify(value);
        const { document, secrets } = maskSecrets(value);
        assert.equal(JSON.stringify(value), before);
        if (secrets === 0) assert.equal(JSON.stringify(document), before);
        assert.equal(shape(document), shape(value));
      }),
      { numRuns: 2000 },
    );
  });

  it('takes text of a megabyte that tempts every pattern', () => {
    for (const piece of ['a://', 'eyJaaaaaaaaaa.', '-----BEGIN ', 'password', 'a://b:']) {
      const text = piece.repeat(Math.ceil(1_000_000 / piece.length));
      assert.equal(typeof JSON.stringify(masked([text, `X=${text}`])), 'string');
    }
  });
});

/** The structure of a document without its strings. */
function shape(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => (typeof member === 'string' ? '' : member));
}
