import * as path from 'node:path';
import { hasInit } from '../../model/container';
import { farEngineOf, farRemedy } from '../../model/farEngine';
import { known, unknown, unknownFrom, type Fact, type UnknownFact } from '../../model/fact';
import type { Findings, RuntimeFacts } from '../../model/inspection';
import { RuntimeError, type Problem } from '../../model/problem';
import { parseJsonExact } from '../../util/json';
import { memberAt } from '../../util/records';
import { shellLine, shortId } from '../../util/text';
import { connectToShim, socketPathOf, taskServiceOf } from '../containerd/shim';
import type { InspectContext } from '../adapter';
import { reachIn, treeNote, type FileTree } from '../fileTrees';
import { runtimeNameOf } from '../shimProcess';
import { readBundleFiles, readInBundle, type BundleFiles } from './bundle';
import { locate, type Located } from './locate';
import type { LookParts } from './look';
import { startTicksOf } from './processStart';
import { SHIM_DEFAULT_ROOT, statusOf, type RuntimeState } from './runtimeState';
import { stalenessNote } from './staleness';

/** Tells all that bundle, runtime state and shim know of one container. Never rejects but when cancelled. */
export async function inspectContainer(
  parts: LookParts,
  context: InspectContext,
  signal?: AbortSignal,
): Promise<Findings> {
  const located = await locate(parts, context);
  const files = located.bundle ? await readBundleFiles(located.bundle) : {};
  const [ociConfig, runtime, initPid, shimPid, runtimeState] = await Promise.all([
    configOf(located),
    runtimeOf(parts, located, files),
    initPidOf(parts, located, files),
    shimPidOf(located, files, signal),
    stateFactOf(parts, located),
  ]);
  return { bundlePath: bundlePathOf(located), ociConfig, runtime, initPid, shimPid, runtimeState };
}

function bundlePathOf(located: Located): Fact<string> {
  const { bundle } = located;
  if (!bundle) return noBundle(located);
  return known('bundle', bundle.path, `${bundle.path} (${bundle.reason})`, shellLine(['ls', '-ld', bundle.path]));
}

/** Why there is no bundle, and when there would be one. */
function noBundle({ container, namespace, inside }: Located): UnknownFact {
  const { state } = container;
  const far = farEngineOf(container);
  if (far !== undefined && hasInit(state)) {
    const reason = `Its engine is on another host, ${far}: the bundle is there, and no file of this machine is.`;
    return unknown(reason, farRemedy(far), 'bundle');
  }
  if (inside?.hidesProcesses && hasInit(state)) {
    return unknown(
      'The explorer runs in a container, into which the folder where containerd keeps bundles is not mounted.',
      'Open the host itself: Remote - SSH, or a window outside of the container.',
      'bundle',
    );
  }
  const fromDocker = namespace === 'moby' || container.layers.some((layer) => layer.startsWith('engine:'));
  if (state === 'running' || state === 'paused') {
    const reason = 'No bundle of this container was found where containerd and the runtimes keep theirs.';
    return unknown(reason, 'Run VS Code’s server as root: a shim’s working folder names the place.', 'bundle');
  }
  const place = `<containerd’s state folder>/io.containerd.runtime.v2.task/${namespace ?? 'moby'}/${container.runtimeId}`;
  const reason = fromDocker
    ? 'The bundle exists only while the container’s task does: dockerd makes it at start and deletes it, config.json with it, when the init process ends.'
    : 'The container has no task, and containerd keeps a bundle only as long as the task.';
  return unknown(reason, `Start the container; while it runs the bundle is ${place}.`, 'bundle');
}

async function configOf(located: Located): Promise<Fact<unknown>> {
  const { bundle, state } = located;
  if (!bundle) return noBundle(located);
  const found = await readInBundle(bundle, 'config.json');
  if ('code' in found) return unknownFrom(found, 'bundle');
  try {
    const config = parseJsonExact(found.text, `Reading ${found.path}`);
    const stale = state && !('code' in state) ? stalenessNote(config, state) : undefined;
    return known('bundle', config, found.path, shellLine(['sudo', 'cat', found.path]), stale ? { note: stale } : {});
  } catch (error) {
    return unknownFrom(RuntimeError.from(error, `Reading ${found.path}`).problem, 'bundle');
  }
}

async function runtimeOf(parts: LookParts, located: Located, files: BundleFiles): Promise<Fact<RuntimeFacts>> {
  const { bundle, state, namespace, shim, tree } = located;
  const runtimeName = shim?.runtimeName ?? (files.shimBinary ? runtimeNameOf(files.shimBinary) : undefined);
  const named = runtimeName ? { runtimeName } : {};
  if (bundle && files.runtime !== undefined) {
    // A program of our tree that has the same name tells nothing of one in another tree.
    const program = tree.prefix === '' ? await parts.programs.find(files.runtime) : undefined;
    const root = path.join(files.root ?? SHIM_DEFAULT_ROOT, namespace ?? '');
    const sources = ['runtime', 'options.json'].map((file) => path.join(bundle.path, file));
    const facts: RuntimeFacts = {
      ...named,
      binary: files.runtime,
      root,
      ...(program?.version ? { version: program.version } : {}),
      ...(files.systemdCgroup === undefined ? {} : { cgroupDriver: files.systemdCgroup ? 'systemd' : 'cgroupfs' }),
    };
    const note = tree.prefix === '' ? {} : { note: `The paths are those ${treeNote(tree)}.` };
    return known('bundle', facts, sources.join(', '), shellLine(['sudo', 'head', ...sources]), note);
  }
  if (state && !('code' in state)) {
    const program = state.root.tree ? undefined : await parts.programs.find(state.runtime);
    const systemd = memberAt(state.record, state.runtime === 'runc' ? 'config' : 'systemd-cgroup');
    const isSystemd = state.runtime === 'runc' ? memberAt(systemd, 'cgroups', 'Systemd') === true : systemd === true;
    const facts: RuntimeFacts = {
      ...named,
      binary: state.runtime,
      root: state.root.path,
      cgroupDriver: isSystemd ? 'systemd' : 'cgroupfs',
      ...(program?.version ? { version: program.version } : {}),
    };
    return known('runtime-state', facts, state.file, shellLine(['sudo', 'cat', state.file]), {
      note: 'Which runtime it is follows from the form of its state file.',
    });
  }
  return refusalOf(located, 'bundle');
}

/** Init's PID, only when the process that has it now is the one that the runtime started. */
async function initPidOf(parts: LookParts, located: Located, files: BundleFiles): Promise<Fact<number>> {
  const { bundle, state, processes, shim } = located;
  if (state && !('code' in state) && state.initPid !== undefined) {
    const ticks = await startTicksOf(parts.procRoot, state.initPid);
    if (ticks === undefined || (await statusOf(state, ticks)) === 'exited') {
      const reason = `${state.file} names PID ${state.initPid}, but that process has ended.`;
      return unknown(reason, 'Start the container again.', 'runtime-state');
    }
    const source = `${state.file}, checked against the start time in /proc/${state.initPid}/stat`;
    return known('runtime-state', state.initPid, source, shellLine(['sudo', 'cat', state.file]));
  }
  if (bundle && files.initPid !== undefined) {
    const parent = processes.byPid.get(files.initPid)?.parentPid;
    const file = path.join(bundle.path, 'init.pid');
    if (parent === undefined || parent !== shim?.process.pid) {
      const reason = `${file} names PID ${files.initPid}, but no process of that number is a child of the shim.`;
      return unknown(reason, 'Refresh: it may have ended meanwhile.', 'bundle');
    }
    return known('bundle', files.initPid, `${file}, checked: its parent is the shim`, shellLine(['sudo', 'cat', file]));
  }
  return refusalOf(located, 'runtime-state');
}

async function shimPidOf(located: Located, files: BundleFiles, signal?: AbortSignal): Promise<Fact<number>> {
  const { namespace, container } = located;
  if (!files.shimAddress || namespace === undefined) return refusalOf(located, 'shim');
  const { version } = files.shimAddress;
  const address = await addressIn(located.tree, files.shimAddress.address);
  try {
    const { shimPid } = await connectToShim({ address, version }, namespace, container.runtimeId, signal);
    if (shimPid === 0) return unknown('The shim named no PID.', 'Look for the parent of the init process.', 'shim');
    const how = located.initPid
      ? `ps -o ppid= -p ${located.initPid}`
      : `pgrep -af 'containerd-shim.* -id ${container.runtimeId}'`;
    return known('shim', shimPid, `ttrpc ${taskServiceOf(version)} on ${address}`, how);
  } catch (error) {
    const { problem } = RuntimeError.from(error, `Asking the shim of ${shortId(container.runtimeId)}`);
    if (problem.code === 'cancelled') throw error;
    return unknownFrom(problem, 'shim');
  }
}

/** A shim's address by which we reach it: a path of another file tree is reached through that tree's root. */
async function addressIn(tree: FileTree, address: string): Promise<string> {
  const file = socketPathOf(address);
  return tree.prefix === '' || file === undefined ? address : `unix://${await reachIn(tree, file)}`;
}

async function stateFactOf(parts: LookParts, located: Located): Promise<Fact<unknown>> {
  const { state } = located;
  if (!state || 'code' in state) return refusalOf(located, 'runtime-state');
  return known('runtime-state', state.record, state.file, shellLine(['sudo', 'cat', state.file]), {
    note: await noteOn(parts, state),
  });
}

async function noteOn(parts: LookParts, state: RuntimeState): Promise<string> {
  const ticks = state.initPid === undefined ? undefined : await startTicksOf(parts.procRoot, state.initPid);
  const status = await statusOf(state, ticks);
  return `As ${state.runtime} would say: ${status === 'exited' ? 'stopped' : status}.`;
}

/** What stands in the way of the runtime's own files. */
function refusalOf(located: Located, route: 'bundle' | 'runtime-state' | 'shim'): UnknownFact {
  const problem = problemOf(located);
  // Our own folders that may not be read would not hold what is on another host, or outside of our container.
  if (!located.bundle && (farEngineOf(located.container) !== undefined || located.inside?.hidesProcesses))
    return { ...noBundle(located), route };
  if (problem) return unknownFrom(problem, route);
  if (!located.bundle) return { ...noBundle(located), route };
  return unknown(
    'Neither the bundle nor a state folder of an OCI runtime tells it.',
    'Run VS Code’s server as root to read what is root’s.',
    route,
  );
}

function problemOf({ state, bundleProblem }: Located): Problem | undefined {
  if (bundleProblem) return bundleProblem;
  return state && 'code' in state ? state : undefined;
}
