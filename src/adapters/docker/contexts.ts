import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../../model/problem';
import { asBoolean, asRecord, asString, memberAt } from '../../util/records';
import { readSmallFile } from '../smallFile';

/** A context of the Docker client. Source: docker/cli cli/context/store. */
export interface DockerContext {
  readonly name: string;
  readonly host: string;
  readonly skipTlsVerify: boolean;
  /** The folder with ca.pem, cert.pem and key.pem; absent when the context has none, and then it speaks no TLS. */
  readonly tlsFolder?: string;
}

export interface ClientConfig {
  /** `currentContext` of config.json. */
  readonly currentContext: string | undefined;
  readonly contexts: readonly DockerContext[];
  /** Files that are there and cannot be used, each as a sentence. */
  readonly problems: readonly string[];
}

/** Reads the Docker client's folder; what cannot be read becomes a problem, and the rest is still used. */
export async function readClientConfig(folder: string): Promise<ClientConfig> {
  const problems: string[] = [];
  const config = await readJson(join(folder, 'config.json'), problems);
  const metaFolder = join(folder, 'contexts/meta');
  const names = await readdir(metaFolder).catch(() => [] as string[]);
  const contexts: DockerContext[] = [];
  for (const name of names.filter((entry) => /^[0-9a-f]{64}$/.test(entry)).slice(0, 200)) {
    const file = join(metaFolder, name, 'meta.json');
    const meta = await readJson(file, problems);
    const context = await readContext(meta, folder);
    if (context) contexts.push(context);
    else if (meta !== undefined) problems.push(`${file} describes no Docker endpoint.`);
  }
  contexts.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { currentContext: asString(memberAt(config, 'currentContext')), contexts, problems };
}

async function readContext(meta: unknown, folder: string): Promise<DockerContext | undefined> {
  const name = asString(memberAt(meta, 'Name'));
  const endpoint = asRecord(memberAt(meta, 'Endpoints', 'docker'));
  const host = asString(endpoint?.Host);
  if (!name || !host) return undefined;
  const id = createHash('sha256').update(name).digest('hex');
  const tlsFolder = join(folder, 'contexts/tls', id, 'docker');
  const hasTls = await stat(tlsFolder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const skipTlsVerify = asBoolean(endpoint?.SkipTLSVerify) ?? false;
  return { name, host, skipTlsVerify, ...(hasTls ? { tlsFolder } : {}) };
}

/** Undefined when the file is not there; otherwise what cannot be used is noted. */
async function readJson(file: string, problems: string[]): Promise<unknown> {
  try {
    return JSON.parse(await readSmallFile(file)) as unknown;
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT')
      problems.push(`${file} cannot be used: ${errnoOf(error) ?? 'it is no JSON file of at most 1 MiB'}.`);
    return undefined;
  }
}
