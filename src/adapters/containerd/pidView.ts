import { readlink } from 'node:fs/promises';
import type { ContainerdClient } from './client';

/** How a containerd counts PIDs. Empty when it does not tell (before 1.7). */
export interface PidView {
  /** Its own PID, in its own PID namespace. */
  readonly pid?: number;
  /** False when that is not our PID namespace: its PIDs mean other processes here. */
  readonly pidsAreOurs?: boolean;
}

/** Compares the PID namespace that containerd names (Introspection.Server, since 1.7) with ours. */
export async function pidViewOf(client: ContainerdClient): Promise<PidView> {
  try {
    const [server, own] = await Promise.all([client.server(), readlink('/proc/self/ns/pid')]);
    if (!server.pidNamespace || typeof server.pid !== 'number') return {};
    return { pid: server.pid, pidsAreOurs: own === `pid:[${server.pidNamespace}]` };
  } catch {
    return {};
  }
}
