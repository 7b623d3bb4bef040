import { asString, memberAt } from '../../util/records';
import { canonicalPath } from '../../util/text';
import { isKnown, unknown, valueOf } from '../fact';
import {
  from,
  hostOrigin,
  isSandboxConfig,
  requestedValue,
  requestOf,
  specifiedValue,
  type EnforcedColumn,
  type Sources,
} from './columns';
import type { Setting } from './judge';
import { isPodman } from './podmanCommand';

/** The cgroup's place, and the OCI runtime. */
export function runtimeSettings(sources: Sources): readonly Setting[] {
  return [cgroupPlace(sources), runtimeName(sources)];
}

function cgroupPlace(sources: Sources): Setting {
  const record = requestOf(sources);
  const config = sources.facts.ociConfig;
  const driver = asString(memberAt(valueOf(sources.facts.engine)?.info, 'CgroupDriver'));
  const askedAt = isSandboxConfig(record) ? 'linux.cgroup_parent' : 'HostConfig.CgroupParent';
  const parent = isKnown(record) ? asString(memberAt(record.value, ...askedAt.split('.'))) || undefined : undefined;
  const written = isKnown(config) ? asString(memberAt(config.value, 'linux', 'cgroupsPath')) || undefined : undefined;
  return {
    setting: 'Cgroup',
    group: 'Runtime',
    requested: isKnown(record)
      ? {
          fact: requestedValue(record, askedAt, parent ?? (driver ? `the ${driver} driver’s default` : undefined), {
            origin: parent ? 'request' : 'engine',
          }).fact,
        }
      : { fact: record },
    specified: isKnown(config) ? specifiedValue(config, 'linux.cgroupsPath', written) : { fact: config },
    enforced: cgroupInForce(sources),
    accepts: (wanted, now) => {
      const unit = systemdUnit(wanted);
      const components = (now ?? '').split('/').filter(Boolean);
      if (unit !== undefined) {
        return components.includes(unit)
          ? { verdict: 'in-force', why: `The systemd driver made it the scope ${unit}.` }
          : undefined;
      }
      const place = canonicalPath(wanted);
      return now !== undefined && (now === place || now.startsWith(`${place}/`) || now.endsWith(place))
        ? { verdict: 'in-force', why: 'The process is in the cgroup that config.json names, or below it.' }
        : undefined;
    },
    explains: (wanted) =>
      wanted.includes('..')
        ? 'The path in config.json leads upwards: the kernel keeps it within the hierarchy.'
        : undefined,
  };
}

/** "slice:prefix:name" → "prefix-name.scope". */
function systemdUnit(path: string): string | undefined {
  const match = /^[^/:]*:([^:]*):([^:]+)$/.exec(path);
  if (!match) return undefined;
  const [, prefix = '', name = ''] = match;
  return name.endsWith('.slice') ? name : `${prefix === '' ? '' : `${prefix}-`}${name}.scope`;
}

function cgroupInForce(sources: Sources): EnforcedColumn {
  const paths = sources.facts.cgroupPaths;
  if (!isKnown(paths)) return { fact: paths };
  // The unified path counts where controllers are on v2; else that of the memory controller, or of any.
  const entries = Object.entries(paths.value);
  const [controllers = '', path = '/'] =
    entries.find(([names]) => names.split(',').includes('memory')) ??
    entries.find(([names]) => names === '') ??
    entries[0] ??
    [];
  const pid = valueOf(sources.facts.initPid);
  return {
    fact: from(paths, { file: `/proc/${pid ?? 'PID'}/cgroup`, raw: `${controllers}:${path}`, readable: path }),
    canonical: path,
  };
}

function runtimeName(sources: Sources): Setting {
  const record = requestOf(sources);
  const { runtime, containerdRecord } = sources.facts;
  const asked = isKnown(record)
    ? asString(memberAt(record.value, 'OCIRuntime')) ||
      asString(memberAt(record.value, 'HostConfig', 'Runtime')) ||
      undefined
    : undefined;
  const program = (path: string): string => path.split('/').at(-1) ?? path;
  return {
    setting: 'OCI runtime',
    group: 'Runtime',
    requested: isKnown(record)
      ? {
          fact: requestedValue(record, isPodman(record.value) ? 'OCIRuntime' : 'HostConfig.Runtime', asked, {
            origin: hostOrigin(sources, record, 'Runtime'),
          }).fact,
        }
      : { fact: record },
    specified: isKnown(runtime)
      ? {
          fact: from(runtime, {
            path: isKnown(containerdRecord) ? 'containerd: runtime.name' : 'runtime',
            value: runtime.value.runtimeName ?? runtime.value.binary,
            places: [],
          }),
          canonical: program(runtime.value.binary),
        }
      : { fact: runtime },
    enforced: {
      fact: unknown(
        'The runtime has ended: it makes the container and leaves. No process and no kernel file names it.',
        'Its state on disk tells which one it was: see the runtime’s folder on the page Runtime Chain.',
      ),
    },
  };
}
