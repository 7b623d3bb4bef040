// Processes as /proc tells them: which are the lab's, and how to end them for sure.
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HOLDER, LAB_MOUNT } from './fileTree';

/** A process, told apart from a later one with the same PID by its start time (clock ticks since boot). */
export interface ProcessId {
  readonly pid: number;
  readonly startTicks: string;
}

/** The process now behind a PID; undefined when there is none. */
export function identify(pid: number): ProcessId | undefined {
  const fields = statFields(pid);
  return fields && fields[0] !== 'Z' ? { pid, startTicks: fields[19] ?? '' } : undefined;
}

/** Whether exactly that process still runs. A zombie counts as gone. */
export function isAlive(process: ProcessId): boolean {
  return identify(process.pid)?.startTicks === process.startTicks;
}

/** Command line of a process; empty when it is gone or a kernel thread. */
export function argvOf(pid: number): string[] {
  return readText(`/proc/${pid}/cmdline`).split('\0').slice(0, -1);
}

/** Paths of a process in all cgroup hierarchies, as `/proc/PID/cgroup` names them. */
export function cgroupsOf(pid: number): string[] {
  return readText(`/proc/${pid}/cgroup`)
    .split('\n')
    .flatMap((line) => line.split(':').slice(2).join(':') || []);
}

/** Daemons and shims whose command line names a path below `dir`, and all processes of a file tree with that folder. */
export function daemonsOf(dir: string): number[] {
  return allPids().filter((pid) => {
    if (livesIn(pid, dir)) return true;
    const argv = argvOf(pid);
    const program = basename(argv[0] ?? '');
    return (
      (/^(dockerd|containerd|containerd-shim.*|podman|conmon)$/.test(program) &&
        argv.some((argument) => argument.includes(`${dir}/`))) ||
      (argv.includes(HOLDER) && argv.includes(dir))
    );
  });
}

/** Whether a process sees the lab's folder where the lab's own file tree has it. */
function livesIn(pid: number, dir: string): boolean {
  // Fields: id, parent, device, folder within the file system, mount point, …
  return readText(`/proc/${pid}/mountinfo`)
    .split('\n')
    .some((line) => {
      const [, , , folder, point] = line.split(' ');
      // The kernel marks a folder that somebody has removed since.
      return (
        point === LAB_MOUNT && folder !== undefined && basename(folder.replace(/\/\/deleted$/, '')) === basename(dir)
      );
    });
}

/** All descendants of the given processes, parents first. */
export function descendantsOf(pids: readonly number[]): number[] {
  const childrenOf = new Map<number, number[]>();
  for (const pid of allPids()) {
    const parent = Number(statFields(pid)?.[1] ?? 0);
    childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), pid]);
  }
  const found: number[] = [];
  const pending = [...pids];
  for (let pid = pending.shift(); pid !== undefined; pid = pending.shift()) {
    const children = childrenOf.get(pid) ?? [];
    found.push(...children);
    pending.push(...children);
  }
  return found;
}

/** Kills processes with SIGKILL and waits until they are gone. A process that is gone already is no error. */
export async function killAndWait(pids: readonly number[], timeoutMs = 20_000): Promise<void> {
  const targets = pids.flatMap((pid) => identify(pid) ?? []);
  for (const { pid } of targets) signal(pid, 'SIGKILL');
  await waitUntilGone(targets, timeoutMs);
}

/** Waits until all the processes have ended; throws, naming them, when they have not. */
export async function waitUntilGone(targets: readonly ProcessId[], timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const left = targets.filter(isAlive);
    if (left.length === 0) return;
    if (Date.now() > deadline) {
      const names = left.map(({ pid }) => `${pid} (${argvOf(pid).join(' ')})`);
      throw new Error(`still running after ${timeoutMs} ms: ${names.join(', ')}`);
    }
    await sleep(20);
  }
}

/** Sends a signal; a process that has ended meanwhile is no error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function allPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Fields of /proc/PID/stat from the third on (state, ppid, …): the second, comm, may hold anything, `)` too. */
function statFields(pid: number): string[] | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  return stat ? stat.slice(stat.lastIndexOf(')') + 2).split(' ') : undefined;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
