import * as path from 'node:path';
import { readRuntimeState, waitsForStart, type RuntimeStateSummary, type StateRoot } from './runtimeState';
import { stampAt } from './safeRead';

/**
 * Remembers the state files of the last look. A state file has some 15 KiB and changes a few times in a container's
 * life; the same file in the same version need not be read again.
 */
export class StateMemory {
  private known = new Map<string, RuntimeStateSummary>();
  private used = new Map<string, RuntimeStateSummary>();

  /** As `readRuntimeState`, without the file's contents. @throws RuntimeError when there is a state that cannot be read */
  async read(root: StateRoot, id: string): Promise<RuntimeStateSummary | undefined> {
    const key = path.join(root.path, id);
    const known = this.known.get(key);
    const state = known && (await stampAt(known.file)) === known.stamp ? await again(known) : await anew(root, id);
    if (state) this.used.set(key, state);
    return state;
  }

  /** A look is over: what it did not see is forgotten. */
  endLook(): void {
    this.known = this.used;
    this.used = new Map();
  }
}

/** Once started, always started: only a container that waits must be asked again. */
async function again(known: RuntimeStateSummary): Promise<RuntimeStateSummary> {
  return known.waitsForStart ? { ...known, waitsForStart: await waitsForStart(known.root, known.id) } : known;
}

async function anew(root: StateRoot, id: string): Promise<RuntimeStateSummary | undefined> {
  const state = await readRuntimeState(root, id);
  if (!state) return undefined;
  // The contents go: a thousand of them would fill the memory.
  const { record: _contents, ...summary } = state;
  return summary;
}
