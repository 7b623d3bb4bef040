import { spawn } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import { errnoOf, RuntimeError, type Problem } from '../../model/problem';
import { maskText } from '../../model/secrets';
import { asRecord, asString } from '../../util/records';
import { visible } from '../../util/text';
import type { ExecEntry } from './contexts';

/** A program may ask a person's browser for a login; longer than this nobody waits. */
const PATIENCE_MS = 30_000;
const LARGEST_OUTPUT_BYTES = 1024 * 1024;

/** What a credential program has printed. Source: client.authentication.k8s.io, ExecCredential.status. */
export interface PrintedCredential {
  readonly token?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Unix milliseconds; absent: as long as the server takes it. */
  readonly expiresAtMs?: number;
}

/**
 * Runs the credential program of a kubeconfig, as kubectl would. Only to be called after the user has allowed it.
 *
 * @param cluster what the program is told of the cluster, where the kubeconfig wants that
 * @throws RuntimeError with the reason; what the program wrote on stderr is in it, secrets masked
 */
export async function runCredentialProgram(
  entry: ExecEntry,
  kubeconfigFile: string,
  cluster: Readonly<Record<string, unknown>> | undefined,
  signal: AbortSignal | undefined,
): Promise<PrintedCredential> {
  const [command = '', ...args] = entry.argv;
  const what = `Running the credential program ${visible(command, 200)}`;
  // A path counts from the kubeconfig's folder; a bare name is looked up in PATH.
  const program = /[/\\]/.test(command) ? resolve(dirname(kubeconfigFile), command) : command;
  const info = {
    apiVersion: entry.apiVersion,
    kind: 'ExecCredential',
    spec: { interactive: false, ...(cluster && entry.provideClusterInfo ? { cluster } : {}) },
  };
  const env = { ...process.env, ...Object.fromEntries(entry.env), KUBERNETES_EXEC_INFO: JSON.stringify(info) };
  return read(await printed(program, args, env, what, signal), what);
}

function printed(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  what: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  return new Promise((resolvePrinted, reject) => {
    const fail = (problem: Omit<Problem, 'what'>): void => reject(new RuntimeError({ what, ...problem }));
    if (signal?.aborted) return fail({ code: 'cancelled', reason: 'The request was cancelled.' });
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
    const out: Buffer[] = [];
    let size = 0;
    let words = '';
    const stop = (problem: Omit<Problem, 'what'>): void => {
      child.kill('SIGKILL');
      fail(problem);
    };
    const timer = setTimeout(
      () =>
        stop({
          code: 'deadline',
          reason: `It has not ended within ${PATIENCE_MS / 1000} s.`,
          remedy: 'Run kubectl with this context in a terminal once: it may want a login.',
        }),
      PATIENCE_MS,
    );
    const onAbort = (): void => stop({ code: 'cancelled', reason: 'The request was cancelled.' });
    signal?.addEventListener('abort', onAbort, { once: true });
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > LARGEST_OUTPUT_BYTES) stop({ code: 'too-large', reason: 'It printed more than 1 MiB.' });
      else out.push(chunk);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (words.length < 2000) words += text;
    });
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    child.on('error', (error) => {
      settle();
      fail({
        code: errnoOf(error) === 'ENOENT' ? 'absent' : 'failed',
        reason: `It cannot be started (${errnoOf(error) ?? 'unknown'}).`,
        remedy: 'Install it where VS Code’s extension host finds it, or name its full path in the kubeconfig.',
      });
    });
    child.on('close', (code) => {
      settle();
      if (code === 0) return resolvePrinted(Buffer.concat(out).toString('utf8'));
      fail({
        code: 'failed',
        reason: `It ended with ${code === null ? 'a signal' : `code ${code}`}${words ? `: ${visible(maskText(words.trim()), 300)}` : ''}.`,
        remedy: 'Run kubectl with this context in a terminal: it shows the same, and may ask for a login.',
      });
    });
  });
}

function read(text: string, what: string): PrintedCredential {
  let status: ReturnType<typeof asRecord>;
  try {
    const credential = asRecord(JSON.parse(text));
    status = credential?.kind === 'ExecCredential' ? asRecord(credential.status) : undefined;
  } catch {
    // Told below: what it printed may hold a token, so none of it is.
  }
  const token = asString(status?.token);
  const cert = asString(status?.clientCertificateData);
  const key = asString(status?.clientKeyData);
  if (!token && !(cert && key)) {
    throw new RuntimeError({
      code: 'malformed',
      what,
      reason: 'What it printed is no ExecCredential with a token or a certificate.',
      remedy: 'Check its arguments in the kubeconfig.',
    });
  }
  const expires = Date.parse(asString(status?.expirationTimestamp) ?? '');
  return {
    ...(token ? { token } : {}),
    ...(cert && key ? { cert, key } : {}),
    ...(Number.isNaN(expires) ? {} : { expiresAtMs: expires }),
  };
}
