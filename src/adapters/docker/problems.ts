import { readFile, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { errnoOf, RuntimeError, type Problem } from '../../model/problem';
import { asNumber, asString, memberAt } from '../../util/records';
import { visible } from '../../util/text';
import type { DockerAddress } from './address';

/** A status the engine (or a proxy before it) answered, with its own words. */
export class StatusError extends Error {
  constructor(
    readonly status: number,
    readonly path: string,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Says why an engine could not be asked, and the least that would help. Never a wider socket mode, never a password: a
 * member of the group docker is as powerful as root, and is told so.
 */
export async function explainFailure(error: unknown, what: string, address: DockerAddress): Promise<RuntimeError> {
  if (error instanceof RuntimeError) return error;
  if (error instanceof StatusError) return new RuntimeError(statusProblem(error, what), error);
  const code = errnoOf(error);
  if (address.kind === 'unix' && code) {
    const problem = await socketProblem(code, what, address.path);
    if (problem) return new RuntimeError(problem, error);
  }
  if (code === 'ENOTFOUND' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH') {
    return new RuntimeError(
      {
        code: 'absent',
        what,
        reason: `The host cannot be reached (${code}).`,
        remedy: 'Check the name and the network of the endpoint.',
      },
      error,
    );
  }
  if (
    code?.startsWith('ERR_TLS') ||
    code?.startsWith('ERR_SSL') ||
    /certificate|self.signed|CERT_/.test(String(code))
  ) {
    return new RuntimeError(
      {
        code: 'refused',
        what,
        reason: `The TLS handshake failed (${code}).`,
        remedy: 'Check ca.pem, cert.pem and key.pem of this endpoint.',
      },
      error,
    );
  }
  return RuntimeError.from(error, what);
}

function statusProblem({ status, path, message }: StatusError, what: string): Problem {
  const said = visible(message, 300);
  if (status === 404) return { code: 'absent', what, reason: `The engine answered 404: ${said}` };
  if (status === 403) {
    return {
      code: 'denied',
      what,
      reason: `A proxy before the engine refuses GET ${path} (403).`,
      remedy: `Allow GET ${path} in the socket proxy; the README lists every endpoint that is read.`,
    };
  }
  if (status === 401)
    return {
      code: 'denied',
      what,
      reason: 'The engine wants to know who asks (401).',
      remedy: 'Set up the TLS files of this endpoint.',
    };
  if (status === 400 && /version/i.test(message)) {
    return {
      code: 'unsupported',
      what,
      reason: `The engine does not speak the asked version of the API: ${said}`,
      remedy: 'Refresh: the version is agreed upon anew.',
    };
  }
  return { code: 'failed', what, reason: `The engine answered ${status}: ${said}` };
}

async function socketProblem(code: string, what: string, socket: string): Promise<Problem | undefined> {
  switch (code) {
    case 'ENOENT':
      return {
        code: 'absent',
        what,
        reason: `There is no socket at ${socket} (ENOENT): no engine has been started there.`,
        remedy:
          'Start Docker, or name another endpoint in the setting containerRuntime.docker.endpoints or in DOCKER_HOST.',
      };
    case 'EACCES':
    case 'EPERM':
      return { code: 'denied', what, ...(await whoMay(socket)) };
    case 'ECONNREFUSED':
      return {
        code: 'refused',
        what,
        reason: `The socket ${socket} is there, but nobody listens on it (ECONNREFUSED): the engine has ended without removing it.`,
        remedy: 'Start Docker again.',
      };
    case 'EAGAIN':
      return {
        code: 'refused',
        what,
        reason: `The queue of connections waiting at ${socket} is full (EAGAIN): the engine is stopped or stuck.`,
        remedy: 'See what the engine does: its log, and whether its process is stopped (state T).',
      };
    case 'ENOTSOCK':
      return {
        code: 'refused',
        what,
        reason: `There is something at ${socket}, but it is no socket.`,
        remedy: 'Name the right path.',
      };
    default:
      return undefined;
  }
}

async function whoMay(socket: string): Promise<{ reason: string; remedy: string }> {
  const user = userInfo().username;
  try {
    const { gid } = await stat(socket);
    const group = await groupOf(gid);
    if (!group) throw new Error('no such group');
    const isMember = group.members.includes(user);
    const isActive = process.getgroups?.().includes(gid) ?? false;
    if (isMember && !isActive) {
      return {
        reason: `The socket ${socket} is open to the group ${group.name}. The user ${user} has joined it, but this session began before that (EACCES).`,
        remedy: `Log in anew (for VS Code: end its server too, "Kill VS Code Server on Host"), or try it in a terminal: newgrp ${group.name}`,
      };
    }
    return {
      reason: `The socket ${socket} is open to the group ${group.name}, and the user ${user} is not in it (EACCES).`,
      remedy: `Join the group: usermod -aG ${group.name} ${user} (as root), then log in anew. Its members can become root through the engine; a rootless engine needs no group at all.`,
    };
  } catch {
    return {
      reason: `The user ${user} may not reach the socket ${socket} (EACCES).`,
      remedy: `See who may: namei -l ${socket}. A rootless engine of your own needs no rights at all.`,
    };
  }
}

async function groupOf(gid: number): Promise<{ name: string; members: string[] } | undefined> {
  const line = (await readFile('/etc/group', 'utf8')).split('\n').find((text) => text.split(':')[2] === String(gid));
  const [name, , , members = ''] = line?.split(':') ?? [];
  return name ? { name, members: members.split(',') } : undefined;
}

/** The engine's own words in an error of the client library. */
export function statusErrorOf(error: unknown, path: string): StatusError | undefined {
  const status = asNumber((error as { statusCode?: unknown } | undefined)?.statusCode);
  if (status === undefined) return undefined;
  const json: unknown = (error as { json?: unknown }).json;
  const message = asString(memberAt(json, 'message')) ?? (error instanceof Error ? error.message : '');
  return new StatusError(status, path, message);
}
