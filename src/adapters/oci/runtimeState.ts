import { uptime } from 'node:os';
import * as path from 'node:path';
import type { ContainerState } from '../../model/container';
import { RuntimeError, type Problem } from '../../model/problem';
import { parseJsonExact } from '../../util/json';
import { asArray, asNumber, asRecord, asString, memberAt } from '../../util/records';
import type { FileTree } from '../fileTrees';
import { readFile } from '../../util/files';
import { isFileName, kindBelow, readBelow } from './safeRead';

/** A folder in which an OCI runtime keeps one folder per container. */
export interface StateRoot {
  /** As we reach it. */
  readonly path: string;
  /** The file tree that it is in, and whose paths the states in it name; ours when absent. */
  readonly tree?: FileTree;
  /** The containerd namespace whose containers are here; absent where the folder is not one namespace's. */
  readonly namespace?: string;
}

export type RuntimeName = 'runc' | 'crun' | 'youki';

/** What an OCI runtime wrote of one container, as on disk. */
export interface RuntimeState {
  readonly runtime: RuntimeName;
  readonly id: string;
  readonly root: StateRoot;
  /** Absolute path of state.json or status. */
  readonly file: string;
  /** The file, parsed. */
  readonly record: unknown;
  /** The file's time, unix milliseconds. */
  readonly modifiedAtMs: number;
  readonly initPid?: number;
  readonly initStartTicks?: number;
  /** Unix milliseconds. */
  readonly createdAtMs?: number;
  /** As the runtime names it, in its own file tree. */
  readonly bundle?: string;
  /** The status, where the runtime keeps it in the file. */
  readonly noted?: ContainerState;
  /** True while the runtime waits to be told to start: its fifo is there. */
  readonly waitsForStart: boolean;
  /** Files below /sys/fs/cgroup that tell whether it is frozen, as components. */
  readonly freezerFiles: readonly (readonly string[])[];
  /** Which file in which version it was read from. */
  readonly stamp: string;
}

/** A state without the file's whole contents: what a look needs. */
export type RuntimeStateSummary = Omit<RuntimeState, 'record'>;

/**
 * Default roots. Sources: runc main.go, containerd process/utils.go, moby runtime_unix.go, crun status.c, youki
 * crates/youki/src/rootpath.rs.
 */
export function defaultStateRoots(env: NodeJS.ProcessEnv): { plain: string[]; byNamespace: string[] } {
  const user = env.XDG_RUNTIME_DIR;
  const own = user && path.isAbsolute(user) ? ['runc', 'crun', 'youki'].map((name) => path.join(user, name)) : [];
  return {
    plain: ['/run/runc', '/run/crun', '/run/youki', ...own],
    byNamespace: ['/run/containerd/runc', '/run/docker/runtime-runc'],
  };
}

/** Source: containerd cmd/containerd-shim-runc-v2/process/init.go, RuncRoot. */
export const SHIM_DEFAULT_ROOT = '/run/containerd/runc';

/**
 * Reads the state of one container. Which runtime wrote it is told by the file: dockerd calls the folder runtime-runc for
 * every runtime.
 *
 * @returns undefined when the folder holds none
 * @throws RuntimeError when there is one that cannot be read
 */
export async function readRuntimeState(root: StateRoot, id: string): Promise<RuntimeState | undefined> {
  for (const name of ['state.json', 'status']) {
    try {
      const file = await readBelow(root.path, [id, name]);
      const record = parseJsonExact(file.text, `Reading ${file.path}`);
      const runtime = name === 'status' ? 'crun' : isOfYouki(record) ? 'youki' : 'runc';
      const form = FORMS[runtime];
      return {
        runtime,
        id,
        root,
        file: file.path,
        record,
        modifiedAtMs: file.modifiedAtMs,
        ...form.fields(record),
        waitsForStart: await waitsForStart(root, id),
        freezerFiles: form.freezerFiles(record),
        stamp: file.stamp,
      };
    } catch (error) {
      if (!(error instanceof RuntimeError) || error.problem.code !== 'absent') throw error;
    }
  }
  return undefined;
}

/** Whether the runtime waits to be told to start. */
export async function waitsForStart(root: StateRoot, id: string): Promise<boolean> {
  return (await kindBelow(root.path, [id, 'exec.fifo'])) === 'fifo';
}

type StateFields = Pick<RuntimeState, 'initPid' | 'initStartTicks' | 'createdAtMs' | 'bundle' | 'noted'>;

/** How each runtime writes its state. */
const FORMS: Readonly<
  Record<
    RuntimeName,
    {
      readonly fields: (record: unknown) => StateFields;
      readonly freezerFiles: (record: unknown) => string[][];
    }
  >
> = {
  runc: { fields: runcFields, freezerFiles: runcFreezerFiles },
  crun: {
    fields: crunFields,
    freezerFiles: (record) => crunFreezerFiles(asString(memberAt(record, 'cgroup-path'))),
  },
  youki: { fields: youkiFields, freezerFiles: () => [] },
};

/** youki's file has runc's name; the status in it is youki's alone: runc notes none. */
function isOfYouki(record: unknown): boolean {
  return asString(memberAt(record, 'ociVersion')) !== undefined && asString(memberAt(record, 'status')) !== undefined;
}

/** Source: runc libcontainer/container_linux.go, BaseState and State. */
export function runcFields(record: unknown): StateFields {
  const labels = asArray(memberAt(record, 'config', 'labels'));
  const bundle = labels.find((label): label is string => typeof label === 'string' && label.startsWith('bundle='));
  return fields({
    initPid: asNumber(memberAt(record, 'init_process_pid')),
    initStartTicks: asNumber(memberAt(record, 'init_process_start')),
    created: asString(memberAt(record, 'created')),
    bundle: bundle?.slice('bundle='.length),
  });
}

/** Source: crun src/libcrun/status.c. */
export function crunFields(record: unknown): StateFields {
  return fields({
    initPid: asNumber(memberAt(record, 'pid')),
    initStartTicks: asNumber(memberAt(record, 'process-start-time')),
    created: asString(memberAt(record, 'created')),
    bundle: asString(memberAt(record, 'bundle')),
  });
}

/** Source: youki crates/libcontainer/src/container/state.rs. It notes no start time of the process. */
export function youkiFields(record: unknown): StateFields {
  const noted = YOUKI_STATUS.get(asString(memberAt(record, 'status')) ?? '');
  return {
    ...fields({
      initPid: asNumber(memberAt(record, 'pid')),
      initStartTicks: undefined,
      created: asString(memberAt(record, 'created')),
      bundle: asString(memberAt(record, 'bundle')),
    }),
    ...(noted === undefined ? {} : { noted }),
  };
}

/** One that is noted as stopped has ended, whoever has its PID now. */
const YOUKI_STATUS: ReadonlyMap<string, ContainerState> = new Map([
  ['creating', 'created'],
  ['created', 'created'],
  ['running', 'running'],
  ['paused', 'paused'],
  ['stopped', 'exited'],
]);

function fields(found: {
  initPid: number | undefined;
  initStartTicks: number | undefined;
  created: string | undefined;
  bundle: string | undefined;
}): StateFields {
  const createdAtMs = found.created === undefined ? NaN : Date.parse(found.created);
  return {
    ...(found.initPid !== undefined && found.initPid > 0 ? { initPid: found.initPid } : {}),
    ...(found.initStartTicks !== undefined && found.initStartTicks > 0 ? { initStartTicks: found.initStartTicks } : {}),
    ...(Number.isNaN(createdAtMs) ? {} : { createdAtMs }),
    ...(found.bundle !== undefined && path.isAbsolute(found.bundle) ? { bundle: found.bundle } : {}),
  };
}

/**
 * What state a container is in, as the runtime itself would say: its init is not there any more (compared by start
 * time), or waits for its start, or is frozen, or runs. Source: runc libcontainer/state_linux.go; youki
 * crates/libcontainer/src/container/container.rs, refresh_status.
 *
 * @param initStartTicksNow start time of the process that now has init's PID; undefined when there is none
 */
export async function statusOf(
  state: RuntimeStateSummary,
  initStartTicksNow: number | undefined,
): Promise<ContainerState> {
  if (state.initPid === undefined || initStartTicksNow === undefined) return 'exited';
  if (state.initStartTicks !== undefined && state.initStartTicks !== initStartTicksNow) return 'exited';
  if (state.initStartTicks === undefined && startedAtMs(initStartTicksNow) > state.modifiedAtMs + CLOCKS_DIFFER_MS)
    return 'exited';
  if (state.noted !== undefined) return state.noted;
  if (state.waitsForStart) return 'created';
  return (await isFrozen(state)) ? 'paused' : 'running';
}

/** A process that is younger than the last word about it is another one. The time since boot is told in hundredths. */
const CLOCKS_DIFFER_MS = 1_000;

/** Unix milliseconds of a start time in ticks since boot, of which every Linux has 100 a second: time(7). */
function startedAtMs(ticks: number): number {
  return Date.now() - uptime() * 1_000 + ticks * 10;
}

async function isFrozen({ freezerFiles, root }: RuntimeStateSummary): Promise<boolean> {
  for (const components of freezerFiles) {
    if (!components.every(isFileName)) continue;
    // The kernel's own file system: nobody can put a link or a FIFO there.
    const text = await readFile(path.join(`${root.tree?.prefix ?? ''}${CGROUPS}`, ...components), 'latin1').catch(
      () => '',
    );
    if (/^(?:FROZEN|1)$/.test(text.trim())) return true;
  }
  return false;
}

const CGROUPS = '/sys/fs/cgroup';

/** runc notes the absolute path per controller; `` is v2's. */
function runcFreezerFiles(record: unknown): string[][] {
  const paths = asRecord(memberAt(record, 'cgroup_paths')) ?? {};
  return [
    [asString(paths.freezer), 'freezer.state'],
    [asString(paths['']), 'cgroup.freeze'],
  ].flatMap(([folder, file]) => {
    if (folder === undefined || file === undefined || !folder.startsWith(`${CGROUPS}/`)) return [];
    return [[...folder.slice(CGROUPS.length + 1).split('/'), file]];
  });
}

/** crun notes one path, relative to every hierarchy. */
function crunFreezerFiles(cgroup: string | undefined): string[][] {
  if (cgroup === undefined) return [];
  const components = cgroup.split('/').filter(Boolean);
  return [
    [...components, 'cgroup.freeze'],
    ['freezer', ...components, 'freezer.state'],
    ['unified', ...components, 'cgroup.freeze'],
  ];
}

/** A state, or why it cannot be read. */
export type StateAnswer = RuntimeState | Problem | undefined;

/** Reads the state of a container from the first of the roots that holds it. Never rejects. */
export async function findRuntimeState(roots: readonly StateRoot[], id: string): Promise<StateAnswer> {
  let refusal: Problem | undefined;
  for (const root of roots) {
    try {
      const state = await readRuntimeState(root, id);
      if (state) return state;
    } catch (error) {
      refusal ??= RuntimeError.from(error, `Reading the runtime's state of ${id}`).problem;
    }
  }
  return refusal;
}
