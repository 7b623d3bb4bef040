import { readFile, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { shellLine } from '../../util/text';

/** Who asks. Its own type, so that tests can be others than who runs them. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  /** The groups of this process: fixed when its session began. */
  readonly activeGroups: readonly number[];
}

/** What a socket's mode and owner are, and the group's line of /etc/group where it has one. */
export interface SocketAccess {
  readonly path: string;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  readonly group: { readonly name: string; readonly members: readonly string[] } | undefined;
}

export interface Denial {
  readonly reason: string;
  readonly remedy: string;
}

const ROOTLESS = 'A rootless engine of your own needs no rights at all.';
const POWER = 'Its members can become root through the engine; a rootless engine needs no group at all.';
const GROUP_MAY_CONNECT = 0o020;

/** Says who may use a socket that this process may not, from its owner, its mode and /etc/group. */
export async function whyDenied(socket: string): Promise<Denial> {
  const account = currentAccount();
  try {
    const { uid, gid, mode } = await stat(socket);
    return denialOf({ path: socket, uid, gid, mode, group: await groupOf(gid) }, account);
  } catch {
    return folderDenial(socket, account);
  }
}

/** The sentence for one socket and one account. */
export function denialOf(socket: SocketAccess, account: Account): Denial {
  const { path, gid, mode, group } = socket;
  const see = `See its mode and those of its folders: ${shellLine(['namei', '-l', path])}`;
  if ((mode & GROUP_MAY_CONNECT) === 0 || gid === 0 || !group) {
    const owner = socket.uid === 0 ? 'root' : `the user with the id ${socket.uid}`;
    return {
      reason: `Only ${owner} may use the socket ${path}; the user ${account.name} may not (EACCES).`,
      remedy: `The engine can give it to a group: see "group" in the documentation of dockerd. ${ROOTLESS} ${see}`,
    };
  }
  const opened = `The socket ${path} is open to the group ${group.name}`;
  if (account.activeGroups.includes(gid)) {
    return {
      reason: `${opened}, and the user ${account.name} is in it, yet the kernel refuses (EACCES): a folder on the way, or a security module.`,
      remedy: see,
    };
  }
  if (group.members.includes(account.name)) {
    return {
      reason: `${opened}. The user ${account.name} has joined it, but this session began before that (EACCES).`,
      remedy: `Log in anew (for VS Code: end its server too, "Kill VS Code Server on Host"), or try it in a terminal: ${shellLine(['newgrp', group.name])}`,
    };
  }
  return {
    reason: `${opened}, and the user ${account.name} is not in it (EACCES).`,
    remedy: `Join the group: ${shellLine(['usermod', '-aG', group.name, account.name])} (as root), then log in anew. ${POWER}`,
  };
}

function folderDenial(path: string, account: Account): Denial {
  return {
    reason: `The user ${account.name} may not enter a folder on the way to the socket ${path} (EACCES).`,
    remedy: `See which one: ${shellLine(['namei', '-l', path])}. ${ROOTLESS}`,
  };
}

function currentAccount(): Account {
  const uid = process.getuid?.() ?? -1;
  const activeGroups = [...(process.getgroups?.() ?? []), process.getegid?.() ?? -1];
  try {
    return { name: userInfo().username, uid, activeGroups };
  } catch {
    // A user without a line in /etc/passwd, as containers have them.
    return { name: String(uid), uid, activeGroups };
  }
}

/** A group's line of /etc/group; undefined where groups come from elsewhere. */
async function groupOf(gid: number): Promise<SocketAccess['group']> {
  const lines = (await readFile('/etc/group', 'utf8').catch(() => '')).split('\n');
  const [name, , , members = ''] = lines.find((line) => line.split(':')[2] === String(gid))?.split(':') ?? [];
  return name ? { name, members: members.split(',').filter(Boolean) } : undefined;
}
