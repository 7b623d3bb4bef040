import { asArray, asRecord, asString, asStrings, memberAt } from '../../util/records';
import { formatBytes, formatCount } from '../../util/units';
import { ioWeight } from '../cgroupConversion';
import { isKnown, unknown } from '../fact';
import { amount, deviceRates } from './canonical';
import { enforcedFile, requestedValue, requestOf, specified, specifiedValue, type Sources } from './columns';
import type { Setting } from './judge';

const THROTTLES = [
  {
    setting: 'Read limit',
    engine: 'BlkioDeviceReadBps',
    spec: 'throttleReadBpsDevice',
    v1: 'read_bps_device',
    v2: 'rbps',
    bytes: true,
  },
  {
    setting: 'Write limit',
    engine: 'BlkioDeviceWriteBps',
    spec: 'throttleWriteBpsDevice',
    v1: 'write_bps_device',
    v2: 'wbps',
    bytes: true,
  },
  {
    setting: 'Read operations limit',
    engine: 'BlkioDeviceReadIOps',
    spec: 'throttleReadIOPSDevice',
    v1: 'read_iops_device',
    v2: 'riops',
    bytes: false,
  },
  {
    setting: 'Write operations limit',
    engine: 'BlkioDeviceWriteIOps',
    spec: 'throttleWriteIOPSDevice',
    v1: 'write_iops_device',
    v2: 'wiops',
    bytes: false,
  },
] as const;

/** Disk and devices. */
export function diskSettings(sources: Sources): readonly Setting[] {
  return [weight(sources), ...THROTTLES.map((throttle) => throttleSetting(sources, throttle)), devices(sources)];
}

function weight(sources: Sources): Setting {
  const record = requestOf(sources);
  const inFile = (raw: string): string | undefined => /^(?:default )?(\d+)$/m.exec(raw)?.[1];
  const enforced = enforcedFile(sources, [
    { file: 'io.bfq.weight', canonical: inFile },
    { file: 'io.weight', canonical: inFile },
    { file: 'blkio.bfq.weight', canonical: inFile },
    { file: 'blkio.weight', canonical: inFile },
  ]);
  const scaled = isKnown(enforced.fact) && enforced.fact.value.file.endsWith('/io.weight');
  const v1 = isKnown(enforced.fact) && enforced.fact.value.file.endsWith('/blkio.weight');
  return {
    setting: 'Disk weight',
    group: 'Disk',
    requested: isKnown(record)
      ? requestedValue(record, 'HostConfig.BlkioWeight', amount(memberAt(record.value, 'HostConfig', 'BlkioWeight')))
      : { fact: record },
    specified: specified(sources, 'linux.resources.blockIO.weight', amount),
    enforced,
    byDefault: v1 ? '500' : '100',
    accepts: (wanted, now) =>
      scaled && String(ioWeight(Number(wanted))) === now
        ? { verdict: 'in-force', why: `${wanted} of 10 to 1000 is ${now} of 1 to 10000, in which cgroup v2 counts.` }
        : undefined,
  };
}

function throttleSetting(
  sources: Sources,
  { setting, engine, spec, v1, v2, bytes }: (typeof THROTTLES)[number],
): Setting {
  const record = requestOf(sources);
  const config = sources.facts.ociConfig;
  const path = `linux.resources.blockIO.${spec}`;
  const show = (canonical: string): string =>
    canonical
      .split('; ')
      .map((entry) => {
        const [device, rate = ''] = entry.split(' ');
        return `${device}: ${bytes ? formatBytes(rate) : `${formatCount(rate)} operations`} per second`;
      })
      .join('; ');
  const join = (rates: readonly string[]): string | undefined => (rates.length > 0 ? rates.join('; ') : undefined);
  const requestedRates = isKnown(record) ? deviceRates(memberAt(record.value, 'HostConfig', engine), 'Rate') : [];
  // The engine names devices by path, the kernel by number: what can be compared are the rates.
  const column = isKnown(record)
    ? requestedValue(record, `HostConfig.${engine}`, join(requestedRates), { show })
    : { fact: record };
  const rates = (canonical: string): string =>
    canonical
      .split('; ')
      .map((entry) => entry.split(' ').at(-1))
      .sort()
      .join(' ');
  return {
    setting,
    group: 'Disk',
    requested: column,
    specified: isKnown(config)
      ? specifiedValue(config, path, join(deviceRates(memberAt(config.value, ...path.split('.')), 'rate')), show)
      : { fact: config },
    enforced: enforcedFile(sources, [
      { file: 'io.max', canonical: (raw) => join(ratesOf(raw, v2)), show },
      { file: `blkio.throttle.${v1}`, canonical: (raw) => join(raw.split('\n').filter(Boolean).sort()), show },
    ]),
    same: (a, b) => rates(a) === rates(b),
    accepts: (wanted, enforced) =>
      enforced !== undefined && rates(wanted) === rates(enforced)
        ? { verdict: 'in-force', why: 'The kernel has the rate that was asked for; it names the device by its number.' }
        : undefined,
  };
}

/** Of io.max the rates of one kind: "254:0 rbps=max wbps=1048576 …" → ["254:0 1048576"]. */
function ratesOf(raw: string, key: string): readonly string[] {
  return raw.split('\n').flatMap((line) => {
    const rate = new RegExp(`\\b${key}=(\\d+)`).exec(line)?.[1];
    return rate === undefined ? [] : [`${line.split(' ', 1)[0] ?? ''} ${rate}`];
  });
}

function devices(sources: Sources): Setting {
  const record = requestOf(sources);
  const config = sources.facts.ociConfig;
  const cri = isKnown(record) && record.cri === true;
  const [list, path] = cri
    ? ([['devices'], 'host_path'] as const)
    : ([['HostConfig', 'Devices'], 'PathOnHost'] as const);
  const named = isKnown(record)
    ? asArray(memberAt(record.value, ...list)).map((device) => asString(memberAt(device, path)) ?? '')
    : [];
  const privilegedAt = cri ? ['linux', 'security_context', 'privileged'] : ['HostConfig', 'Privileged'];
  const privileged = isKnown(record) && memberAt(record.value, ...privilegedAt) === true;
  const rules = isKnown(record) ? asStrings(memberAt(record.value, 'HostConfig', 'DeviceCgroupRules')) : [];
  const wishes = [...named, ...rules];
  const shown = privileged ? 'all (privileged)' : wishes.length > 0 ? wishes.join(', ') : undefined;
  const field = cri ? 'devices' : 'HostConfig.Devices, DeviceCgroupRules, Privileged';
  const requestedFact = isKnown(record) ? requestedValue(record, field, shown).fact : record;
  const enforced = enforcedFile(sources, [
    { file: 'devices.list', canonical: (raw) => raw.split('\n').filter(Boolean).sort().join('; ') },
  ]);
  return {
    setting: 'Devices',
    group: 'Devices',
    requested: { fact: requestedFact },
    specified: isKnown(config)
      ? specifiedValue(
          config,
          'linux.resources.devices',
          allowedDevices(memberAt(config.value, 'linux', 'resources', 'devices')),
        )
      : { fact: config },
    enforced: enforced.lacking
      ? {
          fact: unknown(
            'cgroup v2 keeps device rules in a BPF program, which no file shows as text.',
            'As root: bpftool cgroup show FOLDER_OF_THE_CGROUP, then bpftool prog dump xlated id ID.',
            'cgroupfs',
          ),
        }
      : enforced,
    unsetWhy: 'config.json allows none by itself: the runtime adds terminals and the devices that every container has.',
    accepts: (wanted, now) => {
      const rules = (now ?? '').split('; ');
      if (rules.includes('a *:* rwm')) {
        return wanted.includes('a *:* rwm') ? { verdict: 'in-force', why: 'All devices are allowed.' } : undefined;
      }
      const missing = wanted.split('; ').filter((rule) => rule !== '' && !rules.some((one) => covers(one, rule)));
      return missing.length === 0
        ? {
            verdict: 'in-force',
            why: 'The kernel allows what config.json allows; the runtime adds terminals and the devices that every container has.',
          }
        : undefined;
    },
  };
}

/** The device rules that remain allowed once all are applied in order: "c 1:3 rwm; c 1:5 rwm". */
function allowedDevices(value: unknown): string | undefined {
  const allowed = new Set<string>();
  for (const rule of asArray(value)) {
    const { allow, type, major, minor, access } = asRecord(rule) ?? {};
    const number = (part: unknown): string => (typeof part === 'number' && part >= 0 ? String(part) : '*');
    const kind = asString(type) || 'a';
    const text = `${kind} ${number(major)}:${number(minor)} ${asString(access) ?? 'rwm'}`;
    if (allow === true) allowed.add(text);
    else if (kind === 'a') allowed.clear();
    else allowed.delete(text);
  }
  return allowed.size > 0 ? [...allowed].sort().join('; ') : undefined;
}

function covers(rule: string, wanted: string): boolean {
  const [kind, number = '', access = ''] = rule.split(' ');
  const [wantedKind, wantedNumber = '', wantedAccess = ''] = wanted.split(' ');
  const [major, minor] = number.split(':');
  const [wantedMajor, wantedMinor] = wantedNumber.split(':');
  return (
    (kind === 'a' || kind === wantedKind) &&
    (major === '*' || major === wantedMajor) &&
    (minor === '*' || minor === wantedMinor) &&
    [...wantedAccess].every((letter) => access.includes(letter))
  );
}
