import type { Sighting } from '../../model/container';
import { known, type Fact } from '../../model/fact';
import type { LayerDetail, LayerReport } from '../../model/layer';
import { RuntimeError, type Problem } from '../../model/problem';
import type { ProcessTable } from '../../model/process';
import { mapPooled } from '../../util/pool';
import { counted, shellLine, visible } from '../../util/text';
import type { Report } from '../adapter';
import { containerdShims, type ContainerdShim } from '../shimProcess';
import { startTicksOf } from './processStart';
import type { FileTrees } from '../fileTrees';
import type { StateMemory } from './stateMemory';
import type { RuntimeProgram, RuntimePrograms } from './programs';
import { allStateRoots, type ShimFolders } from './roots';
import { statusOf, type RuntimeName, type RuntimeStateSummary, type StateRoot } from './runtimeState';
import { isFileName, listBelow } from './safeRead';

export interface LookParts {
  readonly procRoot: string;
  readonly extraRoots: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly folders: ShimFolders;
  readonly trees: FileTrees;
  readonly programs: RuntimePrograms;
  readonly memory: StateMemory;
}

/** The layer of an OCI runtime. */
export function runtimeLayerId(runtime: RuntimeName): string {
  return `oci-runtime:${runtime}`;
}

/** Looks at the state folders of all OCI runtimes. */
export async function lookAtRuntimes(parts: LookParts, processes: ProcessTable): Promise<Report> {
  const shims = containerdShims(processes);
  const places = await parts.folders.all(shims, processes);
  const { others } = await parts.trees.look(processes);
  const named = places.map(({ stateRoot }) => stateRoot);
  const { roots, denied } = await allStateRoots(named, parts.extraRoots, parts.env, others);
  const looked = await mapPooled(roots, 4, (root) => lookAtRoot(parts, root, processes));
  parts.memory.endLook();
  const states = looked.flatMap((look) => look.states);
  const problems = [...denied, ...looked.flatMap((look) => look.problems)];
  const used = looked.filter((look) => look.states.length > 0).map(({ root }) => root);
  const seen = new Set(states.map(({ state }) => keyOf(state.root.namespace, state.id)));
  const derived = shims.filter((shim) => isUnseen(shim, seen)).map(derivedSighting);

  const reports = await Promise.all(
    (['runc', 'crun', 'youki'] as const).map(async (runtime) => {
      const program = await parts.programs.find(runtime);
      const own = states.filter(({ state }) => state.runtime === runtime).map(({ sighting }) => sighting);
      const sightings = runtime === 'runc' ? [...own, ...derived] : own;
      if (runtime !== 'runc' && !program && sightings.length === 0) return { layers: [], sightings };
      const ownRoots = used.filter((root) =>
        states.some(({ state }) => state.runtime === runtime && state.root === root),
      );
      return {
        layers: [
          layerOf(
            runtime,
            isOfOurTree(ownRoots) ? program : undefined,
            sightings.length > 0,
            ownRoots,
            problems,
            derived.length,
          ),
        ],
        sightings,
      };
    }),
  );
  return {
    layers: reports.flatMap(({ layers }) => layers),
    sightings: reports.flatMap(({ sightings }) => sightings),
  };
}

/** Whether the program that we find is of those that made the containers: false when all are of other file trees. */
function isOfOurTree(roots: readonly StateRoot[]): boolean {
  return roots.length === 0 || roots.some(({ tree }) => tree === undefined || tree.prefix === '');
}

interface SeenState {
  readonly state: RuntimeStateSummary;
  readonly sighting: Sighting;
}

async function lookAtRoot(
  parts: LookParts,
  root: StateRoot,
  processes: ProcessTable,
): Promise<{ root: StateRoot; states: SeenState[]; problems: Problem[] }> {
  const problems: Problem[] = [];
  const note = (error: unknown): void => {
    const { problem } = RuntimeError.from(error, `Reading the state of containers in ${root.path}`);
    // What is not there holds nothing; a container that went meanwhile is no problem either.
    if (problem.code !== 'absent' && problem.code !== 'gone') problems.push(problem);
  };
  try {
    const ids = (await listBelow(root.path, [])).filter(isFileName);
    const states = await mapPooled(ids, 8, async (id): Promise<SeenState | undefined> => {
      try {
        const state = await parts.memory.read(root, id);
        return state && { state, sighting: await sightingOf(parts.procRoot, state, processes) };
      } catch (error) {
        note(error);
        return undefined;
      }
    });
    return { root, states: states.filter((state): state is SeenState => state !== undefined), problems };
  } catch (error) {
    note(error);
    return { root, states: [], problems };
  }
}

async function sightingOf(procRoot: string, state: RuntimeStateSummary, processes: ProcessTable): Promise<Sighting> {
  const ticks = state.initPid === undefined ? undefined : await ticksOf(procRoot, state.initPid, processes);
  const status = await statusOf(state, ticks);
  const { initPid, createdAtMs, bundle, root } = state;
  return {
    layerId: runtimeLayerId(state.runtime),
    runtimeId: state.id,
    state: status,
    stateText: status === 'exited' ? 'stopped' : status,
    ...(root.namespace === undefined ? {} : { containerdNamespace: root.namespace }),
    ...(initPid === undefined || ticks === undefined || status === 'exited' ? {} : { initPid, initStartTicks: ticks }),
    ...(createdAtMs === undefined ? {} : { createdAtMs }),
    ...(bundle === undefined ? {} : { bundle }),
  };
}

/** The start time from this look's own table; a process that is newer than it is asked for. */
async function ticksOf(procRoot: string, pid: number, processes: ProcessTable): Promise<number | undefined> {
  const record = processes.byPid.get(pid);
  if (record) return record.state === 'Z' || record.state === 'X' ? undefined : record.startTicks;
  return startTicksOf(procRoot, pid);
}

function keyOf(namespace: string | undefined, id: string): string {
  return `${namespace ?? ''} ${id}`;
}

function isUnseen(shim: ContainerdShim, seen: ReadonlySet<string>): boolean {
  return /^io\.containerd\.runc\./.test(shim.runtimeName ?? '') && !seen.has(keyOf(shim.namespace, shim.id));
}

/** runc's shim runs, so a runtime of runc's kind made its container; more is not to be seen. */
function derivedSighting(shim: ContainerdShim): Sighting {
  return {
    layerId: runtimeLayerId('runc'),
    runtimeId: shim.id,
    containerdNamespace: shim.namespace,
    state: 'unknown',
    stateText: `its shim runs with PID ${shim.process.pid}; the state folder cannot be read`,
  };
}

function layerOf(
  runtime: RuntimeName,
  program: RuntimeProgram | undefined,
  hasContainers: boolean,
  roots: readonly StateRoot[],
  problems: readonly Problem[],
  derived: number,
): LayerReport {
  const common = {
    id: runtimeLayerId(runtime),
    kind: 'oci-runtime' as const,
    name: runtime,
    ...(program?.version ? { version: program.version } : {}),
    details: detailsOf(runtime, program, roots),
  };
  const problem = layerProblem(problems, derived);
  if (problem && (program || hasContainers)) return { ...common, status: 'partly', problem };
  if (program || hasContainers) return { ...common, status: 'ok' };
  const what = `Looking for ${runtime}`;
  const absent: Problem = { code: 'absent', what, reason: 'No binary and no state of it is on this machine.' };
  return { ...common, status: 'absent', problem: absent };
}

function layerProblem(problems: readonly Problem[], derived: number): Problem | undefined {
  const what = 'Reading the state of containers';
  const denied = problems.find(({ code }) => code === 'denied');
  if (denied) {
    const shown = derived === 0 ? '' : ` ${counted(derived, 'container')} can be told only from the running shims.`;
    const reason = `The state folders of OCI runtimes are root's (${denied.reason}).${shown}`;
    return { code: 'denied', what, reason, remedy: 'Run VS Code’s server as root to read them.' };
  }
  return problems[0];
}

function detailsOf(
  runtime: RuntimeName,
  program: RuntimeProgram | undefined,
  roots: readonly StateRoot[],
): LayerDetail[] {
  const details: LayerDetail[] = [];
  const add = (label: string, fact: Fact<string>): void => void details.push({ label, fact });
  if (program) {
    const asked = (value: string, argument: string): Fact<string> =>
      known('derived', value, `${program.path} ${argument}`, shellLine([program.path, argument]));
    add('Binary', known('procfs', program.path, 'PATH', shellLine(['ls', '-l', program.path])));
    if (program.specVersion) add('OCI specification', asked(program.specVersion, '--version'));
    if (program.features) add('Features', asked(program.features, 'features'));
  }
  if (roots.length > 0) {
    const paths = roots.map((root) => root.path);
    const how = shellLine(['ls', ...paths]);
    const fact = known('runtime-state', visible(paths.join(', '), 2_000), `folders of ${runtime} containers`, how);
    add('State folders in use', fact);
  }
  return details;
}
