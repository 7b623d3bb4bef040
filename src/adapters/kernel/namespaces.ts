import { readdir, readlink } from '../../util/files';
import { join } from 'node:path';

/**
 * The namespaces of a process: type as /proc/PID/ns names it (`mnt`, `net`, `pid`, …) → inode number. Two processes are
 * in the same namespace when the numbers are equal. Source: namespaces(7).
 *
 * @throws the errno of the first link that may not be read (EACCES: only for the process's own user or root)
 */
export async function readNamespaces(
  procRoot: string,
  pid: number | 'self',
): Promise<Readonly<Record<string, number>>> {
  const folder = join(procRoot, String(pid), 'ns');
  const types = await readdir(folder);
  const links = await Promise.all(
    types.map(async (type) => [type, inodeIn(await readlink(join(folder, type)))] as const),
  );
  return Object.fromEntries(links.flatMap(([type, inode]) => (inode === undefined ? [] : [[type, inode]])));
}

/** `net:[4026531840]` → 4026531840. */
function inodeIn(link: string): number | undefined {
  const digits = /:\[(\d+)\]$/.exec(link)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
