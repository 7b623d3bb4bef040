import { RuntimeError } from '../../model/problem';
import type { Findings } from '../../model/inspection';
import { withDeadline } from '../../util/deadline';
import type { Disposable } from '../../util/disposables';
import type { InspectContext, LookContext, Report, RuntimeAdapter } from '../adapter';
import { FileTrees } from '../fileTrees';
import { inspectContainer } from './inspect';
import { lookAtRuntimes, runtimeLayerId, type LookParts } from './look';
import { RuntimePrograms } from './programs';
import { ShimFolders } from './roots';
import { StateMemory } from './stateMemory';

export interface OciAdapterOptions {
  /** Where proc is mounted; `/proc` by default. */
  readonly procRoot?: string;
  /** Further folders in which runc or crun keep their state (their --root), without a level of namespaces. */
  readonly extraRoots?: readonly string[];
  /** Remembers in which file trees daemons live; one of its own when absent. */
  readonly trees?: FileTrees;
  /** PATH and XDG_RUNTIME_DIR are read; the process's own environment by default. */
  readonly env?: NodeJS.ProcessEnv;
}

/** All reads are of small local files: anything slower is a file system that hangs. */
const LOOK_MS = 10_000;

/** Everything OCI runtimes leave on disk: bundles, runtime state; and the shims that serve them. */
export function createOciAdapter(options: OciAdapterOptions = {}): RuntimeAdapter {
  return new OciAdapter(options);
}

class OciAdapter implements RuntimeAdapter {
  readonly id = 'oci';
  private readonly parts: LookParts;

  constructor(options: OciAdapterOptions) {
    const { procRoot = '/proc', extraRoots = [], env = process.env } = options;
    const trees = options.trees ?? new FileTrees(procRoot);
    this.parts = {
      procRoot,
      extraRoots,
      env,
      trees,
      folders: new ShimFolders(procRoot, trees),
      programs: new RuntimePrograms(env),
      memory: new StateMemory(),
    };
  }

  async look({ processes }: LookContext, signal?: AbortSignal): Promise<Report> {
    const what = 'Looking at the state of OCI runtimes';
    try {
      return await withDeadline(what, LOOK_MS, signal, () => lookAtRuntimes(this.parts, processes));
    } catch (error) {
      const { problem } = RuntimeError.from(error, what);
      if (problem.code === 'cancelled') throw error;
      const layer = { id: runtimeLayerId('runc'), kind: 'oci-runtime', name: 'runc', details: [] } as const;
      return { layers: [{ ...layer, status: 'failed', problem }], sightings: [] };
    }
  }

  async inspect(context: InspectContext, signal?: AbortSignal): Promise<Findings> {
    return inspectContainer(this.parts, context, signal);
  }

  /** Files are no stream of events: what changes in them is told by engines and by containerd. */
  watch(): Disposable {
    return { dispose: () => undefined };
  }

  dispose(): void {
    // Nothing is held between calls.
  }
}
