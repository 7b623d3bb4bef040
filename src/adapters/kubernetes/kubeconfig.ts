import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import {
  newClusters,
  newContexts,
  newUsers,
  type Cluster,
  type Context,
  type User,
} from '@kubernetes/client-node/dist/config_types.js';
import { load } from 'js-yaml';
import { errnoOf } from '../../model/problem';
import { asArray, asRecord, asString, asStrings, type UnknownRecord } from '../../util/records';
import { readSmallFile } from '../smallFile';

/** Where kubeconfig files are looked for. */
export interface KubeconfigPlaces {
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  /** The user's setting; empty: by the rules of kubectl. */
  readonly settings: readonly string[];
}

/** A user entry, with what the client library leaves out. */
export interface KubeUser extends User {
  readonly tokenFile?: string;
  readonly impersonateGroups: readonly string[];
}

/** A context with what it names, each from the first file that has it. Holds secrets: it never leaves the adapter. */
export interface LoadedContext {
  readonly context: Context;
  readonly cluster: Cluster | undefined;
  readonly user: KubeUser | undefined;
  readonly file: string;
}

export interface Kubeconfig {
  readonly contexts: readonly LoadedContext[];
  readonly currentContext: string | undefined;
  /** Why this one is current, or why none is. */
  readonly currentBecause: string;
  /** Files that were read. */
  readonly files: readonly string[];
  /** Why these files. */
  readonly filesBecause: string;
  /** What cannot be used, each as a sentence. */
  readonly problems: readonly string[];
  /** True where somebody named files: that they are not there is worth a word. */
  readonly named: boolean;
}

/** The files that kubectl would read, and why. Source: kubernetes.io, "Organizing cluster access using kubeconfig files". */
export function kubeconfigFiles({ env, home, settings }: KubeconfigPlaces): {
  readonly files: readonly string[];
  readonly because: string;
  readonly named: boolean;
} {
  if (settings.length > 0) {
    const files = settings.map((file) => file.replace(/^~(?=\/|$)/, home));
    return { files, because: 'the setting containerRuntime.kubernetes.kubeconfigs names them', named: true };
  }
  const listed = (env.KUBECONFIG ?? '').split(delimiter).filter((file) => file !== '');
  if (listed.length > 0) return { files: [...new Set(listed)], because: 'KUBECONFIG names them', named: true };
  return { files: [join(home, '.kube', 'config')], because: 'KUBECONFIG is not set', named: false };
}

/** Reads and merges the files as kubectl does: of a name the first file's entry counts. What cannot be used is noted. */
export async function loadKubeconfig(places: KubeconfigPlaces): Promise<Kubeconfig> {
  const { files, because, named } = kubeconfigFiles(places);
  const problems: string[] = [];
  const read: string[] = [];
  const contexts = new Map<string, { context: Context; file: string }>();
  const clusters = new Map<string, Cluster>();
  const users = new Map<string, KubeUser>();
  let current: { name: string; file: string } | undefined;
  for (const file of files.slice(0, 50)) {
    if (!isAbsolute(file)) {
      // Relative to what? To wherever this process was started: nobody means that.
      problems.push(`${file} is not used: its path is relative.`);
      continue;
    }
    const document = await readFile(file, named, problems);
    if (!document) continue;
    read.push(file);
    for (const context of newContexts(withNames(document.contexts), { onInvalidEntry: 'filter' })) {
      keepFirst(contexts, context.name, { context, file });
    }
    for (const cluster of newClusters(withNames(document.clusters), { onInvalidEntry: 'filter' })) {
      keepFirst(clusters, cluster.name, absolutePaths(cluster, dirname(file)));
    }
    for (const user of usersOf(document, dirname(file))) keepFirst(users, user.name, user);
    const name = asString(document['current-context']);
    if (name && !current) current = { name, file };
  }
  const missing = current !== undefined && !contexts.has(current.name);
  return {
    contexts: [...contexts.values()].map(({ context, file }) => ({
      context,
      file,
      cluster: clusters.get(context.cluster),
      user: users.get(context.user),
    })),
    currentContext: current?.name,
    currentBecause:
      current === undefined
        ? 'no file has a current-context'
        : missing
          ? `current-context in ${current.file} names it, but no file has such a context`
          : `current-context in ${current.file} names it`,
    files: read,
    filesBecause: because,
    problems,
    named,
  };
}

async function readFile(file: string, named: boolean, problems: string[]): Promise<UnknownRecord | undefined> {
  try {
    const document: unknown = load(await readSmallFile(file));
    if (document === undefined || document === null) return {};
    const record = asRecord(document);
    if (!record) problems.push(`${file} cannot be used: it is no kubeconfig.`);
    return record;
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'ENOENT') {
      if (named) problems.push(`${file} does not exist.`);
      return undefined;
    }
    // The parser's own words may quote a token.
    problems.push(`${file} cannot be used: ${code ?? 'it is no YAML file of at most 1 MiB'}.`);
    return undefined;
  }
}

/** Entries with a name and an object: the library takes the rest apart, and drops what it cannot use. */
function withNames(list: unknown): UnknownRecord[] {
  return asArray(list)
    .map(asRecord)
    .filter((entry): entry is UnknownRecord => !!entry && !!asString(entry.name));
}

function usersOf(document: UnknownRecord, folder: string): KubeUser[] {
  return withNames(document.users).flatMap((entry) => {
    const raw = asRecord(entry.user) ?? {};
    // The library would read a token's file itself, at once and however large it is.
    const { 'token-file': _, ...user } = raw;
    const tokenFile = asString(raw.tokenFile);
    return newUsers([{ name: entry.name, user }], { onInvalidEntry: 'filter' }).map((made) => ({
      ...absolutePaths(made, folder),
      impersonateGroups: asStrings(raw['as-groups']),
      ...(tokenFile ? { tokenFile: resolve(folder, tokenFile) } : {}),
    }));
  });
}

/** Paths in a kubeconfig are relative to its folder. */
function absolutePaths<T extends Cluster | User>(entry: T, folder: string): T {
  const copy: Record<string, unknown> = { ...entry };
  for (const key of ['caFile', 'certFile', 'keyFile']) {
    const path = asString(copy[key]);
    if (path) copy[key] = resolve(folder, path);
  }
  return copy as unknown as T;
}

function keepFirst<T>(map: Map<string, T>, key: string, value: T): void {
  if (!map.has(key)) map.set(key, value);
}
