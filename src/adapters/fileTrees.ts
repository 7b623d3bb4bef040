import { lstat, readlink, stat } from '../util/files';
import * as path from 'node:path';
import type { ProcessRecord, ProcessTable } from '../model/process';
import { mapPooled } from '../util/pool';
import { findShims } from './shimProcess';

/*
 * A path means something only in a file tree. A daemon that was started with a root or a mount namespace of its own (by a
 * systemd unit with RootDirectory=, as a snap, next to an explorer in a dev container) names paths of its own tree, which
 * is reached through /proc/PID/root.
 */

/** The tree in which a process lives, as we reach it. */
export interface FileTree {
  /** What goes before its paths: empty for our own tree, else `/proc/PID/root`. */
  readonly prefix: string;
}

/** Our own tree. */
export const OWN_TREE: FileTree = { prefix: '' };

/** The trees of the daemons, shims and monitors that run. */
export interface TreeView {
  /** Undefined where its tree is another one that is not followed. A process that names no paths counts as in ours. */
  of(process: ProcessRecord): FileTree | undefined;
  /** All trees but ours. */
  readonly others: readonly FileTree[];
}

/** Finds out in which file trees daemons live. What cannot be told (it takes root) counts as our own. */
export class FileTrees {
  /** Of processes by PID and start time: their tree, as mount namespace, device and inode. Undefined if not followed. */
  private roots = new Map<string, Promise<string | undefined>>();
  private ours: ReturnType<typeof stat> | undefined;
  private readonly views = new WeakMap<ProcessTable, Promise<TreeView>>();

  constructor(private readonly procRoot = '/proc') {}

  look(processes: ProcessTable): Promise<TreeView> {
    const view = this.views.get(processes) ?? this.lookAt(processes);
    this.views.set(processes, view);
    return view;
  }

  private async lookAt(processes: ProcessTable): Promise<TreeView> {
    const shims = findShims(processes).map(({ process }) => process);
    const daemons = [...processes.byPid.values()].filter(({ argv }) => DAEMONS.has(path.basename(argv[0] ?? '')));
    const living = [...daemons, ...shims];
    const kept = new Map<string, Promise<string | undefined>>();
    for (const process of living) {
      kept.set(keyOf(process), this.roots.get(keyOf(process)) ?? this.rootOf(process.pid));
    }
    this.roots = kept;

    const trees = new Map<string, FileTree>([[OURS, OWN_TREE]]);
    const byProcess = new Map<string, FileTree | undefined>();
    // The oldest stands for its tree: the one that is likeliest to stay.
    const ordered = living.sort((a, b) => Number(a.startTicks) - Number(b.startTicks) || a.pid - b.pid);
    const roots = await mapPooled(ordered, 8, async (process) => kept.get(keyOf(process)));
    for (const [index, process] of ordered.entries()) {
      const root = roots[index];
      if (root !== undefined && !trees.has(root)) trees.set(root, { prefix: `${this.procRoot}/${process.pid}/root` });
      byProcess.set(keyOf(process), root === undefined ? undefined : trees.get(root));
    }
    return {
      of: (process) => (byProcess.has(keyOf(process)) ? byProcess.get(keyOf(process)) : OWN_TREE),
      others: [...trees.values()].filter((tree) => tree !== OWN_TREE),
    };
  }

  private async rootOf(pid: number): Promise<string | undefined> {
    try {
      const folder = path.join(this.procRoot, String(pid));
      // A thousand shims are asked this: our own root is looked at once.
      const ours = await (this.ours ??= stat('/'));
      const theirs = await stat(path.join(folder, 'root'));
      if (theirs.dev === ours.dev && theirs.ino === ours.ino) return OURS;
      // Whoever is root in a container could show us whatever it likes there, under the name of a daemon.
      const [theirPids, ourPids, mounts] = await Promise.all([
        readlink(path.join(folder, 'ns/pid')),
        readlink(path.join(this.procRoot, 'self/ns/pid')),
        readlink(path.join(folder, 'ns/mnt')),
      ]);
      return theirPids === ourPids ? `${mounts} ${theirs.dev}:${theirs.ino}` : undefined;
    } catch {
      return OURS;
    }
  }
}

const OURS = 'ours';
const DAEMONS: ReadonlySet<string> = new Set(['containerd', 'dockerd']);

function keyOf(process: ProcessRecord): string {
  return `${process.pid} ${process.startTicks}`;
}

/** More links than the kernel follows. */
const MOST_LINKS = 40;

/**
 * Where a path of a tree is for us. In our own tree that is the path itself. In another one links are followed here,
 * because the kernel would take an absolute one for a path of our tree. What is not there stays as it is named.
 *
 * @param file absolute
 */
export async function reachIn(tree: FileTree, file: string): Promise<string> {
  if (tree.prefix === '') return path.normalize(file);
  let seen = '/';
  let links = 0;
  const pending = path.normalize(file).split('/').filter(Boolean);
  for (let name = pending.shift(); name !== undefined; name = pending.shift()) {
    if (name === '..') {
      seen = path.dirname(seen);
      continue;
    }
    const next = path.join(seen, name);
    const target = await linkTarget(tree.prefix + next);
    if (target === undefined) {
      seen = next;
    } else if (++links > MOST_LINKS) {
      return tree.prefix + path.normalize(file);
    } else {
      if (path.isAbsolute(target)) seen = '/';
      pending.unshift(...target.split('/').filter((part) => part !== '' && part !== '.'));
    }
  }
  return tree.prefix + seen;
}

async function linkTarget(file: string): Promise<string | undefined> {
  try {
    return (await lstat(file)).isSymbolicLink() ? await readlink(file) : undefined;
  } catch {
    return undefined;
  }
}

/** For people: how a path of another tree came to be reached; empty for our own. */
export function treeNote(tree: FileTree): string {
  return tree.prefix === '' ? '' : `in the file tree of its daemon, which is not ours: ${tree.prefix}`;
}
