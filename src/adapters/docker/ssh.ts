import { createHash } from 'node:crypto';
import type { Problem } from '../../model/problem';
import { shellLine, visible } from '../../util/text';
import { addressText, type SshAddress } from './address';
import type { ProgramEnd } from './programStream';

/** Seconds; less than a question waits, so that ssh itself says why. */
const CONNECT_SECONDS = 10;

/**
 * The command line that reaches an engine behind ssh, as the docker command line does: `docker system dial-stdio` on that
 * host connects to its engine and copies both ways. Words, never a shell's line. It asks nobody for a password, forwards
 * nothing, and never becomes the connection that others share, since it is ended when we are done with it.
 */
export function sshArgv({ user, host, port, socket }: SshAddress): readonly string[] {
  const options = [
    'BatchMode=yes',
    `ConnectTimeout=${CONNECT_SECONDS}`,
    'ControlMaster=no',
    'ClearAllForwardings=yes',
    'PermitLocalCommand=no',
    'ServerAliveInterval=15',
  ];
  return [
    ...['ssh', '-T', '-a', '-x'],
    ...options.flatMap((option) => ['-o', option]),
    ...(user === undefined ? [] : ['-l', user]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...['--', host],
    // The shell of that host reads this line; the path holds nothing that it could take for more (see address.ts).
    ...['docker', ...(socket === undefined ? [] : [`--host=unix://${socket}`]), 'system', 'dial-stdio'],
  ];
}

/** By which a permission to run this very line on this machine is kept. */
export function sshFingerprint(machine: string, argv: readonly string[]): string {
  return createHash('sha256')
    .update(JSON.stringify(['docker-ssh', machine, argv]))
    .digest('hex');
}

interface Cause {
  readonly said: RegExp;
  readonly code: Problem['code'];
  readonly reason: string;
  readonly remedy: (test: string) => string;
}

/** What ssh and the docker command line there say, most telling first. Sources: openssh, docker/cli, moby client. */
const CAUSES: readonly Cause[] = [
  {
    said: /REMOTE HOST IDENTIFICATION HAS CHANGED/,
    code: 'refused',
    reason: 'The host has another key than it had before.',
    remedy: () =>
      'Find out why before you connect: it was installed anew, or something else answers in its place. Then ssh-keygen -R forgets the old key.',
  },
  {
    said: /Host key verification failed/,
    code: 'denied',
    reason: 'The key of this host is not known here, and nobody is asked to accept it.',
    remedy: (test) => `Compare and accept it once in a terminal: ${test}`,
  },
  {
    said: /Permission denied \(|Too many authentication failures/,
    code: 'denied',
    reason: 'The host does not take the keys that are at hand, and nobody is asked for a password.',
    remedy: (test) => `Unlock a key for it (ssh-add), or install one (ssh-copy-id). It must work by itself: ${test}`,
  },
  {
    said: /Could not resolve hostname/,
    code: 'absent',
    reason: 'The name of the host is not known.',
    remedy: () => 'Check the name in the endpoint, and "Host" in ~/.ssh/config.',
  },
  {
    said: /Connection refused/,
    code: 'refused',
    reason: 'The host answers, but nobody serves ssh at this port.',
    remedy: () => 'Check the port in the endpoint, and whether sshd runs there.',
  },
  {
    said: /timed out|No route to host|Network is unreachable|Host is down/,
    code: 'absent',
    reason: 'The host cannot be reached.',
    remedy: () => 'Check the network, a VPN, and whether the host is up.',
  },
  {
    said: /permission denied while trying to connect|docker.*permission denied/i,
    code: 'denied',
    reason: 'On that host this user may not use the engine’s socket.',
    remedy: () =>
      'Join the group of the socket there (it is as powerful as root), or use a rootless engine of your own there.',
  },
  {
    said: /Cannot connect to the Docker daemon|failed to connect to the docker API|no such file or directory/i,
    code: 'refused',
    reason: 'On that host no engine answers.',
    remedy: () => 'Start Docker there, or name its socket in the endpoint: ssh://HOST/path/to/docker.sock',
  },
  {
    said: /docker.*not found|not found.*docker/i,
    code: 'absent',
    reason: 'That host has no docker command, which connects to the engine there.',
    remedy: () => 'Install the docker command line there; in a shell that is not interactive it must be in PATH.',
  },
];

/** Why the connection by ssh ended before an engine answered. */
export function sshProblem({ code, stderr, missing }: ProgramEnd, what: string, address: SshAddress): Problem {
  const where = addressText(address);
  if (missing) {
    return {
      code: 'absent',
      what,
      reason: 'There is no program ssh on this machine.',
      remedy: 'Install an ssh client (OpenSSH), or open that host with Remote - SSH.',
    };
  }
  const cause = CAUSES.find(({ said }) => said.test(stderr));
  const lines = stderr.split('\n').map((line) => line.trim());
  const words = visible(lines.filter(Boolean).join(' · '), 400);
  const said = words === '' ? `ssh ended with ${code ?? 'a signal'} and said nothing` : words;
  const test = shellLine(sshArgv(address));
  return {
    code: cause?.code ?? 'failed',
    what,
    reason: `${cause?.reason ?? `The connection to ${where} ended before an engine answered.`} (${said})`,
    remedy: cause?.remedy(test) ?? `See what it says: ${test}`,
  };
}
