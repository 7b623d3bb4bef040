import { readFile } from 'node:fs/promises';
import { readCgroupReport } from '../../src/adapters/kernel/cgroupReport';
import { readNamespaces } from '../../src/adapters/kernel/namespaces';
import { parseCgroup } from '../../src/adapters/kernel/parse/cgroup';
import { readStat } from '../../src/adapters/kernel/procTable';
import { readKernelReadings } from '../../src/adapters/kernel/readings';
import { known } from '../../src/model/fact';
import type { ContainerFacts, Findings } from '../../src/model/inspection';
import { buildLineage, kernelPathsOf } from '../../src/model/lineage/buildLineage';
import type { LineageRow } from '../../src/model/lineage/row';
import { emptyInspection } from '../../src/store/inspector';

/** The lineage of a running container from what an adapter found of it and what the kernel says of its first process. */
export async function realLineage(pid: number, found: Findings, reveal = false): Promise<readonly LineageRow[]> {
  const stat = await readStat('/proc', pid);
  if (!stat) throw new Error(`there is no process ${pid}`);
  const fact = <T>(value: T): ReturnType<typeof known<T>> => known('procfs', value, 'the test', 'true');
  const facts: ContainerFacts = {
    ...emptyInspection('id', 'name', 'Not asked here.', 'Ask.').facts,
    ...found,
    initPid: fact(pid),
    cgroupPaths: fact(await cgroupPathsOf(pid)),
    namespaces: fact(await readNamespaces('/proc', pid)),
    cgroups: fact(await readCgroupReport('/proc', pid)),
  };
  return buildLineage(facts, { readings: await readKernelReadings('/proc', stat, kernelPathsOf(facts)), reveal });
}

/** Paths in the cgroup hierarchies by their controllers. */
async function cgroupPathsOf(pid: number): Promise<Readonly<Record<string, string>>> {
  const lines = parseCgroup(await readFile(`/proc/${pid}/cgroup`, 'utf8'));
  return Object.fromEntries(lines.map(({ controllers, path }) => [controllers, path]));
}
