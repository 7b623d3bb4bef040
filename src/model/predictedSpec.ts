import {
  asArray,
  asBoolean,
  asNumber,
  asRecord,
  asString,
  asStringMap,
  asStrings,
  memberAt,
  type UnknownRecord,
} from '../util/records';

/** The capabilities dockerd gives when nothing else is asked. Source: moby daemon/pkg/oci/caps/defaults.go. */
export const DEFAULT_CAPABILITIES = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FSETID',
  'CAP_FOWNER',
  'CAP_MKNOD',
  'CAP_NET_RAW',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETFCAP',
  'CAP_SETPCAP',
  'CAP_NET_BIND_SERVICE',
  'CAP_SYS_CHROOT',
  'CAP_KILL',
  'CAP_AUDIT_WRITE',
];

/**
 * The part of an OCI config.json that an engine's record determines. It is less than dockerd writes (its own mounts,
 * the seccomp profile and the device list come on top) and holds nothing that the record does not say.
 *
 * @param record a container as `docker inspect` shows it
 * @returns undefined when the record is not one
 */
export function predictSpec(record: unknown): unknown {
  const config = asRecord(memberAt(record, 'Config'));
  const host = asRecord(memberAt(record, 'HostConfig'));
  if (!config || !host) return undefined;
  return prune({
    process: {
      terminal: asBoolean(config.Tty),
      user: { username: asString(config.User) || undefined },
      args: [
        ...(asString(memberAt(record, 'Path')) ? [asString(memberAt(record, 'Path'))] : []),
        ...asStrings(memberAt(record, 'Args')),
      ],
      env: asStrings(config.Env),
      cwd: asString(config.WorkingDir) || '/',
      capabilities: capabilities(host),
      rlimits: asArray(host.Ulimits).map((limit) => ({
        type: `RLIMIT_${(asString(memberAt(limit, 'Name')) ?? '').toUpperCase()}`,
        hard: asNumber(memberAt(limit, 'Hard')),
        soft: asNumber(memberAt(limit, 'Soft')),
      })),
      noNewPrivileges:
        asStrings(host.SecurityOpt).some((option) => /^no-new-privileges(?:[:=]true)?$/.test(option)) || undefined,
    },
    root: { readonly: asBoolean(host.ReadonlyRootfs) },
    hostname: asString(config.Hostname),
    domainname: asString(config.Domainname) || undefined,
    mounts: mounts(record, host),
    linux: {
      sysctl: Object.fromEntries(asStringMap(host.Sysctls)),
      resources: resources(host),
      namespaces: namespaces(host),
      maskedPaths: asStrings(host.MaskedPaths),
      readonlyPaths: asStrings(host.ReadonlyPaths),
    },
  });
}

function capabilities(host: UnknownRecord): unknown {
  if (host.Privileged === true) return undefined; // every capability that the kernel has: not in the record
  const full = (name: string): string =>
    name.toUpperCase().startsWith('CAP_') ? name.toUpperCase() : `CAP_${name.toUpperCase()}`;
  const dropped = new Set(asStrings(host.CapDrop).map(full));
  const added = asStrings(host.CapAdd).map(full);
  if (added.includes('CAP_ALL')) return undefined;
  const base = dropped.has('CAP_ALL') ? [] : DEFAULT_CAPABILITIES.filter((name) => !dropped.has(name));
  const set = [...new Set([...base, ...added])];
  return { bounding: set, effective: set, permitted: set };
}

function mounts(record: unknown, host: UnknownRecord): unknown[] {
  const own = asArray(memberAt(record, 'Mounts')).map((mount) => ({
    destination: asString(memberAt(mount, 'Destination')),
    type: asString(memberAt(mount, 'Type')) === 'tmpfs' ? 'tmpfs' : 'bind',
    source: asString(memberAt(mount, 'Source')),
    options: memberAt(mount, 'RW') === false ? ['rbind', 'ro'] : ['rbind', 'rw'],
  }));
  const temporary = [...asStringMap(host.Tmpfs)].map(([destination, options]) => ({
    destination,
    type: 'tmpfs',
    source: 'tmpfs',
    options: options.split(',').filter(Boolean),
  }));
  return [...own, ...temporary];
}

function resources(host: UnknownRecord): unknown {
  const positive = (value: unknown): number | undefined => ((asNumber(value) ?? 0) > 0 ? asNumber(value) : undefined);
  const nanoCpus = positive(host.NanoCpus);
  return {
    memory: {
      limit: positive(host.Memory),
      reservation: positive(host.MemoryReservation),
      swap: positive(host.MemorySwap),
      disableOOMKiller: host.OomKillDisable === true || undefined,
    },
    cpu: {
      shares: positive(host.CpuShares),
      // dockerd turns NanoCpus into a quota over a period of 100 ms.
      quota: nanoCpus === undefined ? positive(host.CpuQuota) : (nanoCpus * 100_000) / 1e9,
      period: nanoCpus === undefined ? positive(host.CpuPeriod) : 100_000,
      cpus: asString(host.CpusetCpus) || undefined,
      mems: asString(host.CpusetMems) || undefined,
    },
    pids: { limit: positive(host.PidsLimit) },
  };
}

/** A mode of `host` means: no namespace of this type of its own. */
function namespaces(host: UnknownRecord): unknown[] {
  const own = (mode: unknown): boolean => asString(mode) !== 'host';
  return [
    { type: 'mount' },
    ...(own(host.NetworkMode) ? [{ type: 'network' }] : []),
    ...(own(host.UTSMode) ? [{ type: 'uts' }] : []),
    ...(own(host.PidMode) ? [{ type: 'pid' }] : []),
    ...(own(host.IpcMode) ? [{ type: 'ipc' }] : []),
    ...(asString(host.CgroupnsMode) === 'private' ? [{ type: 'cgroup' }] : []),
  ];
}

/** Leaves out undefined members and empty objects and arrays: unset must not look like set to nothing. */
function prune(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(prune).filter((item) => item !== undefined);
    return items.length ? items : undefined;
  }
  const record = asRecord(value);
  if (!record) return value;
  const entries = Object.entries(record)
    .map(([key, member]) => [key, prune(member)] as const)
    .filter(([, member]) => member !== undefined);
  return entries.length ? Object.fromEntries(entries) : undefined;
}
