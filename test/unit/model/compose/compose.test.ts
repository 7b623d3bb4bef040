import assert from 'node:assert/strict';
import { load } from 'js-yaml';
import { composeDifferences } from '../../../../src/model/compose/compare';
import { recordOf, type AskedRecord } from '../../../../src/model/compose/record';
import { serviceIn } from '../../../../src/model/compose/service';
import { bytesOf, hasVariable, nanosecondsOf, wordsOf } from '../../../../src/model/compose/values';
import { known } from '../../../../src/model/fact';
import { buildLineage } from '../../../../src/model/lineage/buildLineage';
import { shopInspection, WEB } from '../../../support/shop';

const PLACE = { project: 'shop', folder: '/srv/shop' };

function asked(...files: readonly string[]): AskedRecord {
  const service = serviceIn(
    files.map((file) => load(file)),
    'web',
  );
  assert.ok(service);
  return recordOf(service, PLACE);
}

const web = (settings: string): string => `services:\n  web:\n${settings.replace(/^/gm, '    ')}\n`;

describe('values of Compose files', () => {
  it('are read as Compose reads sizes, durations and commands', () => {
    assert.deepEqual(['64m', '1.5gb', '1024', 512, '2KiB', '-1', '3 m'].map(bytesOf), [
      ...[64 * 2 ** 20, 1.5 * 2 ** 30, 1024, 512, 2048, -1, 3 * 2 ** 20],
    ]);
    assert.deepEqual(['', 'm', '1x', '1e9', [], null, '9'.repeat(30)].map(bytesOf), Array(7).fill(undefined));
    assert.deepEqual(['1m30s', '1.5h', '10ms', '5us'].map(nanosecondsOf), [90e9, 5400e9, 10e6, 5000]);
    assert.deepEqual(
      ['', '5', 's', '1 s', '-1s', `${'1s'.repeat(5000)}x`].map(nanosecondsOf),
      Array(6).fill(undefined),
    );
    assert.deepEqual(wordsOf(`sh -c "echo \\"a b\\" '$x'" 'it''s' a\\ b ""`), [
      ...['sh', '-c', `echo "a b" '$x'`, 'its', 'a b', ''],
    ]);
    assert.equal(wordsOf('"open'), undefined);
  });

  it('hold a variable or not, however deep, and $$ is a dollar sign', () => {
    for (const value of ['$A', '${A:-1}', 'x$A', '$$$A', ['a', { b: '${C}' }]])
      assert.ok(hasVariable(value), JSON.stringify(value));
    for (const value of ['$$A', 'a$', '5$', '$1', '', null, ['$$']])
      assert.ok(!hasVariable(value), JSON.stringify(value));
    // Aliases make a small file a tree that nobody could walk.
    let bomb: unknown = 'x';
    for (let depth = 0; depth < 40; depth++) bomb = Array(10).fill(bomb);
    assert.ok(hasVariable(bomb));
    const circle: unknown[] = [];
    circle.push(circle);
    assert.ok(hasVariable(circle));
  });
});

describe('a service of Compose files', () => {
  it('becomes the record that the engine has of it', () => {
    const { record, plain, unread } = asked(
      web(
        [
          'image: web:1',
          'mem_limit: 64m',
          'deploy: { resources: { limits: { cpus: "0.5", pids: 50 } } }',
          'cap_add: [NET_ADMIN]',
          'read_only: true',
          'user: "1000:1000"',
          'environment: { MODE: fast, COUNT: 3, PRICE: "5$$" }',
          'labels: ["a=b", "c"]',
          'ulimits: { nofile: { soft: 256, hard: 512 }, nproc: 100 }',
          'sysctls: [net.core.somaxconn=512]',
          'command: sh -c "sleep 1"',
          'entrypoint: [/bin/sh]',
          'restart: on-failure:3',
          'ports: ["8080:80", "127.0.0.1:53:53/udp", { target: 81, published: "8081" }, "90"]',
          'volumes: ["./data:/data:ro", "cache:/cache", "/anonymous", { type: bind, source: /srv/x, target: /x }, named:/n]',
          'healthcheck: { test: "true", interval: 1m30s, retries: 2 }',
          'depends_on: [db]',
        ].join('\n'),
      ) + 'volumes: { named: { name: other }, cache: {} }\n',
    );
    assert.deepEqual(unread, []);
    assert.deepEqual(record, {
      HostConfig: {
        Memory: 64 * 2 ** 20,
        NanoCpus: 5e8,
        PidsLimit: 50,
        CapAdd: ['NET_ADMIN'],
        ReadonlyRootfs: true,
        Ulimits: [
          { Name: 'nofile', Soft: 256, Hard: 512 },
          { Name: 'nproc', Soft: 100, Hard: 100 },
        ],
        Sysctls: { 'net.core.somaxconn': '512' },
      },
      Config: { User: '1000:1000', Env: ['MODE=fast', 'COUNT=3', 'PRICE=5$'] },
    });
    assert.deepEqual(plain, {
      Config: {
        Image: 'web:1',
        Labels: { a: 'b', c: '' },
        Cmd: ['sh', '-c', 'sleep 1'],
        Entrypoint: ['/bin/sh'],
        Healthcheck: { Test: ['CMD-SHELL', 'true'], Interval: 90e9, Retries: 2 },
      },
      HostConfig: {
        RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 },
        PortBindings: {
          '80/tcp': [{ HostIp: '', HostPort: '8080' }],
          '53/udp': [{ HostIp: '127.0.0.1', HostPort: '53' }],
          '81/tcp': [{ HostIp: '', HostPort: '8081' }],
          '90/tcp': [{ HostIp: '', HostPort: '' }],
        },
      },
      Mounts: {
        '/data': { Type: 'bind', RW: false, Source: '/srv/shop/data' },
        '/cache': { Type: 'volume', RW: true, Name: 'shop_cache' },
        '/anonymous': { Type: 'volume', RW: true },
        '/x': { Type: 'bind', RW: true, Source: '/srv/x' },
        '/n': { Type: 'volume', RW: true, Name: 'other' },
      },
    });
  });

  it('is laid over by later files: mappings by their keys, lists added to, commands replaced', () => {
    const { record, plain } = asked(
      web('mem_limit: 64m\ncap_add: [A]\nenvironment: [A=1, B=2]\ncommand: [one, two]'),
      web('mem_limit: 32m\ncap_add: [B]\nenvironment: { B: 3 }\ncommand: [three]'),
      'services: { db: {} }',
    );
    assert.deepEqual(record.HostConfig, { Memory: 32 * 2 ** 20, CapAdd: ['A', 'B'] });
    assert.deepEqual(record.Config, { Env: ['A=1', 'B=3'] });
    assert.deepEqual(plain['Config'], { Cmd: ['three'] });
  });

  it('says what is not compared, and why: variables, files, unknown keys and values', () => {
    const { record, unread } = asked(
      web(
        'mem_limit: ${LIMIT}\nenvironment: [FROM_SHELL, "A=${B}"]\nenv_file: .env\nextends: x\ngpus: all\n' +
          'cpus: many\nnetwork_mode: service:db\nsecurity_opt: ["seccomp:./profile.json"]\nports: ["3000-3005:3000-3005"]\nx-own: 1',
      ),
    );
    assert.deepEqual(record, { HostConfig: {}, Config: {} });
    assert.deepEqual(unread.map(({ key }) => key).sort(), [
      ...['cpus', 'env_file', 'environment.A', 'environment.FROM_SHELL', 'extends', 'gpus', 'mem_limit'],
      ...['network_mode', 'ports', 'security_opt'],
    ]);
    assert.ok(unread.every(({ why }) => /\.$/.test(why)));
  });

  it('is none for hostile documents, and takes no foreign key for a member', () => {
    for (const document of [null, 1, 'text', [], {}, { services: [] }, { services: { web: 1 } }, { services: null }])
      assert.equal(serviceIn([document], 'web'), undefined);
    assert.equal(serviceIn([{ services: {} }], '__proto__'), undefined);
    assert.equal(serviceIn([{ services: {} }], 'constructor'), undefined);
    const { plain, unread } = asked(web('constructor: 1\nlabels: { "__proto__": a }\ntoString: x'));
    assert.deepEqual(Object.entries((plain['Config'] as { Labels: object }).Labels), [['__proto__', 'a']]);
    assert.deepEqual(
      unread.map(({ key }) => key),
      ['constructor', 'toString'],
    );
  });
});

describe('a container and its Compose file', () => {
  const record = {
    Id: WEB,
    Config: {
      Image: 'web:1',
      Env: ['MODE=slow', 'DB_PASSWORD=hunter2-hunter2', 'OWN=1'],
      Labels: { a: 'x' },
      Tty: false,
    },
    HostConfig: {
      Memory: 32 * 2 ** 20,
      CapAdd: ['CAP_NET_ADMIN', 'CAP_CHOWN'],
      NanoCpus: 5e8,
      RestartPolicy: { Name: 'no' },
    },
    Mounts: [{ Type: 'bind', Source: '/srv/shop/data', Destination: '/data', RW: true }],
  };
  const { facts } = shopInspection(WEB, {
    engineRecord: known('docker-api', record, 'docker inspect', 'docker inspect'),
    ociConfig: known('bundle', { process: { env: record.Config.Env } }, 'config.json', 'cat config.json'),
  });
  const rows = buildLineage(facts, { reveal: true });
  const differences = (settings: string, reveal = false): Record<string, string | undefined> => {
    const { settings: found, members } = composeDifferences(facts, rows, asked(web(settings)), reveal);
    return Object.fromEntries([
      ...found.map(({ setting, asked: wish, hidden }) => [setting, hidden ? 'hidden' : wish]),
      ...members.map(({ path, left, right }) => [path.join('.'), `${left} ${right}`]),
    ]) as Record<string, string | undefined>;
  };

  it('differ in what the file asks otherwise, and in what it does not ask for', () => {
    const same = 'cap_add: [CHOWN, NET_ADMIN]\ncpus: 0.5\nmem_limit: 32m\n';
    assert.deepEqual(differences(`${same}environment: [MODE=slow, DB_PASSWORD=hunter2-hunter2, OWN=1]`), {});
    assert.deepEqual(
      differences(`${same.replace('32m', '64m')}environment: [MODE=fast, DB_PASSWORD=other-secret]\ntty: true`),
      {
        'Memory limit': '64 MiB (67,108,864 bytes)',
        MODE: 'fast',
        DB_PASSWORD: 'hidden',
        OWN: undefined,
        Terminal: 'a terminal',
      },
    );
  });

  it('differ in what has no lineage', () => {
    const plain = 'image: web:2\nlabels: { a: b }\nrestart: always\nvolumes: ["./data:/data:ro"]';
    const found = differences(`${plain}\nenv_file: x`);
    assert.equal(found['Config.Image'], 'web:2 web:1');
    assert.equal(found['Config.Labels.a'], 'b x');
    assert.equal(found['HostConfig.RestartPolicy.Name'], 'always no');
    assert.equal(found['Mounts./data.RW'], 'false true');
    // Of what the file may say elsewhere nothing is told.
    assert.ok(!('OWN' in found) && !('Memory limit' in found));
  });

  it('show a secret only when it is revealed', () => {
    const file = 'environment: [DB_PASSWORD=other-secret]';
    assert.equal(differences(file)['DB_PASSWORD'], 'hidden');
    assert.equal(differences(file, true)['DB_PASSWORD'], 'other-secret');
  });
});
