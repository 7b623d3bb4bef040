import { canonicalPath } from '../../util/text';
import { asRecord } from '../../util/records';
import type { ComposeService, Unread } from './service';
import { booleanOf, bytesOf, integerOf, nanosecondsOf, scalar, textsOf, wordsOf } from './values';

/** What a service asks of an engine, in the fields of the engine's own record. */
export interface AskedRecord {
  /** Those with a lineage: `HostConfig` and `Config`. */
  readonly record: { readonly HostConfig: Members; readonly Config: Members };
  /** Those without: the same members as in the record, mounts by their destination. */
  readonly plain: Members;
  readonly unread: readonly Unread[];
}

type Members = Readonly<Record<string, unknown>>;

/** Where the files stand, and whose they are. */
export interface ComposePlaceOnDisk {
  readonly project: string;
  /** Absolute: relative paths of the files begin there. */
  readonly folder: string;
}

interface Draft {
  readonly host: Record<string, unknown>;
  readonly config: Record<string, unknown>;
  readonly plainHost: Record<string, unknown>;
  readonly plainConfig: Record<string, unknown>;
  readonly mounts: Record<string, unknown>;
}

/** Writes a value where it belongs; false when it is none that Compose takes. */
type Write = (value: unknown, draft: Draft, context: WriteContext) => boolean;

interface WriteContext extends ComposePlaceOnDisk {
  readonly volumeNames: ReadonlyMap<string, string>;
  /** What follows the dot of a key like `environment.MODE`. */
  readonly name: string;
}

/** Sets a member to what `read` makes of the value. */
function set(part: keyof Draft, member: string, read: (value: unknown) => unknown): Write {
  return (value, draft) => {
    const made = read(value);
    if (made === undefined) return false;
    draft[part][member] = made;
    return true;
  };
}

const texts = (value: unknown): readonly string[] | undefined => textsOf(value);
const words = (value: unknown): readonly string[] | undefined =>
  typeof value === 'string' ? wordsOf(value) : textsOf(value);
const nanoCpus = (value: unknown): number | undefined => {
  const cpus = Number(scalar(value) ?? Number.NaN);
  return Number.isFinite(cpus) && cpus >= 0 ? Math.round(cpus * 1e9) : undefined;
};
/** A mode that names no other container or service: those are known to the engine by an id. */
const mode = (value: unknown): string | undefined => {
  const text = scalar(value);
  return text !== undefined && /^[a-z]+$/.test(text) ? text : undefined;
};

/** Source: compose-spec, 05-services, and what Compose 2 sends for each (pkg/compose/create.go). */
const WRITES: Readonly<Record<string, Write>> = {
  mem_limit: set('host', 'Memory', bytesOf),
  'deploy.resources.limits.memory': set('host', 'Memory', bytesOf),
  mem_reservation: set('host', 'MemoryReservation', bytesOf),
  'deploy.resources.reservations.memory': set('host', 'MemoryReservation', bytesOf),
  memswap_limit: set('host', 'MemorySwap', bytesOf),
  mem_swappiness: set('host', 'MemorySwappiness', integerOf),
  oom_kill_disable: set('host', 'OomKillDisable', booleanOf),
  oom_score_adj: set('host', 'OomScoreAdj', integerOf),
  cpus: set('host', 'NanoCpus', nanoCpus),
  'deploy.resources.limits.cpus': set('host', 'NanoCpus', nanoCpus),
  cpu_quota: set('host', 'CpuQuota', integerOf),
  cpu_period: set('host', 'CpuPeriod', integerOf),
  cpu_shares: set('host', 'CpuShares', integerOf),
  cpuset: set('host', 'CpusetCpus', scalar),
  pids_limit: set('host', 'PidsLimit', integerOf),
  'deploy.resources.limits.pids': set('host', 'PidsLimit', integerOf),
  'blkio_config.weight': set('host', 'BlkioWeight', integerOf),
  cap_add: set('host', 'CapAdd', texts),
  cap_drop: set('host', 'CapDrop', texts),
  privileged: set('host', 'Privileged', booleanOf),
  security_opt: set('host', 'SecurityOpt', (value) => {
    const options = textsOf(value)?.map((option) => option.replace(/^([\w-]+):/, '$1='));
    // Of a profile in a file the engine knows the contents alone.
    return options?.some((option) => /^seccomp=(?!unconfined$)/.test(option)) === true ? undefined : options;
  }),
  read_only: set('host', 'ReadonlyRootfs', booleanOf),
  group_add: set('host', 'GroupAdd', texts),
  devices: set('host', 'Devices', devicesOf),
  pid: set('host', 'PidMode', mode),
  ipc: set('host', 'IpcMode', mode),
  uts: set('host', 'UTSMode', mode),
  userns_mode: set('host', 'UsernsMode', mode),
  cgroup: set('host', 'CgroupnsMode', mode),
  network_mode: set('host', 'NetworkMode', mode),
  cgroup_parent: set('host', 'CgroupParent', scalar),
  runtime: set('host', 'Runtime', scalar),
  user: set('config', 'User', scalar),
  working_dir: set('config', 'WorkingDir', scalar),
  tty: set('config', 'Tty', booleanOf),
  hostname: set('config', 'Hostname', scalar),
  domainname: set('config', 'Domainname', scalar),
  stop_signal: set('config', 'StopSignal', scalar),
  image: set('plainConfig', 'Image', scalar),
  command: set('plainConfig', 'Cmd', words),
  entrypoint: set('plainConfig', 'Entrypoint', words),
  stdin_open: set('plainConfig', 'OpenStdin', booleanOf),
  init: set('plainHost', 'Init', booleanOf),
  shm_size: set('plainHost', 'ShmSize', bytesOf),
  dns: set('plainHost', 'Dns', texts),
  dns_search: set('plainHost', 'DnsSearch', texts),
  restart: set('plainHost', 'RestartPolicy', restartOf),
  ports: set('plainHost', 'PortBindings', portsOf),
  tmpfs: set('plainHost', 'Tmpfs', (value) => {
    const list = textsOf(value);
    return list && Object.fromEntries(list.map((entry) => [entry.split(':', 1)[0], entry.replace(/^[^:]*:?/, '')]));
  }),
  volumes: (value, draft, context) =>
    Array.isArray(value) && value.every((volume: unknown) => writeVolume(volume, draft, context)),
};

/** By what stands before the dot. */
const MEMBER_WRITES: Readonly<Record<string, Write>> = {
  environment: (value, { config }, { name }) => {
    const text = scalar(value);
    if (text === undefined) return false;
    config['Env'] = [...((config['Env'] as readonly string[] | undefined) ?? []), `${name}=${text}`];
    return true;
  },
  labels: (value, { plainConfig }, { name }) => into(plainConfig, 'Labels', name, scalar(value) ?? ''),
  sysctls: (value, { host }, { name }) => into(host, 'Sysctls', name, scalar(value)),
  ulimits: (value, { host }, { name }) => {
    const both = asRecord(value);
    const [soft, hard] = [integerOf(both ? both.soft : value), integerOf(both ? both.hard : value)];
    if (soft === undefined || hard === undefined) return false;
    const before = (host['Ulimits'] as readonly unknown[] | undefined) ?? [];
    host['Ulimits'] = [...before, { Name: name, Soft: soft, Hard: hard }];
    return true;
  },
  healthcheck: (value, { plainConfig }, { name }) => {
    if (name === 'disable') return booleanOf(value) !== true || into(plainConfig, 'Healthcheck', 'Test', ['NONE']);
    const [member, read] = HEALTH[name] ?? [];
    return member !== undefined && read !== undefined && into(plainConfig, 'Healthcheck', member, read(value));
  },
};

const HEALTH: Readonly<Record<string, readonly [string, (value: unknown) => unknown]>> = {
  test: ['Test', (value) => (typeof value === 'string' ? ['CMD-SHELL', value] : textsOf(value))],
  interval: ['Interval', nanosecondsOf],
  timeout: ['Timeout', nanosecondsOf],
  start_period: ['StartPeriod', nanosecondsOf],
  start_interval: ['StartInterval', nanosecondsOf],
  retries: ['Retries', integerOf],
};

function into(part: Record<string, unknown>, member: string, name: string, value: unknown): boolean {
  if (value === undefined) return false;
  // A label may be called __proto__: fromEntries makes it an own member.
  part[member] = Object.fromEntries([...Object.entries(asRecord(part[member]) ?? {}), [name, value]]);
  return true;
}

/** What a service asks for, as an engine's record would have it. */
export function recordOf(service: ComposeService, place: ComposePlaceOnDisk): AskedRecord {
  const draft: Draft = { host: {}, config: {}, plainHost: {}, plainConfig: {}, mounts: {} };
  const unread: Unread[] = [...service.unread];
  for (const [key, value] of service.values) {
    const dot = key.indexOf('.');
    const [table, at] = Object.hasOwn(WRITES, key) ? [WRITES, key] : [MEMBER_WRITES, key.slice(0, Math.max(dot, 0))];
    const write = Object.hasOwn(table, at) ? table[at] : undefined;
    const context = { ...place, volumeNames: service.volumeNames, name: key.slice(dot + 1) };
    if (!write) unread.push({ key, why: 'The explorer does not know how to compare it.' });
    else if (!write(value, draft, context)) {
      unread.push({
        key,
        why: 'Its value is none that can be compared: it names a file, another service, or is malformed.',
      });
    }
  }
  const { host, config, plainHost, plainConfig, mounts } = draft;
  return {
    record: { HostConfig: host, Config: config },
    plain: { Config: plainConfig, HostConfig: plainHost, Mounts: mounts },
    unread,
  };
}

function restartOf(value: unknown): Members | undefined {
  const match = /^(no|false|always|unless-stopped|on-failure)(?::(\d{1,9}))?$/.exec(scalar(value) ?? '');
  if (!match) return undefined;
  const [, name = '', count] = match;
  return { Name: name === 'false' ? 'no' : name, ...(count === undefined ? {} : { MaximumRetryCount: Number(count) }) };
}

function devicesOf(value: unknown): readonly Members[] | undefined {
  return textsOf(value)?.map((entry) => {
    const [host = '', inside = host, permissions = 'rwm'] = entry.split(':');
    return { PathOnHost: host, PathInContainer: inside, CgroupPermissions: permissions };
  });
}

/** "8080:80", "127.0.0.1:8080:80/udp", {target, published}: container's port → where it is bound. No ranges. */
function portsOf(value: unknown): Members | undefined {
  if (!Array.isArray(value)) return undefined;
  const bindings = new Map<string, Members[]>();
  for (const entry of value as readonly unknown[]) {
    const long = asRecord(entry);
    const match = /^(?:(?:([\d.]+|\[[\da-f:]+\]):)?(\d*):)?(\d+)(?:\/(tcp|udp|sctp))?$/i.exec(scalar(entry) ?? '');
    const [address, published, target, protocol] = long
      ? [long.host_ip, long.published, long.target, long.protocol].map(scalar)
      : [match?.[1], match?.[2], match?.[3], match?.[4]];
    if (target === undefined || !/^\d{1,5}$/.test(target) || !/^\d{0,5}$/.test(published ?? '')) return undefined;
    const port = `${target}/${protocol ?? 'tcp'}`;
    const binding = { HostIp: (address ?? '').replace(/^\[|\]$/g, ''), HostPort: published ?? '' };
    bindings.set(port, [...(bindings.get(port) ?? []), binding]);
  }
  return Object.fromEntries(bindings);
}

function writeVolume(value: unknown, draft: Draft, { folder, project, volumeNames }: WriteContext): boolean {
  const long = asRecord(value);
  const parts = (scalar(value) ?? '').split(':');
  const source = long ? scalar(long.source) : parts.length > 1 ? parts[0] : undefined;
  const target = long ? scalar(long.target) : parts.length > 1 ? parts[1] : parts[0];
  if (target === undefined || !target.startsWith('/') || source?.startsWith('~') === true) return false;
  const readOnly = long ? booleanOf(long.read_only) === true : (parts[2] ?? '').split(',').includes('ro');
  const isPath = source !== undefined && /^[./]/.test(source);
  const type = (long ? scalar(long.type) : undefined) ?? (isPath ? 'bind' : 'volume');
  const common = { Type: type, RW: !readOnly };
  if (type === 'bind' && source !== undefined) {
    draft.mounts[target] = {
      ...common,
      Source: canonicalPath(source.startsWith('/') ? source : `${folder}/${source}`),
    };
  } else if (type === 'volume' && source !== undefined) {
    draft.mounts[target] = { ...common, Name: volumeNames.get(source) ?? `${project}_${source}` };
  } else draft.mounts[target] = common;
  return true;
}
