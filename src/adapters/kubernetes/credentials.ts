import { errnoOf, RuntimeError } from '../../model/problem';
import { visible } from '../../util/text';
import { readSmallFile } from '../smallFile';
import { execOf, serverOf } from './contexts';
import { runCredentialProgram, type PrintedCredential } from './execPlugin';
import type { LoadedContext } from './kubeconfig';

/** Everything a request to an API server needs. Holds secrets: it never leaves the adapter. */
export interface Target {
  readonly contextName: string;
  readonly base: URL;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly tls: {
    readonly rejectUnauthorized: boolean;
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
    readonly servername?: string;
  };
}

/** Credentials that programs have printed, until they expire: a login must not be asked for at every question. */
export class PrintedCredentials {
  private readonly kept = new Map<string, PrintedCredential>();

  get(key: string): PrintedCredential | undefined {
    const found = this.kept.get(key);
    // A little early: a token that ends on the way is of no use.
    if (found?.expiresAtMs !== undefined && found.expiresAtMs - 10_000 < Date.now()) this.kept.delete(key);
    return this.kept.get(key);
  }

  set(key: string, credential: PrintedCredential): void {
    this.kept.set(key, credential);
  }

  forget(): void {
    this.kept.clear();
  }
}

/**
 * Reads the files that a context names, and runs its credential program if it has one.
 *
 * @param fingerprint of the program, where the user has allowed it; undefined: none is run
 */
export async function targetOf(
  loaded: LoadedContext,
  fingerprint: string | undefined,
  printed: PrintedCredentials,
  signal: AbortSignal | undefined,
): Promise<Target> {
  const { context, cluster, user, file } = loaded;
  const what = `Using the context ${visible(context.name, 100)}`;
  const base = cluster && serverOf(cluster.server);
  if (!cluster || !base) throw new RuntimeError({ code: 'malformed', what, reason: 'It has no server.' });
  const [ca, cert, key, fileToken] = await Promise.all([
    data(what, cluster.caData, cluster.caFile),
    data(what, user?.certData, user?.certFile),
    data(what, user?.keyData, user?.keyFile),
    user?.tokenFile ? data(what, undefined, user.tokenFile) : undefined,
  ]);
  const token = fileToken?.trim() || user?.token;
  const entry = user && execOf(user);
  let program: PrintedCredential | undefined;
  if (entry && fingerprint !== undefined && !cert && !token && !user.username) {
    const clusterInfo = { server: cluster.server, ...(ca ? { 'certificate-authority-data': base64(ca) } : {}) };
    program = printed.get(fingerprint) ?? (await runCredentialProgram(entry, file, clusterInfo, signal));
    printed.set(fingerprint, program);
  }
  const secure = base.protocol === 'https:' || isLoopback(base.hostname);
  const headers: Record<string, string | string[]> = {};
  const bearer = program?.token ?? token;
  // In the clear, a secret would go to whoever listens on the way.
  if (secure && bearer) headers.Authorization = `Bearer ${bearer}`;
  else if (secure && user?.username)
    headers.Authorization = `Basic ${base64(`${user.username}:${user.password ?? ''}`)}`;
  if (user?.impersonateUser) {
    headers['Impersonate-User'] = user.impersonateUser;
    if (user.impersonateGroups.length > 0) headers['Impersonate-Group'] = [...user.impersonateGroups];
  }
  const clientCert = program?.cert ?? cert;
  const clientKey = program?.key ?? key;
  return {
    contextName: context.name,
    base,
    headers,
    tls: {
      rejectUnauthorized: !cluster.skipTLSVerify,
      ...(ca ? { ca } : {}),
      ...(clientCert ? { cert: clientCert } : {}),
      ...(clientKey ? { key: clientKey } : {}),
      ...(cluster.tlsServerName ? { servername: cluster.tlsServerName } : {}),
    },
  };
}

/** True for this machine's own loopback addresses. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** Base64 data of the kubeconfig wins over the file that it names, as in kubectl. */
async function data(
  what: string,
  base64Text: string | undefined,
  file: string | undefined,
): Promise<string | undefined> {
  if (base64Text) return Buffer.from(base64Text, 'base64').toString('utf8');
  if (!file) return undefined;
  try {
    return await readSmallFile(file);
  } catch (error) {
    throw new RuntimeError({
      code: errnoOf(error) === 'EACCES' ? 'denied' : 'absent',
      what,
      reason: `The file ${file} cannot be read (${errnoOf(error) ?? 'it is no regular file of at most 1 MiB'}).`,
      remedy: 'Correct the path in the kubeconfig, or the rights of the file.',
    });
  }
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
