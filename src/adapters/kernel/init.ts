import { readFile } from '../../util/files';
import { join } from 'node:path';
import { hasInit, type Container } from '../../model/container';
import { farEngineOf, farRemedy } from '../../model/farEngine';
import { isKnown, unknown, type Fact, type UnknownFact } from '../../model/fact';
import type { ProcessRef, ProcessTable } from '../../model/process';
import { containerIdIn, lastComponent, parseCgroup } from './parse/cgroup';
import { readStat } from './procTable';

/** The init process without doubt, or why there is none to be had. */
export type VerifiedInit = { readonly init: ProcessRef } | { readonly none: UnknownFact };

/**
 * Finds the init process of a container on this machine. What the kernel's own sighting says counts as it is; a PID that
 * another layer named may be counted in another PID namespace or on another machine, so it counts only when that
 * process's cgroup is named after the container, or its start time is the one that was noted.
 */
export async function verifyInit(
  procRoot: string,
  container: Container,
  processes: ProcessTable,
  named: Fact<number> | undefined,
): Promise<VerifiedInit> {
  for (const { initPid, initStartTicks } of container.sightings) {
    if (initPid === undefined || initStartTicks === undefined) continue;
    const stat = await readStat(procRoot, initPid);
    if (stat?.startTicks === initStartTicks) return { init: { pid: initPid, startTicks: initStartTicks } };
  }
  const pids = new Set(container.sightings.flatMap(({ initPid }) => initPid ?? []));
  if (isKnown(named) && named.value > 0) pids.add(named.value);
  for (const pid of pids) {
    const stat = await readStat(procRoot, pid);
    if (
      stat &&
      (await isNamedAfter(procRoot, pid, container.runtimeId)) &&
      !isAnother(processes, pid, stat.startTicks)
    ) {
      return { init: { pid, startTicks: stat.startTicks } };
    }
  }
  const far = farEngineOf(container);
  if (far !== undefined && hasInit(container.state)) return { none: farAway(far, [...pids]) };
  return { none: pids.size > 0 ? elsewhere([...pids]) : noneNamed(container) };
}

/** Whether the table of this look knows the PID as another process, which came or went meanwhile. */
function isAnother(processes: ProcessTable, pid: number, startTicks: number): boolean {
  const known = processes.byPid.get(pid);
  return known !== undefined && known.startTicks !== startTicks;
}

async function isNamedAfter(procRoot: string, pid: number, runtimeId: string): Promise<boolean> {
  try {
    const lines = parseCgroup(await readFile(join(procRoot, String(pid), 'cgroup'), 'utf8'));
    return lines.some(({ path }) => containerIdIn(path) === runtimeId || lastComponent(path) === runtimeId);
  } catch {
    return false;
  }
}

function farAway(endpoint: string, pids: readonly number[]): UnknownFact {
  const named = pids.length > 0 ? ` (PID ${pids.join(', ')} there)` : '';
  return unknown(
    `Its engine is on another host, ${endpoint}, and its processes run there${named}: no process of this machine is one of them.`,
    farRemedy(endpoint),
    'procfs',
  );
}

function elsewhere(pids: readonly number[]): UnknownFact {
  return unknown(
    `Its init process is named ${pids.join(', ')}, and here no process of that PID is in a cgroup of this container.`,
    'It has just ended (refresh), or it runs on another machine, in a VM or in another PID namespace: run the explorer there.',
    'procfs',
  );
}

function noneNamed(container: Container): UnknownFact {
  const ended = container.state === 'created' ? 'It has never been started' : `It is ${container.state}`;
  return container.state === 'running' || container.state === 'paused'
    ? unknown(
        'No layer names its init process.',
        'Look at its layers in the tree: one of them could not be asked.',
        'procfs',
      )
    : unknown(`${ended}, so it has no process.`, 'Start the container.', 'procfs');
}
