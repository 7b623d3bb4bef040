import { asRecord, asString, asStrings, memberAt } from '../../util/records';
import { isKnown } from '../fact';
import {
  enforcedReading,
  requestedValue,
  requestOf,
  specified,
  type Column,
  type EnforcedColumn,
  type KnownRequest,
  type Sources,
} from './columns';
import type { Acceptance, Setting } from './judge';
import type { RequestedValue } from './row';

const UNCONFINED = 'unconfined';
const DEFAULT_PROFILE = 'the runtime’s default profile';

/** The AppArmor profile; the SELinux label where config.json has one. */
export function securityModule(sources: Sources): Setting {
  const record = requestOf(sources);
  const config = sources.facts.ociConfig;
  const selinux = isKnown(config) && textOf(memberAt(config.value, 'process', 'selinuxLabel')) !== undefined;
  const written = specified(sources, selinux ? 'process.selinuxLabel' : 'process.apparmorProfile', textOf);
  const label = sources.readings?.securityLabel;
  const none =
    label !== undefined && !isKnown(label) && label.unavailable.startsWith('This kernel runs no security module');
  const enforced: EnforcedColumn = enforcedReading(
    label,
    (text) => text,
    (text) => {
      const profile = text.replace(/ \((?:enforce|complain|kill|unconfined)\)$/, '');
      return profile === UNCONFINED || profile === '' ? undefined : profile;
    },
  );
  return {
    setting: selinux ? 'SELinux label' : 'AppArmor profile',
    group: 'Privileges',
    requested: isKnown(record) ? requestedProfile(record, selinux, written.canonical) : { fact: record },
    specified: written,
    enforced: none ? { fact: enforced.fact, lacking: true } : enforced,
    accepts: acceptUnconfined,
    explains: (_, now) =>
      now === undefined
        ? 'AppArmor does not confine the process: the profile is not loaded, or the kernel’s AppArmor is off.'
        : undefined,
  };
}

function acceptUnconfined(wanted: string, enforced: string | undefined): Acceptance | undefined {
  return wanted === UNCONFINED && enforced === undefined
    ? { verdict: 'in-force', why: 'No profile was asked for, and none confines the process.' }
    : undefined;
}

function textOf(value: unknown): string | undefined {
  return asString(value) || undefined;
}

/** @param written what config.json has of it: what the runtime's default profile is called */
function requestedProfile(record: KnownRequest, selinux: boolean, written: string | undefined): Column<RequestedValue> {
  if (record.cri) return selinux ? criLabel(record) : criProfile(record, written);
  if (selinux) return requestedValue(record, 'ProcessLabel', textOf(memberAt(record.value, 'ProcessLabel')), ENGINES);
  const option = asStrings(memberAt(record.value, 'HostConfig', 'SecurityOpt'))
    .flatMap((one) => /^apparmor[=:](.+)$/.exec(one)?.[1] ?? [])
    .at(-1);
  if (option !== undefined) return requestedValue(record, 'HostConfig.SecurityOpt', option);
  return requestedValue(record, 'AppArmorProfile', textOf(memberAt(record.value, 'AppArmorProfile')), ENGINES);
}

const ENGINES = { origin: 'engine' } as const;

function criLabel(record: KnownRequest): Column<RequestedValue> {
  const options = asRecord(memberAt(record.value, 'linux', 'security_context', 'selinux_options')) ?? {};
  const label = ['user', 'role', 'type', 'level'].flatMap((part) => asString(options[part]) || []).join(':');
  // The runtime fills in the parts that are not asked for, so the labels cannot be compared.
  return { fact: requestedValue(record, 'linux.security_context.selinux_options', label || undefined).fact };
}

/** Profile types as of seccomp: 0 is the runtime's own. Kubelets before 1.30 say it in a text. Source: cri-api, SecurityProfile. */
function criProfile(record: KnownRequest, written: string | undefined): Column<RequestedValue> {
  const context = memberAt(record.value, 'linux', 'security_context');
  const profile = asRecord(memberAt(context, 'apparmor'));
  const text = textOf(memberAt(context, 'apparmor_profile'));
  const field = `linux.security_context.${profile || text === undefined ? 'apparmor' : 'apparmor_profile'}`;
  const type = profile ? (profile.profile_type ?? 0) : undefined;
  if (type === 1 || type === 'Unconfined' || (!profile && text === UNCONFINED)) {
    return requestedValue(record, field, UNCONFINED);
  }
  if (type === 0 || type === 'RuntimeDefault' || (!profile && text === 'runtime/default')) {
    return requestedValue(record, field, written ?? DEFAULT_PROFILE, { show: () => DEFAULT_PROFILE });
  }
  const name = textOf(profile?.localhost_ref) ?? text?.replace(/^localhost\//, '');
  return requestedValue(record, field, name);
}
