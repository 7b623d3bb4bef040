import { asArray, asNumber, asString, memberAt } from '../../util/records';
import { isKnown, unknown, valueOf } from '../fact';
import {
  from,
  hostOrigin,
  placeInList,
  requestedValue,
  requestOf,
  specifiedValue,
  type Column,
  type EnforcedColumn,
  type Sources,
} from './columns';
import type { Setting } from './judge';
import { isPodman, valueInCommand } from './podmanCommand';
import type { RequestedValue } from './row';
import { requestedNothing } from './userRows';

/** Names in the spec and in /proc/PID/ns, and the engine's and the CRI's field for the mode. */
const TYPES = [
  { type: 'pid', link: 'pid', mode: 'PidMode', cri: 'pid' },
  { type: 'network', link: 'net', mode: 'NetworkMode', cri: 'network' },
  { type: 'ipc', link: 'ipc', mode: 'IpcMode', cri: 'ipc' },
  { type: 'uts', link: 'uts', mode: 'UTSMode' },
  { type: 'mount', link: 'mnt' },
  { type: 'user', link: 'user', mode: 'UsernsMode' },
  { type: 'cgroup', link: 'cgroup', mode: 'CgroupnsMode' },
  { type: 'time', link: 'time' },
] as const;
type NamespaceType = (typeof TYPES)[number];

/** Options of podman run by type. */
const OPTIONS: Readonly<Partial<Record<NamespaceType['type'], string>>> = {
  pid: '--pid',
  network: '--network',
  ipc: '--ipc',
  uts: '--uts',
  user: '--userns',
  cgroup: '--cgroupns',
};

/** What config.json has a container join is whatever the process there is in: the host’s too, as for a pod in the node’s network. */
const JOINED: Pick<Setting, 'same' | 'accepts'> = {
  same: () => true,
  accepts: (wanted, enforced) =>
    wanted === 'separate' && enforced === 'host'
      ? {
          verdict: 'in-force',
          why: 'config.json has it join the namespace of another process, and that is this machine’s own.',
        }
      : undefined,
};

/** For each type whether the container has one of its own, shares the host's, or another container's. */
export function namespaceSettings(sources: Sources): readonly Setting[] {
  return TYPES.map((type) => namespaceSetting(sources, type));
}

function namespaceSetting(sources: Sources, type: NamespaceType): Setting {
  const config = sources.facts.ociConfig;
  const list = isKnown(config) ? memberAt(config.value, 'linux', 'namespaces') : undefined;
  const entry = asArray(list).find((one) => memberAt(one, 'type') === type.type);
  const path = asString(memberAt(entry, 'path'));
  const requested = requestedMode(sources, type);
  // Who asked for a namespace of its own has not got it by joining another's.
  const mayJoin = requested.canonical !== 'separate' || valueOf(requested.fact)?.value.startsWith('container:');
  return {
    setting: `${type.type} namespace`,
    group: 'Namespaces',
    requested,
    specified: isKnown(config)
      ? specifiedValue(
          config,
          `linux.namespaces, ${type.type}`,
          entry === undefined ? 'host' : 'separate',
          (what) => (what === 'host' ? 'not listed: the host’s' : path ? `joins ${path}` : 'a new one'),
          placeInList(list, 'linux.namespaces', (one) => memberAt(one, 'type') === type.type),
        )
      : { fact: config },
    enforced: namespaceInForce(sources, type),
    ...(path && mayJoin ? JOINED : {}),
    explains: (wanted) =>
      wanted === 'host'
        ? 'The process is in a namespace of its own: the explorer or the runtime is not in the host’s.'
        : 'The process is in the same namespace as this machine’s own processes.',
  };
}

function requestedMode(sources: Sources, type: NamespaceType): Column<RequestedValue> {
  const record = requestOf(sources);
  if (!isKnown(record)) return { fact: record };
  if (!('mode' in type) || (record.cri && !('cri' in type))) {
    return requestedNothing(sources, type.type, 'The API has no field for it.');
  }
  if (record.cri) {
    const options = memberAt(record.value, 'linux', 'security_context', 'namespace_options');
    const mode = memberAt(options, 'cri' in type ? type.cri : '');
    return criMode(record, type.type, options === undefined ? undefined : (asString(mode) ?? asNumber(mode) ?? 0));
  }
  // Podman has another name for that of the cgroup namespace.
  const member = type.type === 'cgroup' && isPodman(record.value) ? 'CgroupMode' : type.mode;
  const option = OPTIONS[type.type];
  // Podman's record names the default for some modes that were asked for otherwise.
  const mode =
    (option === undefined ? undefined : valueInCommand(record.value, option)) ??
    asString(memberAt(record.value, 'HostConfig', member)) ??
    '';
  const field = `HostConfig.${member}`;
  const origin = hostOrigin(sources, record, member);
  if (mode === 'host') return requestedValue(record, field, 'host', { origin });
  // What an empty mode means is the engine's own choice for these two.
  if (mode === '' && (type.type === 'user' || type.type === 'cgroup')) return requestedValue(record, field, undefined);
  if (mode === '') return requestedValue(record, field, 'separate', { show: () => 'its own', origin: 'engine' });
  return requestedValue(record, field, 'separate', { show: () => mode, origin });
}

/** Modes of the CRI by their number and name: which namespace a container is to be in. Source: cri-api, NamespaceMode. */
const CRI_MODES: readonly (readonly [name: string, words: string, canonical?: string])[] = [
  ['POD', 'the pod’s'],
  ['CONTAINER', 'its own', 'separate'],
  ['NODE', 'the node’s', 'host'],
  ['TARGET', 'that of another container', 'separate'],
];

function criMode(
  record: Parameters<typeof requestedValue>[0],
  type: string,
  mode: string | number | undefined,
): Column<RequestedValue> {
  const field = `linux.security_context.namespace_options.${type}`;
  const known = CRI_MODES.find(([name], index) => name === mode || index === mode);
  if (!known) return { fact: requestedValue(record, field, undefined).fact };
  const [, words, canonical] = known;
  const { fact } = requestedValue(record, field, words);
  // Whose namespace the pod's is, its sandbox says.
  return canonical === undefined ? { fact } : { fact, canonical };
}

function namespaceInForce(sources: Sources, { link }: NamespaceType): EnforcedColumn {
  const { namespaces } = sources.facts;
  if (!isKnown(namespaces)) return { fact: namespaces };
  const inode = namespaces.value[link];
  if (inode === undefined) {
    return {
      fact: unknown(`This kernel has no ${link} namespaces.`, 'Nothing to do: they came with a later Linux.', 'procfs'),
      lacking: true,
    };
  }
  const host = valueOf(sources.readings?.hostNamespaces)?.[link];
  const file = `/proc/PID/ns/${link}`.replace('PID', String(valueOf(sources.facts.initPid) ?? 'PID'));
  const shared = [...sources.neighbours].filter(([, others]) => others[link] === inode).map(([name]) => name);
  if (host === undefined) {
    return {
      fact: unknown(
        `It is ${link}:[${inode}]; whether that is the host’s cannot be told.`,
        `Compare: readlink ${file} /proc/1/ns/${link}`,
        'procfs',
      ),
    };
  }
  const isHost = host === inode;
  const whose = isHost ? 'the host’s' : shared.length > 0 ? `shared with ${shared.slice(0, 5).join(', ')}` : 'its own';
  return {
    fact: from(namespaces, { file, raw: `${link}:[${inode}]`, readable: `${whose} (${inode})` }),
    canonical: isHost ? 'host' : 'separate',
  };
}
