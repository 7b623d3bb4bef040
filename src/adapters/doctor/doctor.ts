import { setTimeout as sleep } from 'node:timers/promises';
import { diagnose, gathered, stillThere, untilSettled } from '../../model/doctor/diagnose';
import { examinedEvidence } from '../../model/doctor/evidence';
import type { DoctorReport, Finding } from '../../model/doctor/finding';
import type { Problem } from '../../model/problem';
import { withDeadline } from '../../util/deadline';
import type { ContainerdSocket } from '../containerd/sockets';
import type { ProcessTable } from '../../model/process';
import { FileTrees } from '../fileTrees';
import { ShimFolders } from '../oci/roots';
import { observe, type ObserveParts } from './observe';

export interface DoctorOptions {
  /** Finds the sockets of containerd, given the processes of the moment. */
  readonly sockets: (processes: ProcessTable) => Promise<readonly ContainerdSocket[]>;
  readonly env?: NodeJS.ProcessEnv;
  readonly procRoot?: string;
  /** Further folders in which runc or crun keep their state. */
  readonly extraRoots?: readonly string[];
}

/** Examines shims when asked; holds nothing in between. It reads: it ends no process, calls no shim and removes nothing. */
export interface ShimDoctor {
  /** @throws RuntimeError `deadline`, `cancelled`, `absent` where there is no /proc */
  examine(signal?: AbortSignal): Promise<DoctorReport>;
}

/** Four looks at a node with a thousand containers, each of some ten files. */
const EXAMINATION_MS = 120_000;
/** Containers come and go: a finding must be there at each of three looks. */
const WAITS_MS = [1_000, 2_000];
/** And nothing in it may be younger than this: making a container takes seconds on a busy machine. */
const SETTLED_MS = 10_000;

export function createShimDoctor({
  sockets,
  env = process.env,
  procRoot = '/proc',
  extraRoots = [],
}: DoctorOptions): ShimDoctor {
  const folders = new ShimFolders(procRoot, new FileTrees(procRoot));
  const parts: ObserveParts = { sockets, env, procRoot, extraRoots, folders };
  return {
    examine: (signal) =>
      withDeadline('Examining the shims of this machine', EXAMINATION_MS, signal, (inner) => examine(parts, inner)),
  };
}

async function examine(parts: ObserveParts, signal: AbortSignal): Promise<DoctorReport> {
  const begun = Date.now();
  let looks = 0;
  const look = async (): Promise<{ found: readonly Finding[]; seen: Awaited<ReturnType<typeof observe>> }> => {
    const seen = await observe(parts, signal);
    looks++;
    return { found: diagnose(seen), seen };
  };
  let { found, seen } = await look();
  const again = async (waitMs: number): Promise<void> => {
    await sleep(waitMs, undefined, { signal });
    const before = found;
    ({ found, seen } = await look());
    found = stillThere(before, found);
  };
  for (const wait of WAITS_MS) if (faults(found).length > 0) await again(wait);
  const young = untilSettled(faults(found), Date.now(), SETTLED_MS);
  if (young > 0) await again(young);
  return {
    observedAt: new Date(seen.atMs).toISOString(),
    looks,
    overMs: Date.now() - begun,
    findings: gathered(faults(found)),
    normal: found.filter(({ severity }) => severity === 'normal'),
    examined: examinedEvidence(seen),
    gaps: withoutRepeats(seen.gaps),
  };
}

function faults(found: readonly Finding[]): readonly Finding[] {
  return found.filter(({ severity }) => severity !== 'normal');
}

function withoutRepeats(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [`${problem.what}\n${problem.reason}`, problem])).values()];
}
