import { asArray, asRecord, asString, asStringMap, asStrings, memberAt } from '../../util/records';
import { counted, withoutEnd } from '../../util/text';
import { isKnown, unknown, valueOf } from '../fact';
import {
  enforcedReading,
  hostOrigin,
  isSandboxConfig,
  requestedValue,
  requestOf,
  specified,
  specifiedValue,
  type Column,
  type EnforcedColumn,
  type Sources,
} from './columns';
import type { Setting } from './judge';
import { isPodman, valuesInCommand } from './podmanCommand';
import type { MountReading } from './readings';
import type { RequestedValue } from './row';

/** Root file system, mounts, masked and read-only paths. */
export function fileSettings(sources: Sources): readonly Setting[] {
  return [
    rootSetting(sources),
    ...mountSettings(sources),
    pathSetting(sources, 'Masked paths', 'MaskedPaths', 'maskedPaths', isMask),
    pathSetting(sources, 'Read-only paths', 'ReadonlyPaths', 'readonlyPaths', (mount) => mount.options.includes('ro')),
  ];
}

function rootSetting(sources: Sources): Setting {
  const access = (value: unknown): string => (value === true ? 'read-only' : 'writable');
  const record = requestOf(sources);
  const path = isKnown(record) && record.cri ? 'linux.security_context.readonly_rootfs' : 'HostConfig.ReadonlyRootfs';
  const asked = isKnown(record) ? memberAt(record.value, ...path.split('.')) : undefined;
  return {
    setting: 'Root file system',
    group: 'Files',
    requested: isKnown(record)
      ? isSandboxConfig(record) && asked !== true
        ? // Runtimes make it read-only without being asked.
          { fact: requestedValue(record, path, undefined).fact }
        : requestedValue(record, path, access(asked), { origin: asked === true ? 'request' : 'engine' })
      : { fact: record },
    specified: specified(sources, 'root.readonly', access),
    enforced: mountColumn(sources, '/', (mount) => (mount.options.includes('ro') ? 'read-only' : 'writable')),
  };
}

/** The mount that is seen at a place: the last one there covers those before. */
export function mountAt(mounts: readonly MountReading[], place: string): MountReading | undefined {
  const wanted = place.length > 1 ? withoutEnd(place, '/') : place;
  return mounts.filter(({ mountPoint }) => mountPoint === wanted).at(-1);
}

function mountColumn(sources: Sources, place: string, canonical: (mount: MountReading) => string): EnforcedColumn {
  const { mounts } = sources.readings ?? {};
  if (mounts && isKnown(mounts) && !mountAt(mounts.value, place)) {
    return {
      fact: unknown(
        `Nothing is mounted at ${place}: the path may lead elsewhere by a symbolic link, or it was unmounted.`,
        `Look for it: ${mounts.how}`,
        'procfs',
      ),
    };
  }
  return enforcedReading(
    mounts,
    (all) => {
      const mount = mountAt(all, place);
      return mount
        ? `${mount.root} ${mount.mountPoint} ${mount.options.join(',')} ${mount.propagation.join(' ')} - ${mount.type} ${mount.source}`
        : '';
    },
    (all) => {
      const mount = mountAt(all, place);
      return mount && canonical(mount);
    },
  );
}

/** Options that take something away; what else a mount has does not matter. */
const RESTRICTIONS = ['ro', 'nosuid', 'nodev', 'noexec'] as const;

function restrictions(options: readonly string[]): string {
  const has = (option: string): boolean => options.includes(option) || options.includes(`r${option}`);
  return [has('ro') ? 'ro' : 'rw', ...RESTRICTIONS.slice(1).filter(has)].join(',');
}

function mountSettings(sources: Sources): readonly Setting[] {
  const config = sources.facts.ociConfig;
  const record = requestOf(sources);
  if (!isKnown(config)) return [];
  const mounts = asArray(memberAt(config.value, 'mounts'));
  const asked = isKnown(record) ? requestedMounts(record.value, record.cri === true) : new Map<string, string>();
  return mounts.flatMap((item, index): Setting[] => {
    const mount = asRecord(item);
    const destination = asString(mount?.destination);
    if (!mount || destination === undefined) return [];
    // A later mount at the same place covers it.
    if (mounts.some((other, at) => at > index && memberAt(other, 'destination') === destination)) return [];
    const options = asStrings(mount.options);
    const source = asString(mount.source) ?? '';
    const type = options.some((option) => option === 'bind' || option === 'rbind')
      ? 'bind'
      : (asString(mount.type) ?? 'bind');
    return [
      {
        setting: destination,
        group: 'Files',
        requested: isKnown(record)
          ? {
              fact: requestedValue(
                record,
                record.cri ? 'mounts' : 'Mounts, HostConfig.Tmpfs',
                asked.get(destination) ?? (record.cri ? 'the runtime’s own mount' : 'the engine’s own mount'),
                { origin: asked.has(destination) ? 'request' : 'engine' },
              ).fact,
            }
          : { fact: record },
        specified: specifiedValue(
          config,
          `mounts[${index}]`,
          restrictions(options),
          (text) => `${type} ${source} (${text})`,
          [['mounts', String(index)]],
        ),
        enforced: mountColumn(sources, destination, (own) => restrictions(optionsOf(own, sources))),
        accepts: (wanted, now) => {
          const [missing, extra] = [difference(wanted, now), difference(now, wanted)];
          if (missing.length > 0) return undefined;
          return extra.includes('ro')
            ? {
                verdict: 'differs',
                why: 'It is read-only although it was to be writable: its file system or an option of the engine says so.',
              }
            : {
                verdict: 'in-force',
                why: `The kernel has what was asked for${extra.length > 0 ? `, and ${extra.join(', ')} besides` : ''}.`,
              };
        },
        remark:
          type === 'cgroup' && mountAt(valueOf(sources.readings?.mounts) ?? [], destination)?.type === 'tmpfs'
            ? 'With cgroup v1 it is a folder with a mount for each hierarchy: the options are those that all of them have.'
            : undefined,
        explains: (wanted, now) => {
          const missing = difference(wanted, now);
          return missing.length > 0 ? `The mount in force lacks ${missing.join(', ')}.` : undefined;
        },
      },
    ];
  });
}

/** With cgroup v1 the mount of type cgroup is a folder in memory: what counts is what the hierarchies in it are mounted with. */
function optionsOf(mount: MountReading, { readings }: Sources): readonly string[] {
  if (mount.type !== 'tmpfs') return mount.options;
  const hierarchies = (valueOf(readings?.mounts) ?? []).filter(
    ({ type, mountPoint }) => /^cgroup2?$/.test(type) && mountPoint.startsWith(`${mount.mountPoint}/`),
  );
  const [first, ...others] = hierarchies.map(({ options }) => options);
  return first?.filter((option) => others.every((options) => options.includes(option))) ?? mount.options;
}

function difference(a: string | undefined, b: string | undefined): readonly string[] {
  const other = new Set((b ?? '').split(','));
  return (a ?? '').split(',').filter((option) => option !== '' && option !== 'rw' && !other.has(option));
}

/** Destination → what was asked for it. */
function requestedMounts(record: unknown, cri: boolean): ReadonlyMap<string, string> {
  const asked = new Map<string, string>();
  for (const mount of asArray(memberAt(record, cri ? 'mounts' : 'Mounts'))) {
    const destination = asString(memberAt(mount, cri ? 'container_path' : 'Destination'));
    const source = asString(memberAt(mount, cri ? 'host_path' : 'Source')) ?? '';
    const readOnly = cri ? memberAt(mount, 'readonly') === true : memberAt(mount, 'RW') === false;
    const type = cri ? 'bind' : (asString(memberAt(mount, 'Type')) ?? 'bind');
    if (destination !== undefined)
      asked.set(destination, `${type} ${source} (${readOnly ? 'ro' : 'rw'})`.replace('  ', ' '));
  }
  for (const [destination, options] of asStringMap(memberAt(record, 'HostConfig', 'Tmpfs'))) {
    asked.set(destination, `tmpfs${options ? ` (${options})` : ''}`);
  }
  return asked;
}

/** runc hides folders under an empty read-only tmpfs and files under /dev/null, which is a file of devtmpfs or tmpfs. */
function isMask(mount: MountReading): boolean {
  return (
    (mount.type === 'tmpfs' && mount.options.includes('ro')) || mount.root === '/null' || mount.source.endsWith('/null')
  );
}

function pathSetting(
  sources: Sources,
  setting: string,
  member: 'MaskedPaths' | 'ReadonlyPaths',
  field: 'maskedPaths' | 'readonlyPaths',
  holds: (mount: MountReading) => boolean,
): Setting {
  const record = requestOf(sources);
  const config = sources.facts.ociConfig;
  const listed = asStrings(isKnown(config) ? memberAt(config.value, 'linux', field) : undefined);
  const cri = isKnown(record) && record.cri === true;
  const askedAt = cri
    ? ['linux', 'security_context', field === 'maskedPaths' ? 'masked_paths' : 'readonly_paths']
    : ['HostConfig', member];
  const asked = asStrings(isKnown(record) ? memberAt(record.value, ...askedAt) : undefined);
  const existing = valueOf(sources.readings?.kernelPaths);
  const relevant = listed.filter(
    (path) => existing === undefined || existing.includes(path) || !/^\/(?:proc|sys)\//.test(path),
  );
  const show = (canonical: string): string => {
    const paths = canonical.split(' ');
    return `${counted(paths.length, 'path')}: ${paths.join(', ')}`;
  };
  const gone = listed.length - relevant.length;
  return {
    setting,
    group: 'Files',
    requested: !isKnown(record)
      ? { fact: record }
      : isPodman(record.value)
        ? podmanPaths(record)
        : requestedPaths(sources, record, askedAt, asked, show),
    specified: isKnown(config) ? specifiedValue(config, `linux.${field}`, list(listed), show) : { fact: config },
    enforced: enforcedReading(
      sources.readings?.mounts,
      (mounts) => {
        const count = listed.filter((path) => protects(mounts, path, holds)).length;
        return `${counted(count, 'mount')} over these paths`;
      },
      (mounts) => list(listed.filter((path) => protects(mounts, path, holds))),
      show,
    ),
    accepts: (wanted, now) => {
      if (wanted === '') {
        return now === undefined
          ? { verdict: 'in-force', why: 'None was asked for, and none is in force.' }
          : undefined;
      }
      const protectedNow = new Set((now ?? '').split(' '));
      const missing = wanted.split(' ').filter((path) => relevant.includes(path) && !protectedNow.has(path));
      return missing.length === 0
        ? {
            verdict: 'in-force',
            why:
              gone > 0
                ? `All are in force that this kernel has; ${counted(gone, 'path')} of the list it has not.`
                : 'All are in force.',
          }
        : {
            verdict: 'differs',
            why: `Not in force: ${missing.join(', ')}.${existing === undefined ? ' It may be that this kernel does not have them.' : ''}`,
          };
    },
  };
}

/** Paths in a form that can be compared; undefined without any. */
function list(paths: readonly string[]): string | undefined {
  return paths.length > 0 ? [...paths].sort().join(' ') : undefined;
}

/** An empty list takes the engine's own away; nothing at all is what a privileged container has. */
function requestedPaths(
  sources: Sources,
  record: Parameters<typeof requestedValue>[0],
  askedAt: readonly string[],
  asked: readonly string[],
  show: (canonical: string) => string,
): Column<RequestedValue> {
  const origin = record.cri ? 'request' : hostOrigin(sources, record, askedAt.at(-1) ?? '');
  const isTakenAway = !record.cri && asked.length === 0 && Array.isArray(memberAt(record.value, ...askedAt));
  return isTakenAway && origin === 'request'
    ? requestedValue(record, askedAt.join('.'), '', { show: () => 'none', origin })
    : requestedValue(record, askedAt.join('.'), list(asked), { show, origin });
}

/** Podman's record holds no list of paths, only what was asked beside its own. Source: podman-run(1), --security-opt. */
function podmanPaths(record: Parameters<typeof requestedValue>[0]): Column<RequestedValue> {
  const field = 'HostConfig.SecurityOpt';
  const options = valuesInCommand(record.value, '--security-opt').filter((option) => /^(?:un)?mask=/.test(option));
  return options.length > 0
    ? { fact: requestedValue(record, field, options.join(' ')).fact }
    : { fact: requestedValue(record, field, 'the engine’s default list', { origin: 'engine' }).fact };
}

function protects(mounts: readonly MountReading[], path: string, holds: (mount: MountReading) => boolean): boolean {
  const mount = mountAt(mounts, path);
  return mount !== undefined && holds(mount);
}
