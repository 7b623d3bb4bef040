import assert from 'node:assert/strict';
import { MASK, maskArgs, maskEnvEntry, maskPayload, maskText } from '../../../src/model/secrets';

/** A text that occurs nowhere else: where it shows, a secret shows. */
const CANARY = 'c4n4ry-Zx9';

const NAMES = [
  ...['DB_PASSWORD', 'DBPASSWORD', 'PGPASSWORD', 'PGPASS', 'MYSQL_PWD', 'ROOT_PASSWD', 'KEY_PASSPHRASE'],
  ...['API_TOKEN', 'AUTHTOKEN', 'npm_token', 'GITHUB_TOKEN', 'accessToken', 'CLIENT_SECRET', 'clientSecret'],
  ...['API_KEY', 'APIKEY', 'AWS_SECRET_ACCESS_KEY', 'PRIVATE_KEY', 'ENCRYPTION_KEY', 'REGISTRY_AUTH', 'SESSION_COOKIE'],
  ...['DB_CREDENTIALS', 'SENTRY_DSN', 'my.secret', 'jwt', 'CONNECTION_STRING', 'X_AUTHORIZATION'],
];

/** Values that are secrets whatever their name. */
const FORMS = [
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P',
  'AKIAIOSFODNN7EXAMPLE',
  `ghp_${'a1'.repeat(18)}`,
  `github_pat_${'a1'.repeat(20)}`,
  `glpat-${'a1'.repeat(10)}`,
  'xoxb-123456789012-abcdef',
  `sk_live_${'a'.repeat(24)}`,
  `AIza${'a1b2c'.repeat(7)}`,
  `npm_${'a1'.repeat(18)}`,
];

/** Every place in which a named secret can stand. */
const PLACES: Readonly<Record<string, (name: string) => unknown>> = {
  'a variable': (name) => maskEnvEntry(`${name}=${CANARY}`),
  'a variable of a spec': (name) => maskPayload({ process: { env: [`${name}=${CANARY}`] } }).value,
  'a variable of CRI': (name) => maskPayload({ config: { envs: [{ key: name, value: CANARY }] } }).value,
  'a label': (name) => maskPayload({ Config: { Labels: { [name]: CANARY } } }).value,
  'an annotation': (name) => maskPayload({ annotations: { [name]: CANARY } }).value,
  'an option with =': (name) => maskArgs(['serve', `--${name}=${CANARY}`]),
  'an option and a word': (name) => maskArgs(['serve', `--${name}`, CANARY, 'harmless']),
  'an option of docker run': (name) =>
    maskArgs(['docker', 'run', '-e', `${name}=${CANARY}`, `--env=${name}=${CANARY}`]),
  'a label of docker run': (name) =>
    maskArgs(['docker', 'run', `--label=${name}=${CANARY}`, '-l', `${name}=${CANARY}`]),
  'a script': (name) => maskArgs(['sh', '-c', `export ${name}=${CANARY}; serve --${name} ${CANARY}`]),
  'a health check': (name) =>
    maskPayload({ Healthcheck: { Test: ['CMD-SHELL', `ping --${name}=${CANARY} || exit 1`] } }).value,
  'the command line of Podman': (name) =>
    maskPayload({ Config: { CreateCommand: ['podman', 'run', '-e', `${name}=${CANARY}`] } }).value,
  'an event': (name) => maskPayload({ Action: `exec_create: psql --${name}=${CANARY}` }).value,
  'a log line': (name) => maskText(`starting with ${name}="${CANARY} ${CANARY}" and more`),
  'JSON in text': (name) => maskText(`{"${name}":"${CANARY}"}`),
  'a query': (name) => maskText(`GET /x?a=b&${name}=${CANARY}&c=d`),
};

describe('secrets in every place', () => {
  for (const [place, mask] of Object.entries(PLACES))
    it(`do not show in ${place}`, () => {
      const shown = NAMES.filter((name) => JSON.stringify(mask(name)).includes(CANARY));
      assert.deepEqual(shown, []);
    });

  it('do not show by their form, whatever they are called', () => {
    for (const form of FORMS) {
      const texts = [
        maskEnvEntry(`X=${form}`),
        maskPayload({ note: form, list: [form, `text with ${form} inside`] }).value,
        maskArgs(['serve', form, `--x=${form}`]),
        maskText(`said ${form}.`),
      ];
      for (const text of texts) assert.ok(!JSON.stringify(text).includes(form), JSON.stringify(text));
    }
  });

  it('do not show in URLs, headers and private keys', () => {
    const pem = `-----BEGIN RSA PRIVATE KEY-----\n${CANARY}\n-----END RSA PRIVATE KEY-----`;
    const texts = [
      ...['postgres', 'amqps', 'redis', 'https', 'mongodb+srv'].map((scheme) => `${scheme}://user:${CANARY}@host:1/x`),
      ...['Authorization: Bearer', 'Authorization: Basic', 'X-Registry-Auth:', 'Cookie: id='].map(
        (header) => `${header} ${CANARY}`,
      ),
      pem,
      `cut off: ${pem.slice(0, 50)}`,
    ];
    for (const text of texts) {
      const masked = [
        maskText(`before ${text}\nafter`),
        maskArgs(['curl', '-H', text]),
        maskPayload({ note: text, list: [text] }).value,
        maskEnvEntry(`URL=${text}`),
      ];
      assert.ok(!JSON.stringify(masked).includes(CANARY), JSON.stringify(masked));
    }
    assert.equal(maskText(`a ${pem} b`), `a ${MASK} b`);
    assert.equal(maskText('Authorization: Bearer abc'), `Authorization: Bearer ${MASK}`);
  });
});

describe('what only looks like a secret', () => {
  const hex = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
  const values = [
    ...[
      `sha256:${hex}`,
      hex,
      hex.slice(0, 12),
      '123e4567-e89b-12d3-a456-426614174000',
      'v1.2.3-rc.4+build.5',
      '20.10.24',
    ],
    ...['/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin', '/run/secrets/db', '/var/lib/docker/overlay2/x/merged'],
    ...['https://registry.example.test:5000/v2/', 'postgres://db:5432/shop', 'tcp://192.0.2.1:2375', 'a@example.test'],
    ...['io.containerd.runc.v2', 'system.slice:docker:abc', 'CAP_NET_ADMIN', 'rprivate,nosuid', '2026-01-01T00:00:00Z'],
    ...[
      'name: value',
      'key=value',
      'true',
      '0',
      'echo "hello world"',
      'exec_start: sh -c ls',
      'Up 3 minutes (healthy)',
    ],
  ];
  const names = [
    ...['PATH', 'HOME', 'KEYBOARD', 'MONKEY', 'AUTHOR', 'COMPASS', 'TOKENIZER', 'SECRETARY', 'BYPASS', 'PASSENGER'],
    ...['PASSWORD_FILE', 'SECRET_NAME', 'TOKEN_PATH', 'PUBLIC_KEY', 'com.docker.compose.config-hash', 'LANG'],
  ];

  it('stays as it is under harmless names, in every place', () => {
    let looks = 0;
    for (const value of values)
      for (const name of names) {
        looks++;
        assert.equal(maskEnvEntry(`${name}=${value}`), `${name}=${value}`);
        const payload = {
          env: [`${name}=${value}`],
          labels: { [name]: value },
          args: ['x', `--${name}=${value}`, value],
        };
        assert.deepEqual(maskPayload(payload), { value: payload, count: 0 });
        assert.equal(maskText(`${name}=${value}`), `${name}=${value}`);
      }
    assert.ok(looks >= 100);
  });

  it('stays as it is in a whole spec', () => {
    const spec = {
      ociVersion: '1.0.2',
      process: {
        user: { uid: 0 },
        args: ['sh', '-c', 'trap "exit 0" TERM; sleep 1'],
        env: ['PATH=/bin', 'TERM=xterm'],
      },
      linux: {
        namespaces: [{ type: 'pid' }, { type: 'network', path: '/proc/1/ns/net' }],
        resources: { pids: { limit: 1 } },
      },
      mounts: [{ destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] }],
    };
    assert.deepEqual(maskPayload(spec), { value: spec, count: 0 });
  });
});
