import { asArray, asNumber, asRecord, asString, asStrings, memberAt } from '../../util/records';
import { counted } from '../../util/text';
import { capabilitiesOfMask, CAPABILITY_NAMES, fullCapabilityName } from '../capabilities';
import { isKnown, valueOf } from '../fact';
import { predictSpec } from '../predictedSpec';
import {
  enforcedReading,
  requestedValue,
  requestOf,
  specified,
  specifiedValue,
  type Column,
  type RequestFact,
  type Sources,
} from './columns';
import type { Setting } from './judge';
import { isPodman } from './podmanCommand';
import { securityModule } from './securityModuleRow';
import type { StatusReading } from './readings';
import type { RequestedValue } from './row';

const SETS = [
  ['bounding', 'CapBnd'],
  ['permitted', 'CapPrm'],
  ['effective', 'CapEff'],
  ['inheritable', 'CapInh'],
  ['ambient', 'CapAmb'],
] as const;

const AMBIENT_FIELD = 'linux.security_context.capabilities.add_ambient_capabilities';

/** Capabilities, seccomp, security modules, no_new_privs and the OOM score. */
export function privilegeSettings(sources: Sources): readonly Setting[] {
  return [
    ...SETS.map(([set, line]) => capabilitySet(sources, set, line)),
    seccomp(sources),
    securityModule(sources),
    noNewPrivileges(sources),
    oomScore(sources),
  ];
}

/** Names in the order of the kernel's bits. */
function ordered(names: readonly string[]): string {
  const full = [...new Set(names.map(fullCapabilityName))];
  const rank = (name: string): number => CAPABILITY_NAMES.findIndex((known) => known === name);
  return full.sort((a, b) => rank(a) - rank(b)).join(' ');
}

function showNames(canonical: string): string {
  if (canonical === '') return 'none';
  const names = canonical.split(' ');
  if (names.length >= CAPABILITY_NAMES.length) return `all ${names.length}`;
  return names.map((name) => name.replace(/^CAP_/, '').toLowerCase()).join(', ');
}

function capabilitySet(sources: Sources, set: (typeof SETS)[number][0], line: string): Setting {
  const config = sources.facts.ociConfig;
  const list = isKnown(config) ? memberAt(config.value, 'process', 'capabilities', set) : undefined;
  const uid = isKnown(config) ? asNumber(memberAt(config.value, 'process', 'user', 'uid')) : undefined;
  const ambient = isKnown(config) ? asStrings(memberAt(config.value, 'process', 'capabilities', 'ambient')) : [];
  return {
    setting: `Capabilities: ${set}`,
    group: 'Privileges',
    requested: requestedCapabilities(sources, set),
    specified: isKnown(config)
      ? specifiedValue(config, `process.capabilities.${set}`, ordered(asStrings(list)), showNames)
      : { fact: config },
    enforced: enforcedReading(
      sources.readings?.status,
      ({ capabilities }) => `${line}: ${capabilities[set]}`,
      ({ capabilities }) => {
        const names = capabilitiesOfMask(capabilities[set]);
        return names && ordered(names);
      },
      showNames,
    ),
    same: (asked, written) => isIgnoredAmbient(sources, set, asked, written),
    accepts: (asked, now) =>
      isIgnoredAmbient(sources, set, asked, now)
        ? {
            verdict: 'not-enforced',
            why: 'The runtime has written none of them into config.json: not every runtime acts on this field of the CRI, and containerd does not.',
          }
        : undefined,
    explainsEngine: () =>
      uid !== undefined && uid !== 0 && (set === 'permitted' || set === 'effective')
        ? `The process runs as user ${uid}, not as root: the engine already leaves these capabilities out of config.json, as the kernel would take them away when the program starts.`
        : undefined,
    explains: (wanted, enforced) => {
      const names = (text: string | undefined): Set<string> => new Set((text ?? '').split(' ').filter(Boolean));
      const [asked, got] = [names(wanted), names(enforced)];
      const missing = [...asked].filter((name) => !got.has(name));
      if (
        (set === 'permitted' || set === 'effective') &&
        uid !== undefined &&
        uid !== 0 &&
        ambient.length === 0 &&
        got.size < asked.size
      ) {
        return `The process runs as user ${uid}, not as root, and the ambient set is empty: the kernel takes these capabilities away when the program starts.`;
      }
      const unknown = missing.filter((name) => !CAPABILITY_NAMES.some((known) => known === name));
      if (missing.length > 0 && unknown.length === missing.length) return 'This kernel does not know them.';
      if (missing.length > 0 && got.size < asked.size && set !== 'ambient') {
        return `Missing: ${showNames(missing.join(' '))}. The process gave them up itself, or the runtime had none to give.`;
      }
      return undefined;
    },
  };
}

/** Which capabilities an engine's record asks for: what Docker gives, and what was added and dropped. */
function requestedCapabilities(sources: Sources, set: (typeof SETS)[number][0]): Column<RequestedValue> {
  const record = requestOf(sources);
  if (!isKnown(record)) return { fact: record };
  if (record.cri) {
    const wish = asRecord(memberAt(record.value, 'linux', 'security_context', 'capabilities'));
    if (set === 'ambient') {
      const ambient = ordered(asStrings(wish?.add_ambient_capabilities)) || undefined;
      return requestedValue(record, AMBIENT_FIELD, ambient, { show: showNames });
    }
    const added = asStrings(wish?.add_capabilities);
    const dropped = asStrings(wish?.drop_capabilities);
    const privileged = memberAt(record.value, 'linux', 'security_context', 'privileged') === true;
    const text = privileged
      ? 'privileged: all'
      : [...added.map((name) => `+${name}`), ...dropped.map((name) => `-${name}`)].join(' ');
    return {
      fact: requestedValue(
        record,
        'linux.security_context.capabilities, privileged',
        text || 'the runtime’s default set',
        { origin: text ? 'request' : 'engine' },
      ).fact,
    };
  }
  const host = memberAt(record.value, 'HostConfig');
  const [added, dropped] = [asStrings(memberAt(host, 'CapAdd')), asStrings(memberAt(host, 'CapDrop'))];
  const privileged = memberAt(host, 'Privileged') === true;
  const wish = privileged
    ? 'privileged: all'
    : [...added.map((name) => `+${name}`), ...dropped.map((name) => `-${name}`)].join(' ');
  const predicted = memberAt(predictSpec(record.value), 'process', 'capabilities', set);
  const fact = requestedValue(record, 'HostConfig.CapAdd, CapDrop, Privileged', wish || 'the engine’s default set', {
    origin: wish ? 'request' : 'engine',
  }).fact;
  // Podman has defaults of its own, and says what came of them.
  const decided = isPodman(record.value) ? podmanSet(record.value, set) : predicted;
  return decided === undefined ? { fact } : { fact, canonical: ordered(asStrings(decided)) };
}

/** True where a kubelet asked for ambient capabilities, and `now` has none. */
function isIgnoredAmbient(
  sources: Sources,
  set: (typeof SETS)[number][0],
  asked: string,
  now: string | undefined,
): boolean {
  const record = requestOf(sources);
  return set === 'ambient' && isKnown(record) && record.cri === true && asked !== '' && now === '';
}

function podmanSet(record: unknown, set: (typeof SETS)[number][0]): unknown {
  if (set === 'bounding') return memberAt(record, 'BoundingCaps') ?? undefined;
  return set === 'permitted' || set === 'effective' ? (memberAt(record, 'EffectiveCaps') ?? undefined) : undefined;
}

function seccomp(sources: Sources): Setting {
  const record = requestOf(sources);
  const config = sources.facts.ociConfig;
  const filter = isKnown(config) ? asRecord(memberAt(config.value, 'linux', 'seccomp')) : undefined;
  const rules = asArray(filter?.syscalls).length;
  return {
    setting: 'Seccomp filter',
    group: 'Privileges',
    requested: requestedSeccomp(sources, record),
    specified: isKnown(config)
      ? specifiedValue(config, 'linux.seccomp', filter ? 'filter' : 'none', (text) =>
          text === 'filter'
            ? `a filter: ${asString(filter?.defaultAction) ?? ''} by default, ${counted(rules, 'rule')}`
            : 'no filter',
        )
      : { fact: config },
    enforced: enforcedReading(
      sources.readings?.status,
      ({ seccomp: mode, seccompFilters }) =>
        `Seccomp: ${mode ?? '?'}${seccompFilters === undefined ? '' : `, Seccomp_filters: ${seccompFilters}`}`,
      ({ seccomp: mode }) => (mode === undefined ? undefined : mode === 2 ? 'filter' : mode === 1 ? 'strict' : 'none'),
      (mode) => ({ filter: 'a filter', strict: 'strict: read, write and exit only', none: 'no filter' })[mode] ?? mode,
    ),
    byDefault: 'none',
    explains: (wanted, now) =>
      wanted === 'none' && now === 'filter'
        ? 'A filter was loaded since, or inherited from whoever started the runtime.'
        : undefined,
  };
}

function requestedSeccomp(sources: Sources, record: RequestFact): Column<RequestedValue> {
  if (!isKnown(record)) return { fact: record };
  const field = 'HostConfig.SecurityOpt, Privileged';
  if (record.cri) return criSeccomp(record);
  const host = memberAt(record.value, 'HostConfig');
  const option = asStrings(memberAt(host, 'SecurityOpt')).find((one) => /^seccomp[=:]/.test(one));
  const profile = option?.slice('seccomp='.length);
  if (profile === 'unconfined') return requestedValue(record, field, 'none', { show: () => 'unconfined' });
  if (memberAt(host, 'Privileged') === true)
    return requestedValue(record, field, 'none', { show: () => 'privileged: no filter' });
  if (profile !== undefined) {
    return requestedValue(record, field, 'filter', {
      show: () => (profile.startsWith('{') ? 'a profile of its own' : profile),
    });
  }
  const fact = requestedValue(record, field, 'the engine’s default profile', { origin: 'engine' }).fact;
  const info = valueOf(sources.facts.engine)?.info;
  const supports = asStrings(memberAt(info, 'SecurityOptions')).some((one) => one.includes('name=seccomp'));
  return supports ? { fact, canonical: 'filter' } : { fact };
}

/** Profile types of the CRI: 0 is the runtime's own. Before 1.19 a path said it. Source: cri-api, SecurityProfile. */
function criSeccomp(record: Parameters<typeof requestedValue>[0]): Column<RequestedValue> {
  const context = memberAt(record.value, 'linux', 'security_context');
  const profile = asRecord(memberAt(context, 'seccomp'));
  const path = asString(memberAt(context, 'seccomp_profile_path'));
  const field =
    profile || path === undefined ? 'linux.security_context.seccomp' : 'linux.security_context.seccomp_profile_path';
  const type = profile ? (profile.profile_type ?? 0) : undefined;
  if (memberAt(context, 'privileged') === true) {
    return requestedValue(record, 'linux.security_context.privileged', 'none', { show: () => 'privileged: no filter' });
  }
  if (type === 1 || type === 'Unconfined' || path === 'unconfined') {
    return requestedValue(record, field, 'none', { show: () => 'unconfined' });
  }
  if (type === 2 || type === 'Localhost' || path?.startsWith('localhost/') === true) {
    const file = asString(profile?.localhost_ref) ?? path ?? '';
    return requestedValue(record, field, 'filter', { show: () => file });
  }
  if (type === 0 || type === 'RuntimeDefault' || path === 'runtime/default' || path === 'docker/default') {
    return requestedValue(record, field, 'filter', { show: () => 'the runtime’s default profile' });
  }
  return { fact: requestedValue(record, field, undefined).fact };
}

function noNewPrivileges(sources: Sources): Setting {
  const record = requestOf(sources);
  const yes = (is: boolean): string | undefined => (is ? 'yes' : undefined);
  const options = isKnown(record) ? asStrings(memberAt(record.value, 'HostConfig', 'SecurityOpt')) : [];
  return {
    setting: 'No new privileges',
    group: 'Privileges',
    requested: isKnown(record)
      ? requestedValue(
          record,
          record.cri ? 'linux.security_context.no_new_privs' : 'HostConfig.SecurityOpt',
          yes(
            record.cri
              ? memberAt(record.value, 'linux', 'security_context', 'no_new_privs') === true
              : options.some((option) => /^no-new-privileges(?:[:=]true)?$/.test(option)),
          ),
        )
      : { fact: record },
    specified: specified(sources, 'process.noNewPrivileges', (value) => yes(value === true)),
    enforced: enforcedReading(
      sources.readings?.status,
      ({ noNewPrivileges: is }) => `NoNewPrivs: ${is ? 1 : 0}`,
      ({ noNewPrivileges: is }) => yes(is === true),
      () => 'yes',
    ),
    unsetWhy: 'Nobody asked for it: the process set it itself, or inherited it.',
  };
}

function oomScore(sources: Sources): Setting {
  const score = (value: unknown): string | undefined =>
    asNumber(value) === undefined ? undefined : String(asNumber(value));
  const record = requestOf(sources);
  const path = isKnown(record) && record.cri ? ['linux', 'resources', 'oom_score_adj'] : ['HostConfig', 'OomScoreAdj'];
  const asked = isKnown(record) ? asNumber(memberAt(record.value, ...path)) : undefined;
  return {
    setting: 'OOM score adjustment',
    group: 'Privileges',
    requested: isKnown(record)
      ? requestedValue(record, path.join('.'), score(asked), asked === 0 ? { origin: 'engine' } : {})
      : { fact: record },
    specified: specified(sources, 'process.oomScoreAdj', score),
    enforced: enforcedReading(sources.readings?.oomScoreAdj, String, String),
    byDefault: '0',
    explains: (wanted, now) =>
      now !== undefined && Number(now) > Number(wanted)
        ? 'A runtime without root’s rights may not go below its own value.'
        : undefined,
    unsetWhy: 'Nobody asked for it: the value is inherited from the shim.',
  };
}

/** Which signals a process handles or ignores. */
export function handlesSignal(status: StatusReading, signal: number): 'handles' | 'ignores' | 'default' {
  const has = (mask: string): boolean =>
    /^[0-9a-f]{1,16}$/i.test(mask) && ((BigInt(`0x${mask}`) >> BigInt(signal - 1)) & 1n) === 1n;
  if (has(status.signalsCaught)) return 'handles';
  return has(status.signalsIgnored) ? 'ignores' : 'default';
}
