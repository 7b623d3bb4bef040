import assert from 'node:assert/strict';
import { known, unknown, valueOf } from '../../../../src/model/fact';
import type { ContainerFacts } from '../../../../src/model/inspection';
import { buildLineage } from '../../../../src/model/lineage/buildLineage';
import { originInCommand, valueInCommand } from '../../../../src/model/lineage/podmanCommand';
import type { LineageRow, RequestedValue } from '../../../../src/model/lineage/row';
import { signalNameOf, signalNumberOf } from '../../../../src/model/lineage/signalNumbers';
import { factsOf, readingsOf } from './recorded';

function requestedBy(facts: Partial<ContainerFacts>): (setting: string) => RequestedValue | undefined {
  const rows = buildLineage({ ...factsOf('db-limited'), ...facts }, { readings: readingsOf('db-limited') });
  return (setting) => valueOf(rows.find((row) => row.setting === setting)?.requested);
}

describe('what a kubelet asked for', () => {
  const cri = (config: unknown): ((setting: string) => RequestedValue | undefined) =>
    requestedBy({
      engineRecord: unknown('no engine', 'none'),
      criRecord: known('cri', { status: {}, info: { config } }, 'CRI', 'crictl inspect'),
    });

  it('is told by the fields of the CRI', () => {
    const said = cri({
      linux: {
        resources: { memory_limit_in_bytes: 67108864, cpu_shares: 512, cpu_quota: 50000, cpu_period: 100000 },
        security_context: {
          run_as_user: {},
          run_as_group: { value: 5 },
          namespace_options: { pid: 1, network: 2 },
          seccomp: { profile_type: 2, localhost_ref: 'profiles/x.json' },
          apparmor: { profile_type: 2, localhost_ref: 'mine' },
          masked_paths: ['/proc/kcore'],
        },
      },
      command: ['run'],
      args: ['--token', 'secret-word'],
    });
    assert.deepEqual(said('Memory limit'), {
      field: 'linux.resources.memory_limit_in_bytes',
      value: '64 MiB (67,108,864 bytes)',
      origin: 'request',
    });
    // Go leaves a zero out.
    assert.equal(said('User')?.value, '0');
    assert.equal(said('Group')?.value, '5');
    assert.equal(said('pid namespace')?.value, 'its own');
    assert.equal(said('network namespace')?.value, 'the node’s');
    assert.equal(said('ipc namespace')?.value, 'the pod’s');
    assert.equal(said('Seccomp filter')?.value, 'profiles/x.json');
    assert.equal(said('AppArmor profile')?.value, 'mine');
    assert.match(said('Masked paths')?.value ?? '', /kcore/);
    assert.doesNotMatch(said('Command')?.value ?? '', /secret-word/);
    assert.equal(said('Process limit')?.field, 'CRI');
  });

  it('is in force where a pod is in the host’s namespaces, and not where a namespace of its own was asked for', () => {
    const facts = factsOf('host-view');
    const namespaces = ['uts', 'network', 'pid'].map((type) => ({ type, path: `/proc/4242/ns/${type}` }));
    const rows = buildLineage(
      {
        ...facts,
        ociConfig: known('bundle', { linux: { namespaces } }, 'config.json', 'cat config.json'),
        engineRecord: unknown('no engine', 'none'),
        criRecord: known(
          'cri',
          {
            status: {},
            info: { config: { linux: { security_context: { namespace_options: { network: 2, pid: 1 } } } } },
          },
          'CRI',
          'crictl inspect',
        ),
      },
      { readings: readingsOf('host-view') },
    );
    const told = (type: string): readonly (string | undefined)[] => {
      const row = rows.find(({ setting }) => setting === `${type} namespace`);
      return [row?.verdict, row?.why];
    };
    assert.deepEqual(told('uts'), [
      'in-force',
      'config.json has it join the namespace of another process, and that is this machine’s own.',
    ]);
    assert.deepEqual(told('network'), ['in-force', 'The kernel has what was asked for.']);
    assert.equal(told('pid')[0], 'differs');
  });

  it('is told of every form of a seccomp profile', () => {
    const seccomp = (context: unknown): string | undefined =>
      cri({ linux: { security_context: context } })('Seccomp filter')?.value;
    assert.equal(seccomp({ seccomp: {} }), 'the runtime’s default profile');
    assert.equal(seccomp({ seccomp: { profile_type: 1 } }), 'unconfined');
    assert.equal(seccomp({ seccomp_profile_path: 'unconfined' }), 'unconfined');
    assert.equal(seccomp({ seccomp_profile_path: 'runtime/default' }), 'the runtime’s default profile');
    assert.equal(seccomp({ privileged: true }), 'privileged: no filter');
    assert.equal(seccomp({}), 'not set');
  });

  it('is told of every form of an AppArmor profile', () => {
    const apparmor = (context: unknown): RequestedValue | undefined =>
      cri({ linux: { security_context: context } })('AppArmor profile');
    assert.equal(apparmor({ apparmor: {} })?.value, 'the runtime’s default profile');
    assert.equal(apparmor({ apparmor: { profile_type: 1 } })?.value, 'unconfined');
    assert.equal(apparmor({ apparmor_profile: 'runtime/default' })?.value, 'the runtime’s default profile');
    assert.deepEqual(apparmor({ apparmor_profile: 'localhost/mine' }), {
      field: 'linux.security_context.apparmor_profile',
      value: 'mine',
      origin: 'request',
    });
    assert.equal(apparmor({})?.origin, 'nobody');
  });

  it('has a row also where the runtime has written nothing of it into config.json', () => {
    const config = {
      linux: {
        resources: {
          hugepage_limits: [{ page_size: '2MB', limit: 0 }],
          unified: { 'memory.oom.group': '1', 'misc.max': 'res 1' },
        },
        security_context: { capabilities: { add_ambient_capabilities: ['NET_BIND_SERVICE'] } },
      },
    };
    const facts = {
      ...factsOf('db-limited'),
      engineRecord: unknown('no engine', 'none'),
      criRecord: known('cri', { status: {}, info: { config } }, 'CRI', 'crictl inspect'),
    };
    const rows = buildLineage(facts, { readings: readingsOf('db-limited') });
    const row = (setting: string): LineageRow | undefined => rows.find((one) => one.setting === setting);
    assert.deepEqual(valueOf(row('Huge pages of 2MB')?.requested), {
      field: 'linux.resources.hugepage_limits',
      value: '0 bytes',
      origin: 'request',
    });
    assert.equal(valueOf(row('Huge pages of 2MB')?.specified)?.value, 'not set');
    assert.equal(valueOf(row('memory.oom.group')?.requested)?.field, 'linux.resources.unified');
    // Its controller is in force here, and the file is none of those that are read.
    assert.equal(row('memory.oom.group')?.verdict, 'unreadable');
    assert.match(row('memory.oom.group')?.why ?? '', /none of the cgroup files that the explorer reads/);
    // No such controller: it cannot be in force.
    assert.equal(row('misc.max')?.verdict, 'not-enforced');
    const ambient = row('Capabilities: ambient');
    assert.equal(valueOf(ambient?.requested)?.value, 'net_bind_service');
    assert.equal(ambient?.verdict, 'not-enforced');
    assert.match(ambient?.why ?? '', /^The runtime has written none of them into config\.json/);
  });

  it('is told of what nothing was asked for, whatever stands there', () => {
    for (const config of [{}, { linux: null }, { linux: { security_context: 5, resources: [] } }, { devices: 'x' }]) {
      assert.equal(cri(config)('Memory limit')?.origin, 'nobody', JSON.stringify(config));
    }
  });
});

describe('what Podman was asked for', () => {
  const record = (command: readonly string[], host: unknown = {}, config: Readonly<Record<string, unknown>> = {}) => ({
    OCIRuntime: 'crun',
    HostConfig: host,
    Config: { ...config, CreateCommand: command },
    BoundingCaps: ['CAP_CHOWN'],
    EffectiveCaps: null,
  });

  it('is told apart from what it filled in, by the command', () => {
    const command = ['podman', 'run', '-m', '64m', '--pids-limit=5', '-euser=1', 'image'];
    const origin = (field: string): string => originInCommand(record(command), field, 'request');
    assert.equal(origin('HostConfig.Memory'), 'request');
    assert.equal(origin('HostConfig.PidsLimit'), 'request');
    assert.equal(origin('Config.Env'), 'request');
    assert.equal(origin('HostConfig.CpuShares'), 'engine');
    assert.equal(origin('HostConfig.Unheard'), 'request');
    assert.equal(originInCommand(record([]), 'HostConfig.Memory', 'request'), 'request');
    assert.equal(originInCommand(record(command), 'HostConfig.CpuShares', 'image'), 'image');
  });

  it('is read from the command where the record names a default', () => {
    assert.equal(valueInCommand(record(['podman', 'run', '--ipc', 'host']), '--ipc'), 'host');
    assert.equal(valueInCommand(record(['podman', 'run', '--ipc=private', '--ipc=host']), '--ipc'), 'host');
    assert.equal(valueInCommand(record(['podman', 'run']), '--ipc'), undefined);
    assert.equal(valueInCommand(undefined, '--ipc'), undefined);
  });

  it('is shown with its own fields', () => {
    const said = requestedBy({
      engineRecord: known(
        'podman-api',
        record(
          ['podman', 'run', '--ipc=host', '--umask=0027', 'x'],
          { IpcMode: 'shareable', CgroupMode: 'host', PidsLimit: 2048, MemorySwappiness: 0 },
          { StopSignal: 15, Umask: '0027' },
        ),
        'libpod',
        'podman inspect',
      ),
    });
    assert.deepEqual(said('ipc namespace'), { field: 'HostConfig.IpcMode', value: 'host', origin: 'request' });
    assert.deepEqual(said('cgroup namespace'), { field: 'HostConfig.CgroupMode', value: 'host', origin: 'engine' });
    assert.deepEqual(said('Process limit'), { field: 'HostConfig.PidsLimit', value: '2,048', origin: 'engine' });
    assert.equal(said('Swappiness')?.origin, 'nobody');
    assert.equal(said('Stop signal')?.value, 'SIGTERM');
    assert.deepEqual(said('File mask (umask)'), { field: 'Config.Umask', value: '0027', origin: 'request' });
    assert.equal(said('OCI runtime')?.value, 'crun');
  });
});

describe('the names of signals', () => {
  it('lead back to their numbers', () => {
    for (let number = 1; number <= 64; number++) {
      const name = signalNameOf(number);
      if (name !== undefined) assert.equal(signalNumberOf(name), number, name);
    }
    assert.equal(signalNameOf(15), 'SIGTERM');
    assert.equal(signalNameOf(0), undefined);
    assert.equal(signalNameOf(65), undefined);
  });
});
