import { isEqual } from '../../util/equal';
import { asArray, asNumber, asRecord, asString, asStrings, type UnknownRecord } from '../../util/records';
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
        const brought = new Set(asStrings(imageConfig.Env));
        const own = asStrings(value).filter((entry) => !brought.has(entry));
        if (own.length > 0) asked.push([key, own]);
        if (brought.size > 0) filled.push([key, asStrings(value).filter((entry) => brought.has(entry))]);
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
        (isCommandAsked(key, config, imageConfig) ? asked : filled).push([key, value]);
        break;
      case 'Shell':
      case 'OnBuild':
      case 'ArgsEscaped':
        filled.push([key, value]);
        break;
      default:
        // Of User, WorkingDir, StopSignal and Healthcheck the image's counts where none was asked for.
        (isEmpty(value) || isEqual(value, imageConfig[key]) ? filled : asked).push([key, value]);
    }
  }
  return { asked: withoutNull(asked), filled: Object.fromEntries(filled.filter(([, value]) => !isEmpty(value))) };
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

type IsFilled = (value: unknown, context: RecordContext) => boolean;

const oneOf =
  (...values: readonly unknown[]): IsFilled =>
  (value) =>
    isEmpty(value) || values.some((one) => isEqual(one, value));

/** Whether the daemon filled a field in. Fields without a rule were asked for when they are not empty. */
const HOST_RULES: Readonly<Record<string, IsFilled>> = {
  NetworkMode: oneOf('default', 'bridge'),
  RestartPolicy: (value) => ['', 'no', undefined].includes(asString(asRecord(value)?.Name)),
  ShmSize: oneOf(67_108_864),
  IpcMode: oneOf('private', 'shareable'),
  // The daemon's default follows the version of cgroups; both are what "nothing asked" looks like on their machine.
  CgroupnsMode: (value, { host }) =>
    isEmpty(value) || value === 'host' || (value === 'private' && host.Privileged !== true),
  Runtime: (value, { daemon }) => isEmpty(value) || value === (daemon.runtime ?? 'runc'),
  LogConfig: (value, { daemon }) => {
    const type = asString(asRecord(value)?.Type);
    return (!type || type === (daemon.loggingDriver ?? 'json-file')) && isEmpty(asRecord(value)?.Config);
  },
  // The daemon doubles the memory limit where no limit for both is asked for.
  MemorySwap: (value, { host }) => isEmpty(value) || (asNumber(host.Memory) ?? 0) * 2 === value,
  MemorySwappiness: oneOf(-1),
  OomKillDisable: oneOf(false),
  ConsoleSize: () => true,
  // --privileged and systempaths=unconfined empty these lists; the first speaks for itself, the second is seen only here.
  MaskedPaths: (value, { host }) => asArray(value).length > 0 || host.Privileged === true,
  ReadonlyPaths: (value, { host }) => asArray(value).length > 0 || host.Privileged === true,
  SecurityOpt: (value, { host }) => isEmpty(value) || (host.Privileged === true && isEqual(value, ['label=disable'])),
  Init: (value) => value === null || value === undefined,
  Isolation: oneOf('default'),
  ContainerIDFile: () => true,
};

/** The name the daemon gives: the id's first digits, or the host's where the container has no own UTS namespace. */
function isOwnHostname({ id, config, host }: RecordContext): boolean {
  const name = asString(config.Hostname) ?? '';
  return (
    name === '' ||
    name === id.slice(0, 12) ||
    host.NetworkMode === 'host' ||
    host.UTSMode === 'host' ||
    String(host.NetworkMode).startsWith('container:')
  );
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
