import type { ContainerProcess } from '../../../model/process';
import { maskText } from '../../../model/secrets';
import type { ProcessRow } from '../../../protocol/pages';

/** Processes as rows of a tree, parents before children; those whose parent is not among them hang below the root. */
export function processRows(
  root: Omit<ProcessRow, 'depth'> | undefined,
  processes: readonly ContainerProcess[],
): readonly ProcessRow[] {
  const byPid = new Map(processes.map((process) => [process.hostPid, process]));
  const children = new Map<number | undefined, ContainerProcess[]>();
  for (const process of byPid.values()) {
    if (process.hostPid === root?.pid) continue;
    const parent = process.parentPid !== undefined && byPid.has(process.parentPid) ? process.parentPid : root?.pid;
    const siblings = children.get(parent) ?? [];
    siblings.push(process);
    children.set(parent, siblings);
  }
  const rows: ProcessRow[] = root ? [{ ...root, depth: 0 }] : [];
  const seen = new Set<number>();
  // A list of its own instead of recursion: a chain of 10,000 processes must not exhaust the stack.
  const waiting = (children.get(root?.pid) ?? []).map((process) => ({ process, depth: root ? 1 : 0 })).reverse();
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { process, depth } = next;
    if (seen.has(process.hostPid)) continue;
    seen.add(process.hostPid);
    rows.push(rowOf(process, depth));
    const below = [...(children.get(process.hostPid) ?? [])].sort((a, b) => b.hostPid - a.hostPid);
    for (const child of below) waiting.push({ process: child, depth: depth + 1 });
  }
  return rows;
}

function rowOf(
  { hostPid, containerPid, command, startedAt, state, uid, role }: ContainerProcess,
  depth: number,
): ProcessRow {
  return {
    pid: hostPid,
    depth,
    command: maskText(command),
    role,
    ...(containerPid === undefined ? {} : { containerPid }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(state === undefined ? {} : { state }),
    ...(uid === undefined ? {} : { uid }),
  };
}
