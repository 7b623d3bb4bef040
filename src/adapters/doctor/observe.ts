import { readlink, stat } from 'node:fs/promises';
import * as path from 'node:path';
import type { Observation, ObservedShim, ObservedState } from '../../model/doctor/observation';
import { RuntimeError, type Problem } from '../../model/problem';
import type { ProcessTable } from '../../model/process';
import { mapPooled } from '../../util/pool';
import type { ContainerdSocket } from '../containerd/sockets';
import { containersOf } from '../kernel/containers';
import { readBootTime } from '../kernel/processes';
import { readProcessTable } from '../kernel/procTable';
import { allStateRoots, type ShimFolders } from '../oci/roots';
import { readRuntimeState, type StateRoot } from '../oci/runtimeState';
import { isFileName, listBelow } from '../oci/safeRead';
import { findShims, shimOf, type ShimProcess } from '../shimProcess';
import { bundlesIn, findBundleFolders, type PlacedShim } from './bundles';
import { findShimSockets } from './sockets';
import { askForTasks } from './tasks';

export interface ObserveParts {
  readonly procRoot: string;
  readonly env: NodeJS.ProcessEnv;
  readonly extraRoots: readonly string[];
  readonly folders: ShimFolders;
  readonly sockets: (processes: ProcessTable) => Promise<readonly ContainerdSocket[]>;
}

/** Looks at shims, tasks, bundles, states and sockets at one moment. Reads only, and calls no shim. */
export async function observe(parts: ObserveParts, signal?: AbortSignal): Promise<Observation> {
  const { procRoot } = parts;
  // Disk and containerd first, processes after them: what is gone by then is no riddle, what is new is re-checked.
  const before = await readProcessTable(procRoot);
  const sockets = await parts.sockets(before);
  const placed = await mapPooled(findShims(before), 16, (shim) => place(procRoot, shim, sockets));
  const answers = await askForTasks(sockets, signal);
  const namespacesOf = (containerd: string): readonly string[] =>
    answers.namespaces.filter((one) => one.containerd === containerd).map(({ namespace }) => namespace);
  const found = await findBundleFolders(procRoot, placed.filter(isPlaced), before, namespacesOf);
  const bundles = (await mapPooled(found.folders, 4, bundlesIn)).flat();
  const states = await readStates(parts, placed, before);
  const pids = [...before.byPid.values()]
    .filter(({ comm }) => /^(?:containerd|dockerd)/.test(comm))
    .map(({ pid }) => pid);
  const shimSockets = await findShimSockets(procRoot, pids, bundles, answers.namespaces);
  const processes = await readProcessTable(procRoot);
  const bootTime = await readBootTime(procRoot);
  return {
    atMs: Date.now(),
    ...(bootTime === undefined ? {} : { bootTime }),
    processes,
    shims: await mapPooled(findShims(processes), 16, (shim) => observed(procRoot, shim, sockets, processes)),
    ...answers,
    folders: found.folders,
    bundles,
    states: states.found,
    sockets: shimSockets.sockets,
    busy: new Set([...busyIds(before), ...busyIds(processes)]),
    gaps: [...answers.gaps, ...found.gaps, ...states.gaps, ...shimSockets.gaps],
  };
}

type Placed = { readonly shim: ShimProcess; readonly containerd?: string };

function isPlaced(placed: Placed): placed is PlacedShim {
  return placed.shim.kind === 'containerd-shim';
}

/** A shim with its containerd, when the address it was told is for us the same socket. */
async function place(procRoot: string, shim: ShimProcess, sockets: readonly ContainerdSocket[]): Promise<Placed> {
  if (shim.kind === 'conmon' || !shim.address || !path.isAbsolute(shim.address)) return { shim };
  const address = path.normalize(shim.address);
  const own = await identityOf(address);
  const theirs = await identityOf(path.join(procRoot, String(shim.process.pid), 'root', address));
  if (own !== theirs || (own === undefined && !(await sharesMounts(procRoot, shim.process.pid)))) return { shim };
  // Several names may lead to one socket: it is known by the one under which it is asked.
  for (const socket of sockets) {
    if (socket.path === address || (own !== undefined && (await identityOf(socket.path)) === own)) {
      return { shim, containerd: socket.path };
    }
  }
  return { shim, containerd: address };
}

async function observed(
  procRoot: string,
  shim: ShimProcess,
  sockets: readonly ContainerdSocket[],
  processes: ProcessTable,
): Promise<ObservedShim> {
  const [{ containerd }, served] = await Promise.all([
    place(procRoot, shim, sockets),
    containersOf(procRoot, processes, shim),
  ]);
  const { kind, process, id } = shim;
  return {
    kind,
    process,
    id,
    serves: served.map(({ runtimeId }) => runtimeId),
    ...(shim.kind === 'containerd-shim' ? { namespace: shim.namespace } : {}),
    ...(shim.kind === 'containerd-shim' && shim.runtimeName ? { runtimeName: shim.runtimeName } : {}),
    ...(containerd === undefined ? {} : { containerd }),
  };
}

async function readStates(
  parts: ObserveParts,
  placed: readonly Placed[],
  processes: ProcessTable,
): Promise<{ found: ObservedState[]; gaps: Problem[] }> {
  // PIDs that were noted in another PID namespace mean other processes here.
  const ours = await mapPooled(placed.filter(isPlaced), 16, async ({ shim }) =>
    (await sameNamespace(parts.procRoot, shim.process.pid, 'pid')) ? [shim] : [],
  );
  // Of another file tree neither the bundles nor the containerd are looked at here, so its states would prove nothing.
  const places = (await parts.folders.all(ours.flat(), processes)).filter(({ tree }) => tree.prefix === '');
  const { roots, denied } = await allStateRoots(
    places.map(({ stateRoot }) => stateRoot),
    parts.extraRoots,
    parts.env,
    [],
  );
  const gaps: Problem[] = [...denied];
  const states = await mapPooled(roots, 4, (root) => statesIn(root, gaps));
  return { found: states.flat(), gaps };
}

async function statesIn(root: StateRoot, gaps: Problem[]): Promise<ObservedState[]> {
  const note = (error: unknown): void => {
    const { problem } = RuntimeError.from(error, `Reading the state of containers in ${root.path}`);
    if (problem.code !== 'absent' && problem.code !== 'gone') gaps.push(problem);
  };
  const ids = await listBelow(root.path, []).catch((error: unknown): string[] => {
    note(error);
    return [];
  });
  const states = await mapPooled(ids.filter(isFileName), 8, async (id): Promise<ObservedState | undefined> => {
    try {
      const state = await readRuntimeState(root, id);
      if (!state) return undefined;
      const { runtime, file, initPid, initStartTicks, createdAtMs, bundle } = state;
      return {
        runtime,
        id,
        file,
        ...(root.namespace === undefined ? {} : { namespace: root.namespace }),
        ...(initPid === undefined ? {} : { initPid }),
        ...(initStartTicks === undefined ? {} : { initStartTicks }),
        ...(createdAtMs === undefined ? {} : { createdAtMs }),
        ...(bundle === undefined ? {} : { bundle }),
      };
    } catch (error) {
      note(error);
      return undefined;
    }
  });
  return states.filter((state) => state !== undefined);
}

/** Ids that a call under way names: of a runtime below a shim, or of a shim's binary that starts or cleans up. */
function busyIds(processes: ProcessTable): string[] {
  return [...processes.byPid.values()].flatMap((process) => {
    const program = path.basename(process.argv[0] ?? '');
    const helper = program.startsWith('containerd-shim') && !shimOf(process);
    const call = /^(?:runc|crun|youki)$/.test(program) && process.argv[1] !== 'init';
    return helper || call ? process.argv.slice(1).filter((word) => !word.startsWith('-')) : [];
  });
}

async function identityOf(file: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(file);
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

async function sharesMounts(procRoot: string, pid: number): Promise<boolean> {
  return sameNamespace(procRoot, pid, 'mnt');
}

async function sameNamespace(procRoot: string, pid: number, type: 'mnt' | 'pid'): Promise<boolean> {
  const read = (who: string): Promise<string | undefined> =>
    readlink(path.join(procRoot, who, 'ns', type)).catch(() => undefined);
  const [own, theirs] = await Promise.all([read('self'), read(String(pid))]);
  return own !== undefined && own === theirs;
}
