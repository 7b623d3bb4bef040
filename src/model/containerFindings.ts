import { asArray, asRecord, asString, asStrings, memberAt } from '../util/records';
import { shellLine } from '../util/text';
import { formatBytes, formatDuration } from '../util/units';
import type { CgroupNumber, CgroupReading, CgroupReport } from './cgroup';
import { isKnown, known, type Fact, type KnownFact } from './fact';
import type { ContainerFacts } from './inspection';
import { DEFAULT_CAPABILITIES } from './predictedSpec';

/** What is worth saying of a container unasked. A fact with its evidence, not a score. */
export interface ContainerFinding {
  readonly id: FindingId;
  /** What it is, in a few words. */
  readonly title: string;
  /** What that means. */
  readonly text: string;
  /** What it follows from: the value, where it stands, and a command that shows it. */
  readonly evidence: KnownFact<string>;
}

export type FindingId =
  | 'privileged'
  | 'host-namespaces'
  | 'engine-socket'
  | 'writable-cgroup'
  | 'no-memory-limit'
  | 'near-memory-limit'
  | 'memory-in-use'
  | 'oom-killed'
  | 'throttled'
  | 'more-capabilities'
  | 'no-seccomp';

/** A use of so much of the limit counts as near it. */
const NEAR = 0.9;

/** Everything worth saying that is known; nothing is said of what is not. */
export function findingsOf(facts: Pick<ContainerFacts, 'ociConfig' | 'engineRecord' | 'cgroups'>): ContainerFinding[] {
  const { ociConfig, engineRecord, cgroups } = facts;
  const privileged = privilegedIn(engineRecord);
  return [
    ...(privileged ? [privileged] : []),
    ...(isKnown(ociConfig) ? ofSpec(ociConfig, privileged !== undefined) : []),
    ...(isKnown(cgroups) ? ofCgroups(cgroups) : []),
  ];
}

function privilegedIn(record: Fact<unknown>): ContainerFinding | undefined {
  if (!isKnown(record) || memberAt(record.value, 'HostConfig', 'Privileged') !== true) return undefined;
  return finding(
    'privileged',
    'Privileged',
    'It has all capabilities, all devices, and neither seccomp nor masked paths: who is root in it can be root of the machine.',
    evidence(record, 'HostConfig.Privileged: true'),
  );
}

function ofSpec(spec: KnownFact<unknown>, isPrivileged: boolean): ContainerFinding[] {
  return [
    hostNamespaces(spec),
    engineSocket(spec),
    writableCgroup(spec),
    // What a privileged container has anyway need not be said twice.
    isPrivileged ? undefined : moreCapabilities(spec),
    isPrivileged ? undefined : noSeccomp(spec),
  ].filter((one) => one !== undefined);
}

/** The namespaces whose absence in the spec means the host's own. Source: OCI runtime spec, config-linux.md, Namespaces. */
const NAMESPACES: Readonly<Record<string, string>> = {
  network: 'the host’s network interfaces and ports',
  pid: 'the host’s processes',
  ipc: 'the host’s shared memory and semaphores',
  uts: 'the host’s name',
  mount: 'the host’s mounts',
};

function hostNamespaces(spec: KnownFact<unknown>): ContainerFinding | undefined {
  const list = memberAt(spec.value, 'linux', 'namespaces');
  if (!Array.isArray(list)) return undefined;
  const own = new Set(asArray(list).map((namespace) => asString(memberAt(namespace, 'type'))));
  const shared = Object.keys(NAMESPACES).filter((type) => !own.has(type));
  if (shared.length === 0) return undefined;
  const what = shared.map((type) => NAMESPACES[type]).join(', ');
  return finding(
    'host-namespaces',
    `Shares with the host: ${shared.join(', ')}`,
    `Its processes see ${what}, as every process of the host does.`,
    evidence(spec, `linux.namespaces has no ${shared.join(', no ')}`),
  );
}

function engineSocket(spec: KnownFact<unknown>): ContainerFinding | undefined {
  const mount = asArray(memberAt(spec.value, 'mounts')).find((one) =>
    /\/(?:docker|containerd|podman|crio|cri-dockerd|buildkitd)\.sock$/.test(asString(memberAt(one, 'source')) ?? ''),
  );
  if (mount === undefined) return undefined;
  const source = asString(memberAt(mount, 'source')) ?? '';
  return finding(
    'engine-socket',
    'Holds an engine’s socket',
    'Who may write to it can start a privileged container, and so be root of the machine. A read-only mount does not change that.',
    evidence(spec, `mounts: ${source} → ${asString(memberAt(mount, 'destination')) ?? ''}`),
  );
}

function writableCgroup(spec: KnownFact<unknown>): ContainerFinding | undefined {
  const mount = asArray(memberAt(spec.value, 'mounts')).find(
    (one) =>
      /^cgroup2?$/.test(asString(memberAt(one, 'type')) ?? '') &&
      !asStrings(memberAt(one, 'options')).includes('ro') &&
      asString(memberAt(one, 'destination')) === '/sys/fs/cgroup',
  );
  if (mount === undefined) return undefined;
  return finding(
    'writable-cgroup',
    'May write its cgroups',
    'It can make cgroups of its own and change limits below its own, as systemd in a container wants. With cgroup v1 and CAP_SYS_ADMIN that has been a way out.',
    evidence(spec, `mounts: ${asString(memberAt(mount, 'type')) ?? ''} on /sys/fs/cgroup without ro`),
  );
}

function moreCapabilities(spec: KnownFact<unknown>): ContainerFinding | undefined {
  const bounding = asStrings(memberAt(spec.value, 'process', 'capabilities', 'bounding'));
  const usual: readonly string[] = DEFAULT_CAPABILITIES;
  const more = bounding.filter((name) => !usual.includes(name));
  if (more.length === 0) return undefined;
  return finding(
    'more-capabilities',
    `Capabilities beyond the usual: ${more.slice(0, 6).join(', ')}${more.length > 6 ? ` and ${more.length - 6} more` : ''}`,
    'They are not among the 14 that Docker gives when nothing is asked for. Hover over them in config.json for what each allows.',
    evidence(spec, `process.capabilities.bounding: ${more.join(', ')}`),
  );
}

function noSeccomp(spec: KnownFact<unknown>): ContainerFinding | undefined {
  const linux = asRecord(memberAt(spec.value, 'linux'));
  if (linux === undefined || (linux.seccomp !== undefined && linux.seccomp !== null)) return undefined;
  return finding(
    'no-seccomp',
    'No seccomp filter',
    'It may make every system call that its capabilities allow. Docker and Podman filter by default; a kubelet does only when asked to.',
    evidence(spec, 'linux.seccomp is not set'),
  );
}

function ofCgroups(cgroups: KnownFact<CgroupReport>): ContainerFinding[] {
  const readings = cgroups.value.controllers.flatMap((controller) => controller.readings);
  return [...memoryFindings(readings, cgroups), throttled(readings, cgroups)].filter((one) => one !== undefined);
}

function memoryFindings(
  readings: readonly CgroupReading[],
  cgroups: KnownFact<CgroupReport>,
): (ContainerFinding | undefined)[] {
  const at = (label: string, ...files: readonly string[]): CgroupReading | undefined =>
    readings.find((reading) => reading.label === label && files.includes(reading.file));
  const limit = at('Memory limit', 'memory.max', 'memory.limit_in_bytes');
  const used = at('Memory in use', 'memory.current', 'memory.usage_in_bytes');
  const kills = at('Processes killed for want of memory', 'memory.events', 'memory.oom_control');
  const bound = limit && effectiveOf(limit);
  return [
    limit && bound === 'max'
      ? finding(
          'no-memory-limit',
          'No memory limit',
          'It may use all memory of the machine. When that runs out, the kernel chooses among all processes what to kill.',
          from(cgroups, limit, `${limit.file}: ${limit.raw}`),
        )
      : undefined,
    used && typeof used.value === 'number' && typeof bound === 'number' && used.value >= bound * NEAR
      ? finding(
          'near-memory-limit',
          `Uses ${Math.floor((used.value * 100) / bound)} % of its memory limit`,
          'The kernel first takes back file pages; when nothing is left to take, it kills a process of the container.',
          from(cgroups, used, `${formatBytes(used.value)} of ${formatBytes(bound)}`),
        )
      : undefined,
    kills && typeof kills.value === 'number' && kills.value > 0
      ? finding(
          'oom-killed',
          kills.value === 1
            ? 'A process was killed for want of memory'
            : `${kills.value} processes were killed for want of memory`,
          'The kernel counts them while the container runs. It need not have been the main process: then the container goes on.',
          from(cgroups, kills, `${kills.file}: oom_kill ${kills.value}`),
        )
      : undefined,
    memoryThreeWays(used, readings, cgroups),
  ];
}

/** Tools disagree on what memory a container uses, since they count different things. */
function memoryThreeWays(
  used: CgroupReading | undefined,
  readings: readonly CgroupReading[],
  cgroups: KnownFact<CgroupReport>,
): ContainerFinding | undefined {
  const inStat = (label: string): number | undefined => {
    const value = readings.find((reading) => reading.file === 'memory.stat' && reading.label === label)?.value;
    return typeof value === 'number' ? value : undefined;
  };
  const inactive = inStat('File pages not used lately');
  const anonymous = inStat('Anonymous memory');
  if (typeof used?.value !== 'number' || inactive === undefined || anonymous === undefined) return undefined;
  // Read one after the other: the parts may be newer than the whole.
  const working = Math.max(0, used.value - inactive);
  return finding(
    'memory-in-use',
    `Memory in use: ${short(used.value)}, ${short(working)} or ${short(anonymous)}`,
    'The first is what the kernel charges and compares with the limit. The second leaves out file pages not used lately, as docker stats and kubelets do. The third is anonymous memory alone: what cannot be dropped.',
    from(
      cgroups,
      used,
      `charged ${formatBytes(used.value)}; without inactive file pages ${formatBytes(working)}; anonymous ${formatBytes(anonymous)}`,
    ),
  );
}

function throttled(readings: readonly CgroupReading[], cgroups: KnownFact<CgroupReport>): ContainerFinding | undefined {
  const periods = readings.find(({ label, file }) => file === 'cpu.stat' && label === 'Periods throttled');
  const time = readings.find(({ label, file }) => file === 'cpu.stat' && label === 'Time throttled');
  if (typeof periods?.value !== 'number' || periods.value === 0) return undefined;
  const micros = typeof time?.value === 'number' ? (time.unit === 'ns' ? time.value / 1_000 : time.value) : undefined;
  const lost = micros === undefined ? '' : `, for ${formatDuration(micros)} in all`;
  return finding(
    'throttled',
    `Throttled in ${periods.value} periods${lost}`,
    'It had used up its CPU quota and had to wait for the next period. Latency suffers first.',
    from(cgroups, periods, periods.raw.split('\n').join(' · ')),
  );
}

function effectiveOf({ value, effective }: CgroupReading): CgroupNumber | undefined {
  return effective?.value ?? value;
}

function short(bytes: number): string {
  return formatBytes(bytes)
    .replace(/ \(.*\)$/, '')
    .replace(/^about /, '');
}

function finding(id: FindingId, title: string, text: string, of: KnownFact<string>): ContainerFinding {
  return { id, title, text, evidence: of };
}

/** A finding is as good as the fact it follows from: the same source, time and command. */
function evidence(fact: KnownFact<unknown>, value: string): KnownFact<string> {
  const { route, source, how, observedAt, note } = fact;
  return known(route, value, source, how, { observedAt, ...(note === undefined ? {} : { note }) });
}

function from(cgroups: KnownFact<CgroupReport>, reading: CgroupReading, value: string): KnownFact<string> {
  return known('cgroupfs', value, reading.path, shellLine(['cat', reading.path]), { observedAt: cgroups.observedAt });
}
