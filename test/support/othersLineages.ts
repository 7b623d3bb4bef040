import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createCriAdapter } from '../../src/adapters/cri/adapter';
import { createPodmanAdapter } from '../../src/adapters/podman/adapter';
import { known, valueOf } from '../../src/model/fact';
import type { LineageRow } from '../../src/model/lineage/row';
import { joinSightings } from '../../src/store/identity';
import { asArray, asNumber, asString, memberAt } from '../../src/util/records';
import type { Lab } from '../lab/lab';
import type { PodmanLab } from '../lab/podman';
import type { Pod } from '../lab/pods';
import { meets, type Expected } from './expectedLineage';
import { noProcesses } from './fakeAdapter';
import { realLineage } from './realLineage';

/** The lineage of each container, and its init process, by name. */
export type OthersLineages = ReadonlyMap<string, { readonly rows: readonly LineageRow[]; readonly pid: number }>;

/** By which name {@link criLineages} knows a pod's sandbox. */
export const SANDBOX = '(sandbox)';

/** The lineages of a pod's containers and of its sandbox, as the CRI tells of them. */
export async function criLineages(lab: Lab, pod: Pod): Promise<OthersLineages> {
  const adapter = createCriAdapter({
    sockets: async () => [{ path: lab.containerdSocket, why: 'the test says so', expected: true }],
  });
  const names = new Map([...pod.containers].map(([name, id]) => [id, name]));
  names.set(pod.sandboxId, SANDBOX);
  const lineages = new Map<string, { rows: readonly LineageRow[]; pid: number }>();
  const { layers, sightings } = await adapter.look({ processes: noProcesses });
  for (const container of joinSightings(sightings, layers)) {
    const name = names.get(container.runtimeId);
    if (name === undefined) continue;
    const found = await adapter.inspect({ container, processes: noProcesses, found: {} });
    const pid = valueOf(found.initPid) ?? 0;
    lineages.set(name, { pid, rows: await realLineage(pid, found) });
  }
  return lineages;
}

/** The lineages of all containers of a Podman, as libpod tells of them. */
export async function podmanLineages(lab: Lab, podman: PodmanLab): Promise<OthersLineages> {
  const adapter = createPodmanAdapter({
    sockets: async () => [{ path: podman.socketPath, why: 'The test says so.' }],
  });
  const lineages = new Map<string, { rows: readonly LineageRow[]; pid: number }>();
  const { layers, sightings } = await adapter.look({ processes: noProcesses });
  for (const container of joinSightings(sightings, layers)) {
    const found = await adapter.inspect({ container, processes: noProcesses, found: {} });
    const record = valueOf(found.engineRecord);
    const pid = asNumber(memberAt(record, 'State', 'Pid')) ?? 0;
    const path = asString(memberAt(record, 'OCIConfigPath')) ?? '';
    const file = path.startsWith(lab.insideDir) ? `${lab.dir}${path.slice(lab.insideDir.length)}` : path;
    const spec: unknown = JSON.parse(await readFile(file, 'utf8'));
    const rows = await realLineage(pid, { ...found, ociConfig: known('bundle', spec, file, `cat ${file}`) });
    lineages.set(container.name ?? '', { pid, rows });
  }
  return lineages;
}

/** What does not say what it must, of all lines. */
export async function wrongOf(
  lineages: OthersLineages,
  groups: readonly (readonly { readonly expected: Expected }[])[],
  nameOf: (index: number) => string,
): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const [index, group] of groups.entries()) {
    const lineage = lineages.get(nameOf(index));
    assert.ok(lineage, nameOf(index));
    const all = group.map(({ expected }) => expected);
    await meets(lineage.rows, lineage.pid, nameOf(index), all).catch((error: unknown) => {
      wrong.push(...(error instanceof assert.AssertionError ? asArray(error.actual).map(String) : [String(error)]));
    });
  }
  return wrong;
}
