import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf, RuntimeError, type Problem } from '../../model/problem';
import { visible } from '../../util/text';
import { networkProblem } from '../networkProblems';
import { whyDenied } from './access';
import { addressText, type DockerAddress } from './address';
import { ProgramEnded } from './programStream';
import { sshProblem } from './ssh';
import { tlsProblem } from './tlsProblems';

/** A status the engine (or a proxy before it) answered, with its own words. */
export class StatusError extends Error {
  constructor(
    readonly status: number,
    readonly path: string,
    message: string,
    readonly method = 'GET',
  ) {
    super(message);
  }
}

/**
 * Says why an engine could not be asked, and the least that would help. Never a wider socket mode, never a password: a
 * member of the group docker is as powerful as root, and is told so.
 */
export async function explainFailure(
  error: unknown,
  what: string,
  address: DockerAddress,
  tlsFolder?: string,
): Promise<RuntimeError> {
  if (error instanceof RuntimeError) return error;
  if (error instanceof StatusError) return new RuntimeError(statusProblem(error, what), error);
  if (error instanceof ProgramEnded && address.kind === 'ssh')
    return new RuntimeError(sshProblem(error.end, what, address), error);
  const code = errnoOf(error) ?? '';
  const problem =
    address.kind === 'unix'
      ? await socketProblem(code, what, address.path)
      : connectionProblem(error, code, what, address, tlsFolder);
  if (problem) return new RuntimeError(problem, error);
  // The parser of HTTP names what it found, never the bytes.
  if (code.startsWith('HPE_')) return notDocker(what, error);
  return RuntimeError.from(error, what);
}

/** Something answered, and it was no engine. */
export function notDocker(what: string, cause?: unknown): RuntimeError {
  return new RuntimeError(
    {
      code: 'malformed',
      what,
      reason: 'The answer is not that of a Docker engine: something else listens there.',
      remedy: 'Name the right endpoint in the setting containerRuntime.docker.endpoints or in DOCKER_HOST.',
    },
    cause,
  );
}

function statusProblem({ status, path, message, method }: StatusError, what: string): Problem {
  const said = visible(message.trim(), 300);
  const answered = `The engine answered ${status}${said ? `: ${said}` : ''}`;
  switch (true) {
    case status === 404:
      return { code: 'absent', what, reason: answered };
    case status === 403:
      return {
        code: 'denied',
        what,
        reason: `A proxy before the engine refuses ${method} ${path} (403).`,
        remedy: `Allow ${method} ${path} in the socket proxy; docs/access.md lists every endpoint that is asked.`,
      };
    case status === 401:
      return {
        code: 'denied',
        what,
        reason: 'The engine wants to know who asks (401).',
        remedy: 'Set up the TLS files of this endpoint.',
      };
    case status === 400 && /https/i.test(message):
      return {
        code: 'unsupported',
        what,
        reason: `The engine speaks TLS only: ${said}`,
        remedy: 'Set DOCKER_TLS_VERIFY and DOCKER_CERT_PATH, or use a context that has the TLS files.',
      };
    case status === 400 && /version/i.test(message):
      return {
        code: 'unsupported',
        what,
        reason: `The engine does not speak the asked version of the API: ${said}`,
        remedy: 'Refresh: the version is agreed upon anew. If it stays, one of the two is too old for the other.',
      };
    case status >= 300 && status < 400:
      return {
        code: 'malformed',
        what,
        reason: `It answered ${status}, which leads elsewhere and is not followed: engines do not do that.`,
        remedy: 'Name the endpoint of the engine itself.',
      };
    default:
      return { code: 'failed', what, reason: answered, remedy: "See the engine's log for what it says of this." };
  }
}

function connectionProblem(
  error: unknown,
  code: string,
  what: string,
  address: DockerAddress,
  folder: string | undefined,
): Problem | undefined {
  const where = addressText(address);
  const unreached = networkProblem(code, what, where, {
    unreachable: 'Check the name and the network of the endpoint.',
    refused: 'Check the port, and whether the engine runs there and listens on TCP.',
  });
  if (unreached) return unreached;
  if (code === 'ECONNRESET' || code === 'EPIPE') {
    const tls = address.kind === 'tcp' && address.tls;
    return {
      code: 'gone',
      what,
      reason: `The engine at ${where} broke off (${code}): it ended or restarted while it was asked${
        tls ? ', or it does not take our certificate, which some servers say in no other way' : ''
      }.`,
      remedy: tls
        ? 'Refresh once it runs again; if it stays, have cert.pem signed by the authority that the server trusts.'
        : 'Refresh once it runs again.',
    };
  }
  const told =
    address.kind === 'tcp' ? tlsProblem(error, code, { host: address.host, port: address.port, folder }) : undefined;
  return told && { ...told, what };
}

async function socketProblem(code: string, what: string, socket: string): Promise<Problem | undefined> {
  switch (code) {
    case 'ENOENT': {
      const rootless = await rootlessSocket(socket);
      return {
        code: 'absent',
        what,
        reason: `There is no socket at ${socket} (ENOENT): no engine has been started there.`,
        remedy:
          rootless === undefined
            ? 'Start Docker, or name another endpoint in the setting containerRuntime.docker.endpoints or in DOCKER_HOST.'
            : `Your rootless engine has its socket at ${rootless}: name unix://${rootless} in DOCKER_HOST, or choose its context (docker context use rootless).`,
      };
    }
    case 'EACCES':
    case 'EPERM':
      return { code: 'denied', what, ...(await whyDenied(socket)) };
    case 'ECONNREFUSED':
      return (await isSocket(socket))
        ? {
            code: 'refused',
            what,
            reason: `The socket ${socket} is there, but nobody listens on it (ECONNREFUSED): the engine has ended without removing it.`,
            remedy: 'Start Docker again.',
          }
        : noSocket(what, socket);
    case 'EAGAIN':
      return {
        code: 'refused',
        what,
        reason: `The queue of connections waiting at ${socket} is full (EAGAIN): the engine is stopped or stuck.`,
        remedy: 'See what the engine does: its log, and whether its process is stopped (state T).',
      };
    case 'ENOTSOCK':
    case 'ENOTDIR':
      return noSocket(what, socket);
    case 'ECONNRESET':
    case 'EPIPE':
      return {
        code: 'gone',
        what,
        reason: `The engine at ${socket} broke off (${code}): it ended or restarted while it was asked.`,
        remedy: 'Refresh once it runs again.',
      };
    default:
      return undefined;
  }
}

/** The socket of this user's own rootless engine, where there is one. Source: moby contrib/dockerd-rootless.sh. */
async function rootlessSocket(wanted: string): Promise<string | undefined> {
  const runtimeDir = process.env.XDG_RUNTIME_DIR;
  const socket = runtimeDir ? join(runtimeDir, 'docker.sock') : undefined;
  if (socket === undefined || socket === wanted) return undefined;
  return stat(socket).then(
    (found) => (found.isSocket() ? socket : undefined),
    () => undefined,
  );
}

function noSocket(what: string, socket: string): Problem {
  return {
    code: 'refused',
    what,
    reason: `What is at ${socket} is no socket.`,
    remedy: 'Name the right path in the setting containerRuntime.docker.endpoints or in DOCKER_HOST.',
  };
}

async function isSocket(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isSocket(),
    () => true,
  );
}
