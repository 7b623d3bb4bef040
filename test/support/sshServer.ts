// A real sshd of the tests' own, on a port of this machine or in a network of its own, with keys of its own; and an `ssh` that knows it.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Disposable } from '../../src/util/disposables';
import type { FarNetwork } from './farNetwork';
import { eventually } from './fakeAdapter';

export interface SshServer extends Disposable {
  /**
   * Names that the user's ssh configuration gives to this one server: `far` works; `stranger` has a key that is not known,
   * `changed` had another one before, `locked` takes no key of ours, `bare` has no docker command; behind `closed` nobody
   * listens.
   */
  readonly folder: string;
  /** A folder for PATH, whose `ssh` is the real one with the configuration of this server. */
  readonly bin: string;
  readonly pid: number;
  /** PIDs of all the ssh that were run, oldest first, as their own PID namespace counts. */
  runs(): number[];
}

/** @param network where it listens; absent: on this machine's loopback */
export async function startSshServer(network?: FarNetwork): Promise<SshServer> {
  const address = network?.address ?? '127.0.0.1';
  const folder = mkdtempSync(join(tmpdir(), 'cre-ssh-'));
  const at = (name: string): string => join(folder, name);
  for (const key of ['host', 'other', 'user', 'bare', 'unknown'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', at(key)]);
  const [port, closed] = [await freePort(), await freePort()];
  const publicKey = (key: string): string => readFileSync(at(`${key}.pub`), 'utf8').trim();
  const bare = `command="PATH=/nonexistent; eval \\"$SSH_ORIGINAL_COMMAND\\"" ${publicKey('bare')}`;
  writeFileSync(at('authorized'), [publicKey('user'), bare, ''].join('\n'));
  writeFileSync(
    at('sshd_config'),
    [
      `Port ${port}`,
      `ListenAddress ${address}`,
      `HostKey ${at('host')}`,
      `AuthorizedKeysFile ${at('authorized')}`,
      'StrictModes no',
      'UsePAM no',
      'PidFile none',
      'PasswordAuthentication no',
      'PermitRootLogin prohibit-password',
      '',
    ].join('\n'),
  );
  const knows = (name: string, key: string): string => `[${name}]:${port} ${publicKey(key)}`;
  writeFileSync(
    at('known_hosts'),
    [...['far', 'locked', 'bare'].map((name) => knows(name, 'host')), knows('changed', 'other'), ''].join('\n'),
  );
  const host = (name: string, key: string, there = port): string[] => [
    `Host ${name}`,
    `  HostName ${address}`,
    `  Port ${there}`,
    `  HostKeyAlias [${name}]:${port}`,
    `  IdentityFile ${at(key)}`,
  ];
  writeFileSync(
    at('config'),
    [
      ...host('far', 'user'),
      ...host('stranger', 'user'),
      ...host('changed', 'user'),
      ...host('locked', 'unknown'),
      ...host('bare', 'bare'),
      ...host('closed', 'user', closed),
      'Host *',
      '  User root',
      '  IdentitiesOnly yes',
      `  UserKnownHostsFile ${at('known_hosts')}`,
      '  GlobalKnownHostsFile /dev/null',
      '',
    ].join('\n'),
  );
  mkdirSync(at('bin'));
  const log = at('runs');
  writeFileSync(log, '');
  writeFileSync(at('bin/ssh'), `#!/bin/sh\necho $$ >>${log}\nexec /usr/bin/ssh -F ${at('config')} "$@"\n`);
  chmodSync(at('bin/ssh'), 0o755);

  // sshd wants it, and its package makes it only when the service is started.
  if (!existsSync('/run/sshd')) mkdirSync('/run/sshd', { mode: 0o755 });
  const [program = '', ...words] = [...(network?.enter ?? []), '/usr/sbin/sshd', '-D', '-e', '-f', at('sshd_config')];
  const server = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  server.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  await eventually(() => {
    if (server.exitCode !== null) throw new Error(`sshd ended: ${said}`);
    return /Server listening/.test(said);
  }, 'sshd listens');
  return {
    folder,
    bin: at('bin'),
    pid: server.pid ?? 0,
    runs: () => readFileSync(log, 'utf8').split('\n').filter(Boolean).map(Number),
    dispose: () => {
      end(server);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function end(server: ChildProcess): void {
  server.kill('SIGTERM');
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
