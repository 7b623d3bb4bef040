import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  isSecretName,
  MASK,
  maskArgs,
  maskEnvEntry,
  maskPayload,
  maskText,
  maskValue,
} from '../../../src/model/secrets';

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P';

describe('masking secrets', () => {
  const secretNames = [
    ...[
      'DB_PASSWORD',
      'MYSQL_ROOT_PASSWORD',
      'PGPASS',
      'API_TOKEN',
      'GITHUB_TOKEN',
      'AWS_SECRET_ACCESS_KEY',
      'SECRET',
      'clientSecret',
    ],
    ...[
      'dbPassword',
      'api-key',
      'apikey',
      'API_KEY',
      'STRIPE_API_KEY',
      'ENCRYPTION_KEY',
      'PRIVATE_KEY',
      'AUTH',
      'X-Registry-Auth',
      'Authorization',
    ],
    ...[
      'aws.credentials',
      'SESSION_COOKIE',
      'JWT',
      'ADMIN_PWD',
      'REDIS_PASS',
      'SSH_PASSPHRASE',
      'SENTRY_DSN',
      'DB_CONNECTION_STRING',
    ],
  ];
  const harmlessNames = [
    ...[
      'PATH',
      'HOME',
      'KEYBOARD',
      'MONKEY',
      'AUTHOR',
      'COMPASS',
      'PASSENGERS',
      'TOKENIZER',
      'HOSTNAME',
      'LANG',
      'TERM',
      'PASSWORD_FILE',
      'TOKEN_PATH',
    ],
    ...[
      'BYPASS',
      'SECRETARY',
      'PUBLIC_KEY',
      'KEY',
      'com.docker.compose.config-hash',
      'io.kubernetes.pod.name',
      'SECRET_NAME',
      'TOKEN_TTL',
      'authority',
    ],
  ];

  it('knows secrets by their name', () => {
    assert.deepEqual(
      secretNames.filter((name) => !isSecretName(name)),
      [],
    );
    assert.deepEqual(harmlessNames.filter(isSecretName), []);
  });

  it('masks the value and keeps the name', () => {
    assert.equal(maskEnvEntry('DB_PASSWORD=hunter2'), `DB_PASSWORD=${MASK}`);
    assert.equal(maskEnvEntry('DB_PASSWORD=a=b=c'), `DB_PASSWORD=${MASK}`);
    assert.equal(maskEnvEntry('DB_PASSWORD='), 'DB_PASSWORD=');
    assert.equal(maskEnvEntry('LOG_LEVEL=debug'), 'LOG_LEVEL=debug');
  });

  it('knows secrets by their form', () => {
    const values = [
      JWT,
      'AKIAIOSFODNN7EXAMPLE',
      `ghp_${'a1'.repeat(18)}`,
      'xoxb-123456789012-abc',
      '-----BEGIN RSA PRIVATE KEY-----\nMII',
      `sk_live_${'a'.repeat(24)}`,
    ];
    for (const value of values) assert.equal(maskValue(value), MASK, value);
  });

  it('leaves harmless look-alikes alone', () => {
    const harmless = [
      'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      '123e4567-e89b-12d3-a456-426614174000',
      '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin',
      'v1.2.3-rc.4+build.5',
      'https://registry.example.test/v2/library/busybox',
      'postgres://db.example.test:5432/shop',
    ];
    for (const value of harmless) assert.equal(maskValue(value), value);
  });

  it('masks the password of a URL alone', () => {
    assert.equal(maskValue('postgres://admin:hunter2@db/shop'), `postgres://admin:${MASK}@db/shop`);
    assert.equal(maskEnvEntry('URL=amqp://u:p%40ss@mq:5672/x'), `URL=amqp://u:${MASK}@mq:5672/x`);
  });

  it('masks words of command lines', () => {
    assert.deepEqual(maskArgs(['mysqld', '--password=abc', '--port=3306']), [
      'mysqld',
      `--password=${MASK}`,
      '--port=3306',
    ]);
    assert.deepEqual(maskArgs(['x', '--token', 'abc', 'def']), ['x', '--token', MASK, 'def']);
    assert.deepEqual(maskArgs(['docker', 'run', '-e', 'API_TOKEN=abc', '--env=A=b', 'busybox']), [
      ...['docker', 'run', '-e', `API_TOKEN=${MASK}`, '--env=A=b', 'busybox'],
    ]);
    assert.deepEqual(maskArgs(['sh', '-c', 'DB_PASSWORD=x run']), ['sh', '-c', `DB_PASSWORD=${MASK}`]);
  });

  it('masks deep inside a record, counts, and changes nothing else', () => {
    const record = {
      process: { env: ['API_TOKEN=abc', 'PATH=/bin'], args: ['run', '--secret', 'abc'] },
      annotations: { 'db.password': 'abc', note: 'abc' },
      Config: { Labels: { token: 'x' } },
    };
    const { value, count } = maskPayload(record);
    assert.deepEqual(value, {
      process: { env: [`API_TOKEN=${MASK}`, 'PATH=/bin'], args: ['run', '--secret', MASK] },
      annotations: { 'db.password': MASK, note: 'abc' },
      Config: { Labels: { token: MASK } },
    });
    assert.equal(count, 4, 'a secret of one letter masks only its own field');
  });

  it('keeps hostile keys as plain members', () => {
    const hostile: unknown = JSON.parse('{"__proto__": {"token": "abc"}, "constructor": "x"}');
    const { value } = maskPayload(hostile);
    assert.deepEqual(Object.keys(value as object), ['__proto__', 'constructor']);
    assert.equal(({} as Record<string, unknown>).token, undefined);
  });

  it('masks running text', () => {
    assert.equal(maskText('POST /x?token=abc&a=b'), `POST /x?token=${MASK}&a=b`);
    assert.equal(maskText(`Authorization: ${JWT}`).includes('eyJ'), false);
    assert.equal(maskText('connect to postgres://u:pw@h/'), `connect to postgres://u:${MASK}@h/`);
  });

  it('never throws, and never takes long on hostile text', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => void maskPayload(value)));
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void maskText(text)));
    for (const text of [
      'a:'.repeat(200_000),
      '://'.repeat(200_000),
      '='.repeat(500_000),
      'eyJ'.repeat(200_000),
      ' a='.repeat(200_000),
    ])
      maskText(text);
    let deep: unknown = 'x';
    for (let depth = 0; depth < 5_000; depth++) deep = [deep];
    maskPayload(deep);
  });
});
