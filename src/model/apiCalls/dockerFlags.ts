import {
  asArray,
  asNumber,
  asRecord,
  asString,
  asStringMap,
  asStrings,
  memberAt,
  type UnknownRecord,
} from '../../util/records';
import type { CreateRequest } from './createRequest';

/** A `docker create` command line, and what no option of it can say. */
export interface DockerCommand {
  readonly words: readonly string[];
  /** Fields of the request that the command line has no option for. */
  readonly notExpressible: readonly string[];
}

/**
 * The command line that asks for the same. Source of the options: docker/cli cli/command/container/opts.go.
 *
 * @param verb `create`, or `run --detach`
 */
export function dockerCommand(
  request: CreateRequest,
  host: string,
  verb: readonly string[] = ['create'],
): DockerCommand {
  const config = request.body;
  const hostConfig = asRecord(config.HostConfig) ?? {};
  const words: string[] = [];
  const handled = new Set<string>(['Image', 'Cmd', 'HostConfig', 'NetworkingConfig', ...ATTACHED]);
  const handledHost = new Set<string>();
  for (const [key, toWords] of Object.entries(CONFIG_OPTIONS)) {
    handled.add(key);
    if (config[key] !== undefined) words.push(...toWords(config[key], hostConfig));
  }
  for (const [key, toWords] of Object.entries(HOST_OPTIONS)) {
    handledHost.add(key);
    if (hostConfig[key] !== undefined) words.push(...toWords(hostConfig[key], hostConfig));
  }
  const streams = attachOptions(config, verb);
  const networks = networkOptions(config, hostConfig);
  const command = commandWords(config);
  const notExpressible = [
    ...Object.keys(config).filter((key) => !handled.has(key)),
    ...Object.keys(hostConfig)
      .filter((key) => !handledHost.has(key))
      .map((key) => `HostConfig.${key}`),
    ...streams.notExpressible,
    ...networks.notExpressible,
    ...command.notExpressible,
  ];
  const name = request.name === undefined ? [] : ['--name', request.name];
  return {
    words: [
      'docker',
      '--host',
      host,
      ...verb,
      ...name,
      ...streams.words,
      ...networks.words,
      ...words,
      ...command.options,
      '--',
      asString(config.Image) ?? '',
      ...command.args,
    ],
    notExpressible,
  };
}

const ATTACHED = ['AttachStdin', 'AttachStdout', 'AttachStderr'] as const;

/** Which streams are attached is the client's own session: detached ones have none, others both outputs unless told. */
function attachOptions(config: UnknownRecord, verb: readonly string[]): DockerCommand {
  const isDetached = verb.includes('--detach');
  const attached = ATTACHED.filter((key) => config[key] === true);
  const streams = attached.map((key) => key.slice('Attach'.length).toLowerCase());
  const byItself = isDetached ? '' : config.OpenStdin === true ? 'stdin,stdout,stderr' : 'stdout,stderr';
  if (streams.join() === byItself) return { words: [], notExpressible: [] };
  if (isDetached) return { words: [], notExpressible: attached };
  if (streams.length > 0) return { words: streams.map((stream) => `--attach=${stream}`), notExpressible: [] };
  return { words: [], notExpressible: ['AttachStdout and AttachStderr (this command attaches both)'] };
}

type Words = (value: unknown, host: UnknownRecord) => readonly string[];

const text =
  (option: string): Words =>
  (value) => [`${option}=${asString(value) ?? String(value)}`];
const flag =
  (option: string): Words =>
  (value) =>
    value === true ? [option] : value === false ? [`${option}=false`] : [];
const each =
  (option: string): Words =>
  (value) =>
    asStrings(value).map((item) => `${option}=${item}`);
const pairs =
  (option: string): Words =>
  (value) =>
    [...asStringMap(value)].map(([key, item]) => `${option}=${key}=${item}`);
const duration =
  (option: string): Words =>
  (value) =>
    asNumber(value) ? [`${option}=${asNumber(value)}ns`] : [];

const CONFIG_OPTIONS: Readonly<Record<string, Words>> = {
  Hostname: text('--hostname'),
  Domainname: text('--domainname'),
  User: text('--user'),
  ExposedPorts: (value) => Object.keys(asRecord(value) ?? {}).map((port) => `--expose=${port}`),
  Tty: flag('--tty'),
  OpenStdin: flag('--interactive'),
  // --interactive asks for it by itself when standard input is attached.
  StdinOnce: () => [],
  Env: each('--env'),
  Labels: pairs('--label'),
  Volumes: (value) => Object.keys(asRecord(value) ?? {}).map((path) => `--volume=${path}`),
  WorkingDir: text('--workdir'),
  MacAddress: text('--mac-address'),
  StopSignal: text('--stop-signal'),
  StopTimeout: text('--stop-timeout'),
  Entrypoint: (value) =>
    asArray(value).length === 0 ? ['--entrypoint='] : [`--entrypoint=${asStrings(value)[0] ?? ''}`],
  Healthcheck: (value) => healthOptions(asRecord(value) ?? {}),
};

function healthOptions(check: UnknownRecord): string[] {
  const [kind, ...words] = asStrings(check.Test);
  // The two ways exclude each other; without checks, their times mean nothing.
  if (kind === 'NONE') return ['--no-healthcheck'];
  const command = kind === 'CMD-SHELL' ? [`--health-cmd=${words.join(' ')}`] : [];
  const retries = asNumber(check.Retries);
  return [
    ...command,
    ...duration('--health-interval')(check.Interval, {}),
    ...duration('--health-timeout')(check.Timeout, {}),
    ...duration('--health-start-period')(check.StartPeriod, {}),
    ...duration('--health-start-interval')(check.StartInterval, {}),
    ...(retries ? [`--health-retries=${retries}`] : []),
  ];
}

const bytes =
  (option: string): Words =>
  (value) => [`${option}=${asNumber(value) === -1 ? '-1' : `${asNumber(value)}b`}`];
const throttle =
  (option: string, unit = ''): Words =>
  (value) =>
    asArray(value).map(
      (one) => `${option}=${asString(memberAt(one, 'Path')) ?? ''}:${asNumber(memberAt(one, 'Rate')) ?? 0}${unit}`,
    );

const HOST_OPTIONS: Readonly<Record<string, Words>> = {
  Binds: each('--volume'),
  LogConfig: (value) => [
    `--log-driver=${asString(memberAt(value, 'Type')) ?? ''}`,
    ...pairs('--log-opt')(memberAt(value, 'Config'), {}),
  ],
  NetworkMode: () => [],
  PortBindings: (value) => portOptions(value),
  RestartPolicy: (value) => {
    const count = asNumber(memberAt(value, 'MaximumRetryCount')) ?? 0;
    return [`--restart=${asString(memberAt(value, 'Name')) ?? ''}${count > 0 ? `:${count}` : ''}`];
  },
  AutoRemove: flag('--rm'),
  VolumeDriver: text('--volume-driver'),
  VolumesFrom: each('--volumes-from'),
  CapAdd: each('--cap-add'),
  CapDrop: each('--cap-drop'),
  CgroupnsMode: text('--cgroupns'),
  Dns: each('--dns'),
  DnsOptions: each('--dns-option'),
  DnsSearch: each('--dns-search'),
  ExtraHosts: each('--add-host'),
  GroupAdd: each('--group-add'),
  IpcMode: text('--ipc'),
  Links: each('--link'),
  OomScoreAdj: text('--oom-score-adj'),
  PidMode: text('--pid'),
  Privileged: flag('--privileged'),
  PublishAllPorts: flag('--publish-all'),
  ReadonlyRootfs: flag('--read-only'),
  SecurityOpt: (value) =>
    asStrings(value)
      .filter((option) => !option.startsWith('seccomp={'))
      .map((option) => `--security-opt=${option}`),
  // The one option that empties both lists; there is none for other lists.
  MaskedPaths: (value) => (asArray(value).length === 0 ? ['--security-opt=systempaths=unconfined'] : []),
  ReadonlyPaths: () => [],
  StorageOpt: pairs('--storage-opt'),
  Tmpfs: (value) => [...asStringMap(value)].map(([path, options]) => `--tmpfs=${path}${options ? `:${options}` : ''}`),
  UTSMode: text('--uts'),
  UsernsMode: text('--userns'),
  ShmSize: bytes('--shm-size'),
  Sysctls: pairs('--sysctl'),
  Runtime: text('--runtime'),
  Annotations: pairs('--annotation'),
  CpuShares: text('--cpu-shares'),
  Memory: bytes('--memory'),
  NanoCpus: (value) => [`--cpus=${(asNumber(value) ?? 0) / 1e9}`],
  CgroupParent: text('--cgroup-parent'),
  BlkioWeight: text('--blkio-weight'),
  BlkioWeightDevice: (value) =>
    asArray(value).map(
      (one) =>
        `--blkio-weight-device=${asString(memberAt(one, 'Path')) ?? ''}:${asNumber(memberAt(one, 'Weight')) ?? 0}`,
    ),
  BlkioDeviceReadBps: throttle('--device-read-bps', 'b'),
  BlkioDeviceWriteBps: throttle('--device-write-bps', 'b'),
  BlkioDeviceReadIOps: throttle('--device-read-iops'),
  BlkioDeviceWriteIOps: throttle('--device-write-iops'),
  CpuPeriod: text('--cpu-period'),
  CpuQuota: text('--cpu-quota'),
  CpuRealtimePeriod: text('--cpu-rt-period'),
  CpuRealtimeRuntime: text('--cpu-rt-runtime'),
  CpusetCpus: text('--cpuset-cpus'),
  CpusetMems: text('--cpuset-mems'),
  Devices: (value) =>
    asArray(value).map((one) => {
      const part = (key: string): string => asString(memberAt(one, key)) ?? '';
      return `--device=${part('PathOnHost')}:${part('PathInContainer')}:${part('CgroupPermissions')}`;
    }),
  DeviceCgroupRules: each('--device-cgroup-rule'),
  KernelMemory: bytes('--kernel-memory'),
  MemoryReservation: bytes('--memory-reservation'),
  MemorySwap: bytes('--memory-swap'),
  MemorySwappiness: text('--memory-swappiness'),
  OomKillDisable: flag('--oom-kill-disable'),
  Init: flag('--init'),
  PidsLimit: text('--pids-limit'),
  Ulimits: (value) =>
    asArray(value).map(
      (one) =>
        `--ulimit=${asString(memberAt(one, 'Name')) ?? ''}=${asNumber(memberAt(one, 'Soft')) ?? 0}:${asNumber(memberAt(one, 'Hard')) ?? 0}`,
    ),
  Mounts: (value) => asArray(value).map((mount) => `--mount=${mountOption(mount)}`),
};

/** The fields of --mount are comma-separated values, where a field with a comma or a quote is quoted. */
function mountOption(mount: unknown): string {
  const type = asString(memberAt(mount, 'Type')) ?? 'volume';
  const bind = asRecord(memberAt(mount, 'BindOptions'));
  const volume = asRecord(memberAt(mount, 'VolumeOptions'));
  const tmpfs = asRecord(memberAt(mount, 'TmpfsOptions'));
  const driver = asRecord(volume?.DriverConfig);
  const mode = asNumber(tmpfs?.Mode);
  const fields: (string | undefined)[] = [
    `type=${type}`,
    asString(memberAt(mount, 'Source')) ? `source=${asString(memberAt(mount, 'Source'))}` : undefined,
    `target=${asString(memberAt(mount, 'Target')) ?? ''}`,
    memberAt(mount, 'ReadOnly') === true ? 'readonly' : undefined,
    asString(bind?.Propagation) ? `bind-propagation=${asString(bind?.Propagation)}` : undefined,
    bind?.NonRecursive === true ? 'bind-nonrecursive' : undefined,
    bind?.ReadOnlyNonRecursive === true ? 'bind-recursive=writable' : undefined,
    bind?.ReadOnlyForceRecursive === true ? 'bind-recursive=readonly' : undefined,
    volume?.NoCopy === true ? 'volume-nocopy' : undefined,
    asString(volume?.Subpath) ? `volume-subpath=${asString(volume?.Subpath)}` : undefined,
    asString(memberAt(mount, 'ImageOptions', 'Subpath'))
      ? `image-subpath=${asString(memberAt(mount, 'ImageOptions', 'Subpath'))}`
      : undefined,
    ...[...asStringMap(volume?.Labels)].map(([key, value]) => `volume-label=${key}=${value}`),
    asString(driver?.Name) ? `volume-driver=${asString(driver?.Name)}` : undefined,
    ...[...asStringMap(driver?.Options)].map(([key, value]) => `volume-opt=${key}=${value}`),
    asNumber(tmpfs?.SizeBytes) ? `tmpfs-size=${asNumber(tmpfs?.SizeBytes)}` : undefined,
    mode ? `tmpfs-mode=${mode.toString(8)}` : undefined,
  ];
  return fields
    .filter((field) => field !== undefined)
    .map((field) => (/[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field))
    .join(',');
}

function portOptions(value: unknown): string[] {
  return Object.entries(asRecord(value) ?? {}).flatMap(([port, bindings]) =>
    asArray(bindings).map((binding) => {
      const ip = asString(memberAt(binding, 'HostIp')) ?? '';
      const hostPort = asString(memberAt(binding, 'HostPort')) ?? '';
      return `--publish=${ip ? `${ip.includes(':') ? `[${ip}]` : ip}:` : ''}${hostPort}:${port}`;
    }),
  );
}

function networkOptions(config: UnknownRecord, host: UnknownRecord): DockerCommand {
  const mode = asString(host.NetworkMode);
  const endpoints = Object.entries(asRecord(memberAt(config, 'NetworkingConfig', 'EndpointsConfig')) ?? {});
  if (endpoints.length === 0) return { words: mode ? [`--network=${mode}`] : [], notExpressible: [] };
  const words = endpoints.flatMap(([name, endpoint]) => {
    const ipam = memberAt(endpoint, 'IPAMConfig');
    const fields = [
      `name=${name}`,
      ...asStrings(memberAt(endpoint, 'Aliases')).map((alias) => `alias=${alias}`),
      ...(asString(memberAt(ipam, 'IPv4Address')) ? [`ip=${asString(memberAt(ipam, 'IPv4Address'))}`] : []),
      ...(asString(memberAt(ipam, 'IPv6Address')) ? [`ip6=${asString(memberAt(ipam, 'IPv6Address'))}`] : []),
    ];
    return [`--network=${fields.length === 1 ? name : fields.join(',')}`];
  });
  return {
    words: mode && !endpoints.some(([name]) => name === mode) ? [`--network=${mode}`, ...words] : words,
    notExpressible: [],
  };
}

/** The entrypoint option takes one word: the others of a longer one become the first words of the command. */
function commandWords(config: UnknownRecord): { options: string[]; args: readonly string[]; notExpressible: string[] } {
  const [, ...rest] = asStrings(config.Entrypoint);
  const test = asStrings(memberAt(config, 'Healthcheck', 'Test'));
  const paths = ['MaskedPaths', 'ReadonlyPaths'].filter(
    (key) => asArray(memberAt(config, 'HostConfig', key)).length > 0,
  );
  const seccomp = asStrings(memberAt(config, 'HostConfig', 'SecurityOpt')).some((option) =>
    option.startsWith('seccomp={'),
  );
  return {
    options: [],
    args: [...rest, ...asStrings(config.Cmd)],
    notExpressible: [
      ...(rest.length > 0 ? ['Entrypoint (its further words are given as the command: the process is the same)'] : []),
      ...paths.map((key) => `HostConfig.${key}`),
      ...(test[0] === 'CMD' ? ['Healthcheck.Test in its exec form'] : []),
      ...(seccomp ? ['SecurityOpt seccomp (the option takes a file, the record holds its content)'] : []),
    ],
  };
}
