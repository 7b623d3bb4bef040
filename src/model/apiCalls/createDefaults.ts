import { isEqual } from '../../util/equal';
import { asNumber, asRecord, asString, asStrings, type UnknownRecord } from '../../util/records';
import type { DaemonDefaults } from './createRequest';

/** The record of a container, taken apart. */
export interface RecordContext {
  readonly id: string;
  readonly config: UnknownRecord;
  readonly host: UnknownRecord;
  readonly imageConfig: UnknownRecord;
  readonly daemon: DaemonDefaults;
}

/** Fields by who set them. */
export interface Split {
  readonly asked: UnknownRecord;
  readonly filled: UnknownRecord;
}

/** Splits `Config`: what the image has as well, or what the daemon writes into every record, was filled in. */
export function configRest(context: RecordContext): Split {
  const { config, imageConfig } = context;
  const asked: [string, unknown][] = [];
  const filled: [string, unknown][] = [];
  for (const [key, value] of Object.entries(config)) {
    switch (key) {
      case 'Image':
        asked.push([key, value]);
        break;
      case 'Hostname':
        (isOwnHostname(context) ? filled : asked).push([key, value]);
        break;
      case 'Env': {
        const { own, brought } = splitEnv(asStrings(value), asStrings(imageConfig.Env));
        if (own.length > 0) asked.push([key, own]);
        filled.push([key, brought]);
        break;
      }
      case 'Labels':
      case 'ExposedPorts':
      case 'Volumes': {
        const { own, brought } = splitMap(value, imageConfig[key]);
        // Published ports are exposed by that alone; asking for both does no harm.
        if (own) asked.push([key, own]);
        if (brought) filled.push([key, brought]);
        break;
      }
      case 'Cmd':
      case 'Entrypoint':
        // An entrypoint that was taken away is asked for as one empty word.
        if (!isCommandAsked(key, config, imageConfig)) filled.push([key, value]);
        else asked.push([key, key === 'Entrypoint' && isEmpty(value) ? [''] : value]);
        break;
      case 'Healthcheck': {
        // The engine takes each part that was not asked for from the image's.
        const { own, brought } = splitMap(value, imageConfig[key]);
        if (own) asked.push([key, own]);
        if (brought) filled.push([key, brought]);
        break;
      }
      case 'StopTimeout':
        // Zero is an answer here: kill without waiting.
        (value === null ? filled : asked).push([key, value]);
        break;
      case 'Shell':
      case 'OnBuild':
      case 'ArgsEscaped':
        filled.push([key, value]);
        break;
      default:
        // An image made by `docker commit` has the other fields too, and the engine takes nothing from those.
        (isEmpty(value) || (FROM_IMAGE.has(key) && isEqual(value, imageConfig[key])) ? filled : asked).push([
          key,
          value,
        ]);
    }
  }
  return { asked: withoutNull(asked), filled: Object.fromEntries(filled.filter(([, value]) => !isEmpty(value))) };
}

/** Fields of which the image's counts where none was asked for. */
const FROM_IMAGE: ReadonlySet<string> = new Set(['User', 'WorkingDir', 'StopSignal']);

/**
 * The engine puts the variables that were asked for first, and behind them those of the image whose names are still free,
 * in the image's order. So only the end of the list can have come from the image.
 */
function splitEnv(
  env: readonly string[],
  image: readonly string[],
): { own: readonly string[]; brought: readonly string[] } {
  let start = env.length;
  let from = image.length;
  while (start > 0) {
    const found = from === 0 ? -1 : image.lastIndexOf(env[start - 1] ?? '', from - 1);
    if (found < 0) break;
    from = found;
    start--;
  }
  return { own: env.slice(0, start), brought: env.slice(start) };
}

/** Splits `HostConfig`: empty fields and the daemon's own values were filled in. */
export function hostRest(context: RecordContext): Split {
  const asked: [string, unknown][] = [];
  const filled: [string, unknown][] = [];
  for (const [key, value] of Object.entries(context.host)) {
    const isFilled = HOST_RULES[key]?.(value, context) ?? isEmpty(value);
    (isFilled ? filled : asked).push([key, isFilled ? value : (value ?? [])]);
  }
  return {
    asked: Object.fromEntries(asked),
    filled: Object.fromEntries(filled.filter(([, value]) => !isEmpty(value))),
  };
}

/** Whether a member of `HostConfig` is as the daemon fills it in where nobody asks for it; then nobody can tell who set it. */
export function isHostDefault(member: string, host: UnknownRecord, daemon: DaemonDefaults): boolean {
  const value = host[member];
  return HOST_RULES[member]?.(value, { host, daemon }) ?? isEmpty(value);
}

type IsFilled = (value: unknown, context: Pick<RecordContext, 'host' | 'daemon'>) => boolean;

const oneOf =
  (...values: readonly unknown[]): IsFilled =>
  (value) =>
    isEmpty(value) || values.some((one) => isEqual(one, value));

/** Whether the daemon filled a field in. Fields without a rule were asked for when they are not empty. */
const HOST_RULES: Readonly<Record<string, IsFilled>> = {
  NetworkMode: oneOf('default', 'bridge'),
  RestartPolicy: (value) => ['', 'no', undefined].includes(asString(asRecord(value)?.Name)),
  ShmSize: oneOf(67_108_864),
  // Where the engine is configured to share by default, asking for it changes nothing.
  IpcMode: oneOf('private'),
  CgroupnsMode: (value, { host, daemon }) => {
    if (isEmpty(value) || daemon.cgroupVersion === undefined) return true;
    return value === (daemon.cgroupVersion === '2' && host.Privileged !== true ? 'private' : 'host');
  },
  Runtime: (value, { daemon }) => isEmpty(value) || value === (daemon.runtime ?? 'runc'),
  LogConfig: (value, { daemon }) => {
    const type = asString(asRecord(value)?.Type);
    return (!type || type === (daemon.loggingDriver ?? 'json-file')) && isEmpty(asRecord(value)?.Config);
  },
  // The daemon doubles the memory limit where no limit for both is asked for.
  MemorySwap: (value, { host }) => isEmpty(value) || (asNumber(host.Memory) ?? 0) * 2 === value,
  // Zero is an answer here: never swap.
  MemorySwappiness: (value) => value === null || value === -1,
  OomKillDisable: oneOf(false),
  ConsoleSize: () => true,
  // --privileged and systempaths=unconfined empty these lists; the first speaks for itself, the second is seen only here.
  MaskedPaths: (value, { host }) => host.Privileged === true || isUsualPaths(value),
  ReadonlyPaths: (value, { host }) => host.Privileged === true || isUsualPaths(value),
  SecurityOpt: (value, { host }) => isEmpty(value) || (host.Privileged === true && isEqual(value, ['label=disable'])),
  Init: (value) => value === null || value === undefined,
  Isolation: oneOf('default'),
  ContainerIDFile: () => true,
};

/** Whether a list of hidden or read-only paths is the engine's: longer with every version, of these and nothing else. */
function isUsualPaths(value: unknown): boolean {
  const paths = asStrings(value);
  return paths.length > 0 && paths.every((path) => /^\/(?:proc|sys)\/[a-z]/.test(path)) && paths.length > 3;
}

/** The name the daemon gives: the id's first digits, or the host's where the container has no own UTS namespace. */
function isOwnHostname({ id, config, host, daemon }: RecordContext): boolean {
  const name = asString(config.Hostname) ?? '';
  if (name === '' || name === id.slice(0, 12)) return true;
  if (host.UTSMode === 'host' || String(host.NetworkMode).startsWith('container:')) return true;
  return host.NetworkMode === 'host' && (daemon.hostName === undefined || daemon.hostName === name);
}

/**
 * Entrypoint and command belong together: one that is asked for keeps the image's command away, and a command equal to
 * the image's must then be asked for too.
 */
function isCommandAsked(key: 'Cmd' | 'Entrypoint', config: UnknownRecord, image: UnknownRecord): boolean {
  const sameEntrypoint = isEqual(orNull(config.Entrypoint), orNull(image.Entrypoint));
  const sameCommand = isEqual(orNull(config.Cmd), orNull(image.Cmd));
  if (sameEntrypoint && sameCommand) return false;
  if (key === 'Cmd') return !isEmpty(config.Cmd) && !(sameEntrypoint && sameCommand);
  // The image's entrypoint without its command: only an entrypoint that was asked for does that.
  return !sameEntrypoint || isEmpty(config.Cmd);
}

function orNull(value: unknown): unknown {
  return isEmpty(value) ? null : value;
}

function splitMap(
  value: unknown,
  image: unknown,
): { own: UnknownRecord | undefined; brought: UnknownRecord | undefined } {
  const brought = asRecord(image) ?? {};
  const entries = Object.entries(asRecord(value) ?? {});
  const own = entries.filter(([key, member]) => !(Object.hasOwn(brought, key) && isEqual(member, brought[key])));
  const rest = entries.filter(([key, member]) => Object.hasOwn(brought, key) && isEqual(member, brought[key]));
  return {
    own: own.length > 0 ? Object.fromEntries(own) : undefined,
    brought: rest.length > 0 ? Object.fromEntries(rest) : undefined,
  };
}

/** Nothing was asked: null, "", 0, false, [] and {} are how an absent field looks in a record. */
export function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === '' || value === 0 || value === false) return true;
  if (Array.isArray(value)) return value.length === 0;
  const record = asRecord(value);
  return record !== undefined && Object.keys(record).length === 0;
}

function withoutNull(entries: readonly (readonly [string, unknown])[]): UnknownRecord {
  return Object.fromEntries(entries.filter(([, value]) => value !== null && value !== undefined));
}
