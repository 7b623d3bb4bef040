import { readdirSync, readlinkSync } from 'node:fs';

/** How many sockets a process holds. */
export function socketsOf(pid: number | 'self'): number {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).filter((fd) => {
    try {
      return readlinkSync(`${folder}/${fd}`).startsWith('socket:');
    } catch {
      // Closed meanwhile; of ourselves it is the one by which the folder was read.
      return false;
    }
  }).length;
}
