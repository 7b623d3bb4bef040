import { asRecord } from '../../util/records';
import { hasVariable, mappingOf, unescaped } from './values';

/** A setting of a service that is not compared, and why. */
export interface Unread {
  /** The key: `mem_limit`, `environment.MODE`. */
  readonly key: string;
  readonly why: string;
}

/** What Compose files say of a service: keys with their values, those of mappings each by itself. */
export interface ComposeService {
  readonly values: ReadonlyMap<string, unknown>;
  readonly unread: readonly Unread[];
  /** Top-level volumes by their key: the name that the engine knows, where the file gives one. */
  readonly volumeNames: ReadonlyMap<string, string>;
}

/** Keys whose members are settings of their own. */
const MAPPINGS = new Set(['environment', 'labels', 'sysctls', 'ulimits', 'healthcheck', 'blkio_config']);
/** Lists that a later file replaces; others it adds to. Source: docs.docker.com, "Merge Compose files". */
const REPLACED = new Set(['command', 'entrypoint', 'healthcheck.test']);
/** Of `deploy` what limits one container. */
const LIMITS = [
  'resources.limits.cpus',
  'resources.limits.memory',
  'resources.limits.pids',
  'resources.reservations.memory',
];
/** What says nothing of one container: how it is built, started and found. */
const ELSEWHERE =
  /^(?:build|depends_on|deploy|develop|profiles|pull_policy|scale|networks|links|container_name|expose|attach|x-.*)$/;

/**
 * The settings of a service in the documents of its Compose files, the later over the earlier. Variables are not filled in:
 * they are the affair of the shell and the .env file of whoever ran Compose.
 *
 * @param documents parsed files in their order; hostile
 * @returns undefined when no file has such a service
 */
export function serviceIn(documents: readonly unknown[], name: string): ComposeService | undefined {
  const values = new Map<string, unknown>();
  const volumeNames = new Map<string, string>();
  let found = false;
  for (const document of documents) {
    const service = ownRecord(ownRecord(document, 'services'), name);
    if (!service) continue;
    found = true;
    for (const [key, value] of settingsOf(service)) values.set(key, merged(key, values.get(key), value));
    for (const [volume, about] of Object.entries(ownRecord(document, 'volumes') ?? {})) {
      const given = asRecord(about)?.name;
      if (typeof given === 'string') volumeNames.set(volume, given);
      else if (asRecord(about)?.external === true) volumeNames.set(volume, volume);
    }
  }
  if (!found) return undefined;
  const unread: Unread[] = [];
  for (const [key, value] of values) {
    const why = whyUnread(key, value);
    if (why === undefined) values.set(key, unescaped(value));
    else {
      values.delete(key);
      unread.push({ key, why });
    }
  }
  return { values, unread, volumeNames };
}

function ownRecord(value: unknown, key: string): Readonly<Record<string, unknown>> | undefined {
  const record = asRecord(value);
  return record && Object.hasOwn(record, key) ? asRecord(record[key]) : undefined;
}

function settingsOf(service: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] {
  return Object.entries(service).flatMap(([key, value]): (readonly [string, unknown])[] => {
    if (key === 'deploy') {
      return LIMITS.flatMap((path) => {
        const member = path.split('.').reduce<unknown>((at, part) => asRecord(at)?.[part], value);
        return member === undefined ? [] : [[`deploy.${path}`, member] as const];
      });
    }
    if (ELSEWHERE.test(key) || value === null) return [];
    const mapping = MAPPINGS.has(key) ? mappingOf(value) : undefined;
    return mapping
      ? Object.entries(mapping).map(([name, member]) => [`${key}.${name}`, member] as const)
      : [[key, value]];
  });
}

function merged(key: string, before: unknown, value: unknown): unknown {
  return Array.isArray(before) && Array.isArray(value) && !REPLACED.has(key)
    ? [...(before as readonly unknown[]), ...(value as readonly unknown[])]
    : value;
}

function whyUnread(key: string, value: unknown): string | undefined {
  if (key === 'extends') return 'What the service takes over from another one is not followed.';
  if (key === 'env_file') return 'Files with variables are not read: what they hold is often secret.';
  if (key === 'secrets' || key === 'configs') return 'Files that Compose hands to the container are not compared.';
  if (key.startsWith('environment.') && value === null) {
    return 'Its value is that of the shell in which Compose ran.';
  }
  return hasVariable(value)
    ? 'It holds a variable, of which only the shell and the .env file of whoever ran Compose know the value.'
    : undefined;
}
