import assert from 'node:assert/strict';
import fc from 'fast-check';
import { explainSpecPath } from '../../../src/explain/specPath';
import { RLIMIT_NAMES } from '../../../src/explain/spec/process';
import { SCHEMA_PATHS } from './schemaPaths';

describe('the fields of config.json', () => {
  it('are all explained: every field of the published schema', () => {
    const missing = SCHEMA_PATHS.filter((path) => explainSpecPath(path.split('.'), undefined) === undefined);
    assert.deepEqual(missing, []);
    assert.equal(SCHEMA_PATHS.length, new Set(SCHEMA_PATHS).size);
  });

  it('have a meaning of their own, and references by https that lead to the field’s own section', () => {
    for (const path of SCHEMA_PATHS) {
      const explanation = explainSpecPath(path.split('.'), undefined);
      assert.ok(explanation && explanation.meaning.length >= 8 && explanation.meaning.endsWith('.'), path);
      assert.ok(explanation.references.length > 0, path);
      for (const { url, label } of explanation.references) {
        assert.match(url, /^https:\/\/[\w.-]+\/[\w./#?=-]+$/, path);
        assert.notEqual(label, '');
        const section = /runtime-spec\/blob\/main\/(config(?:-linux)?\.md)#(.+)$/.exec(url);
        if (section) assert.ok(SECTIONS[section[1]!]!.includes(section[2]!), `${path}: ${url}`);
      }
    }
  });

  it('are explained no matter whether an index is a number or its digits', () => {
    assert.deepEqual(
      explainSpecPath(['mounts', 0, 'type'], 'tmpfs'),
      explainSpecPath(['mounts', '0', 'type'], 'tmpfs'),
    );
    assert.equal(explainSpecPath(['mounts', 2, 'options', 1], 'nosuid')?.title, 'mounts[2].options[1]');
  });

  it('are explained in maps with keys of any form', () => {
    assert.match(
      explainSpecPath(['linux', 'sysctl', 'net.core.somaxconn'], '128')?.meaning ?? '',
      /wait to be accepted/,
    );
    assert.match(explainSpecPath(['linux', 'resources', 'unified', 'memory.high'], '1')?.meaning ?? '', /slowed down/);
    assert.match(
      explainSpecPath(['annotations', 'io.kubernetes.cri.sandbox-id'], 'x')?.meaning ?? '',
      /share namespaces and one shim/,
    );
    assert.match(explainSpecPath(['annotations', 'io.kubernetes.cri-o.Other'], 'x')?.meaning ?? '', /CRI-O/);
    assert.match(explainSpecPath(['annotations', '__proto__'], 'x')?.meaning ?? '', /free note/);
  });

  it('that the specification does not define are not explained', () => {
    for (const path of [['nonsense'], ['process', 'nonsense'], ['*'], ['process', 'args', '0', '0'], ['__proto__']])
      assert.equal(explainSpecPath(path, 1), undefined, path.join('.'));
    assert.match(explainSpecPath(['windows', 'layerFolders'], [])?.meaning ?? '', /Windows/);
  });

  it('are explained for any value and any path without failing', () => {
    const keys = fc.constantFrom(...new Set(SCHEMA_PATHS.flatMap((path) => path.split('.'))));
    fc.assert(
      fc.property(fc.array(fc.oneof(keys, fc.string()), { maxLength: 7 }), fc.anything(), (path, value) => {
        explainSpecPath(path, value);
      }),
      { numRuns: 1000 },
    );
    fc.assert(
      fc.property(fc.constantFrom(...SCHEMA_PATHS), fc.anything({ withBigInt: true }), (path, value) => {
        assert.ok(explainSpecPath(path.split('.'), value));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('values of config.json in words', () => {
  const words = (path: string, value: unknown): string | undefined =>
    explainSpecPath(path.split('.'), value)?.valueInWords;

  it('name units, placeholders and what becomes of numbers', () => {
    assert.equal(words('linux.resources.memory.limit', 67108864), '64 MiB (67,108,864 bytes).');
    assert.equal(words('linux.resources.memory.limit', '9223372036854771712')?.startsWith('about 8 EiB'), true);
    assert.equal(words('linux.resources.memory.limit', -1), 'No limit.');
    assert.match(words('linux.resources.memory.limit', 0) ?? '', /not set/);
    assert.match(words('linux.resources.cpu.shares', 1024) ?? '', /^1 times .* cpu\.weight 39 .* or 100 /);
    assert.equal(
      words('linux.resources.cpu', { quota: 50000, period: 100000 }),
      'At most 0.5 CPUs: 50 ms in each 100 ms.',
    );
    assert.equal(words('linux.resources.cpu.quota', -1), 'No limit.');
    assert.match(words('linux.resources.blockIO.weight', 300) ?? '', /300 in io\.bfq\.weight, or 2930 in io\.weight/);
    assert.equal(words('linux.resources.pids.limit', 20), '20 processes.');
    assert.equal(
      words('linux.resources.blockIO.throttleReadBpsDevice.0', { major: 8, minor: 0, rate: 1048576 }),
      '1 MiB (1,048,576 bytes) per second for device 8:0.',
    );
    assert.equal(
      words('linux.resources.devices.0', { allow: true, type: 'c', major: 1, minor: 3, access: 'rwm' }),
      'Allowed: character devices 1:3 (read, write, make).',
    );
    assert.match(words('linux.resources.devices', [{ allow: true, access: 'rwm' }]) ?? '', /privileged/);
    assert.equal(words('process.rlimits.0.hard', '18446744073709551615'), 'No limit.');
    assert.equal(words('process.user.umask', 18), 'Octal 0022.');
    assert.equal(words('linux.devices.0.fileMode', 438), 'Octal 0666: rw-rw-rw-.');
  });

  it('tell both forms of cgroupsPath apart', () => {
    assert.match(
      words('linux.cgroupsPath', 'system.slice:docker:abc') ?? '',
      /scope docker-abc\.scope in system\.slice/,
    );
    assert.match(words('linux.cgroupsPath', ':docker:abc') ?? '', /in system\.slice/);
    assert.match(words('linux.cgroupsPath', '/docker/abc') ?? '', /cgroupfs/);
  });

  it('say whether a namespace is new or joined', () => {
    assert.equal(words('linux.namespaces.0', { type: 'pid' }), 'A new one of its own.');
    assert.equal(
      words('linux.namespaces.0', { type: 'network', path: '/proc/7/ns/net' }),
      'It joins one that exists already: /proc/7/ns/net.',
    );
  });

  it('describe mounts, and warn of delicate ones', () => {
    const socket = explainSpecPath(['mounts', 0], {
      destination: '/var/run/docker.sock',
      source: '/var/run/docker.sock',
      options: ['rbind', 'ro'],
    });
    assert.match(socket?.consequence ?? '', /root on the host/);
    assert.match(socket?.valueInWords ?? '', /Read-only/);
    assert.match(
      words('mounts.0', { destination: '/dev/shm', type: 'tmpfs', options: ['size=1m'] }) ?? '',
      /shared memory/,
    );
    assert.match(words('mounts.0.options.0', 'size=65536k') ?? '', /^64 MiB/);
    assert.match(words('mounts.0.options.0', 'mode=1777') ?? '', /rwxrwxrwx \(sticky/);
  });

  it('never repeat the values of variables', () => {
    for (const entry of ['DB_PASSWORD=hunter2hunter2', 'PATH=hunter2hunter2', 'A=hunter2hunter2', 'hunter2hunter2='])
      assert.doesNotMatch(
        JSON.stringify({ ...explainSpecPath(['process', 'env', '0'], entry), title: '' }),
        /hunter2/,
        entry,
      );
    assert.match(explainSpecPath(['process', 'env', '0'], 'DB_PASSWORD=x')?.consequence ?? '', /secret/);
    assert.doesNotMatch(JSON.stringify(explainSpecPath(['mounts', '0', 'options'], ['password=hunter2'])), /hunter2/);
  });

  it('explain each capability, resource limit, action and operator where it stands', () => {
    assert.match(
      explainSpecPath(['process', 'capabilities', 'bounding', 0], 'CAP_SYS_ADMIN')?.consequence ?? '',
      /Critical/,
    );
    assert.equal(words('process.capabilities.bounding', ['CAP_CHOWN', 'CAP_KILL']), '2 capabilities: chown, kill.');
    for (const name of RLIMIT_NAMES) assert.match(words('process.rlimits.0.type', name) ?? '', /Unit: /, name);
    assert.equal(RLIMIT_NAMES.length, 16);
    assert.match(words('linux.seccomp.defaultAction', 'SCMP_ACT_ERRNO') ?? '', /gets an error/);
    assert.equal(
      words('linux.seccomp.syscalls.0.args.0', { index: 0, op: 'SCMP_CMP_NE', value: 40 }),
      'Holds when argument 1 is not equal to the value.',
    );
    assert.equal(
      words('linux.seccomp.syscalls.0', { names: ['socket'], action: 'SCMP_ACT_ALLOW', args: [{}] }),
      'socket: The call is made. Under 1 condition.',
    );
  });
});

/** The headings of the specification's two documents, as links name them. */
const SECTIONS: Readonly<Record<string, readonly string[]>> = {
  'config.md': [
    'configuration',
    'specification-version',
    'root',
    'mounts',
    'linux-mount-options',
    'process',
    'posix-process',
    'linux-process',
    'posix-platform-user',
    'hostname',
    'domainname',
    'platform-specific-configuration',
    'posix-platform-hooks',
    'annotations',
  ],
  'config-linux.md': [
    'linux-container-configuration',
    'namespaces',
    'user-namespace-mappings',
    'offset-for-time-namespace',
    'devices',
    'network-devices',
    'control-groups',
    'cgroups-path',
    'allowed-device-list',
    'memory',
    'cpu',
    'block-io',
    'huge-page-limits',
    'network',
    'pids',
    'rdma',
    'unified',
    'intelrdt',
    'memory-policy',
    'sysctl',
    'seccomp',
    'rootfs-mount-propagation',
    'masked-paths',
    'readonly-paths',
    'mount-label',
    'personality',
  ],
};
