import { asNumber, memberAt } from '../../util/records';
import type { RuntimeState } from './runtimeState';

/** A limit as config.json and as runc's state.json name it. Sources: OCI config-linux.md; opencontainers/cgroups config_linux.go. */
const LIMITS = [
  ['memory limit', ['memory', 'limit'], 'memory'],
  ['memory reservation', ['memory', 'reservation'], 'memory_reservation'],
  ['memory and swap limit', ['memory', 'swap'], 'memory_swap'],
  ['CPU shares', ['cpu', 'shares'], 'cpu_shares'],
  ['CPU quota', ['cpu', 'quota'], 'cpu_quota'],
  ['CPU period', ['cpu', 'period'], 'cpu_period'],
  ['CPUs', ['cpu', 'cpus'], 'cpuset_cpus'],
  ['memory nodes', ['cpu', 'mems'], 'cpuset_mems'],
  ['process limit', ['pids', 'limit'], 'pids_limit'],
  ['block I/O weight', ['blockIO', 'weight'], 'blkio_weight'],
] as const;

/**
 * Says where config.json is behind: limits that were changed in a running container (`docker update`) reach the runtime's
 * state and the cgroup, never config.json.
 *
 * @returns undefined when they agree, or when the state tells no limits (crun's does not)
 */
export function stalenessNote(config: unknown, state: RuntimeState): string | undefined {
  if (state.runtime !== 'runc') return undefined;
  const requested = memberAt(config, 'linux', 'resources');
  const inForce = memberAt(state.record, 'config', 'cgroups');
  if (inForce === undefined) return undefined;
  const changes = LIMITS.flatMap(([label, configPath, stateKey]) => {
    const before = limitOf(memberAt(requested, ...configPath));
    const now = limitOf(memberAt(inForce, stateKey));
    return before === now ? [] : [`${label} ${now ?? 'none'} instead of ${before ?? 'none'}`];
  });
  if (changes.length === 0) return undefined;
  return `Stale: limits were changed while the container ran, as docker update does. ${state.file} has ${changes.join(', ')}.`;
}

/** A limit for comparison; what both files write for "not set" (0, -1, empty) is undefined. */
function limitOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  const number = asNumber(value);
  return number === undefined || number <= 0 ? undefined : String(number);
}
