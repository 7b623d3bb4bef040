import { asArray, asString, memberAt } from '../../util/records';
import { toInteger } from '../../util/units';
import { isKnown } from '../fact';
import { enforcedReading, placeInList, requestedValue, requestOf, specifiedValue, type Sources } from './columns';
import type { Setting } from './judge';

/** Resource limits: the spec's name → the name in /proc/PID/limits. */
const NAMES: Readonly<Record<string, string>> = {
  RLIMIT_CPU: 'Max cpu time',
  RLIMIT_FSIZE: 'Max file size',
  RLIMIT_DATA: 'Max data size',
  RLIMIT_STACK: 'Max stack size',
  RLIMIT_CORE: 'Max core file size',
  RLIMIT_RSS: 'Max resident set',
  RLIMIT_NPROC: 'Max processes',
  RLIMIT_NOFILE: 'Max open files',
  RLIMIT_MEMLOCK: 'Max locked memory',
  RLIMIT_AS: 'Max address space',
  RLIMIT_LOCKS: 'Max file locks',
  RLIMIT_SIGPENDING: 'Max pending signals',
  RLIMIT_MSGQUEUE: 'Max msgqueue size',
  RLIMIT_NICE: 'Max nice priority',
  RLIMIT_RTPRIO: 'Max realtime priority',
  RLIMIT_RTTIME: 'Max realtime timeout',
};

/** Limits that somebody set, and that of open files in any case. */
export function limitSettings(sources: Sources): readonly Setting[] {
  const record = requestOf(sources);
  const config = sources.facts.ociConfig;
  const asked = limitsIn(
    isKnown(record) ? memberAt(record.value, 'HostConfig', 'Ulimits') : undefined,
    'Name',
    'Soft',
    'Hard',
  );
  const written = limitsIn(
    isKnown(config) ? memberAt(config.value, 'process', 'rlimits') : undefined,
    'type',
    'soft',
    'hard',
  );
  const types = new Set(['RLIMIT_NOFILE', ...asked.keys(), ...written.keys()]);
  return [...types]
    .filter((type) => Object.hasOwn(NAMES, type))
    .map((type): Setting => {
      const name = NAMES[type] ?? '';
      return {
        setting: name.replace(/^Max (.)/, (_, letter: string) => letter.toUpperCase()),
        group: 'Limits',
        requested: isKnown(record)
          ? requestedValue(record, 'HostConfig.Ulimits', asked.get(type), { show: showLimit })
          : { fact: record },
        specified: isKnown(config)
          ? specifiedValue(
              config,
              `process.rlimits, ${type}`,
              written.get(type),
              showLimit,
              placeInList(
                memberAt(config.value, 'process', 'rlimits'),
                'process.rlimits',
                (limit) => memberAt(limit, 'type') === type,
              ),
            )
          : { fact: config },
        enforced: enforcedReading(
          sources.readings?.limits,
          (limits) => {
            const limit = limits.find((one) => one.name === name);
            return limit ? `${name}: ${limit.soft} ${limit.hard}` : '';
          },
          (limits) => {
            const limit = limits.find((one) => one.name === name);
            return limit && `${limit.soft} ${limit.hard}`;
          },
          showLimit,
        ),
        explains: (wanted, now) => {
          const [soft, hard] = wanted.split(' ');
          const [softNow, hardNow] = (now ?? '').split(' ');
          return hard === hardNow && soft !== softNow
            ? 'The process changed its soft limit itself, which it may up to the hard one.'
            : undefined;
        },
        unsetWhy: 'Nobody asked for it: the limit is inherited from the shim, thus from containerd.',
      };
    });
}

/** Type → "soft hard"; what is as good as infinite is `unlimited`. */
function limitsIn(value: unknown, nameKey: string, softKey: string, hardKey: string): ReadonlyMap<string, string> {
  const limits = new Map<string, string>();
  for (const item of asArray(value)) {
    const name = asString(memberAt(item, nameKey))?.toUpperCase() ?? '';
    const [soft, hard] = [limitOf(memberAt(item, softKey)), limitOf(memberAt(item, hardKey))];
    if (soft === undefined || hard === undefined) continue;
    limits.set(name.startsWith('RLIMIT_') ? name : `RLIMIT_${name}`, `${soft} ${hard}`);
  }
  return limits;
}

/** -1 and 2^64 - 1 are RLIM_INFINITY. */
function limitOf(value: unknown): string | undefined {
  const number = toInteger(value);
  if (number === undefined) return undefined;
  return number < 0n || number >= 2n ** 64n - 1n ? 'unlimited' : String(number);
}

function showLimit(canonical: string): string {
  const [soft, hard] = canonical.split(' ');
  return soft === hard ? (soft ?? '') : `${soft}, may be raised to ${hard}`;
}
