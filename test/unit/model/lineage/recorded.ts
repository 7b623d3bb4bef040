import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { V2_FILES } from '../../../../src/adapters/kernel/cgroupFiles';
import { parseMountinfo } from '../../../../src/adapters/kernel/parse/mountinfo';
import { parseIdMap, parseLimits, parseRights } from '../../../../src/adapters/kernel/readings';
import type { CgroupReading, CgroupReport } from '../../../../src/model/cgroup';
import { known, unknown } from '../../../../src/model/fact';
import type { ContainerFacts } from '../../../../src/model/inspection';
import { buildLineage, type LineageExtra } from '../../../../src/model/lineage/buildLineage';
import type { KernelReadings } from '../../../../src/model/lineage/readings';
import type { LineageRow } from '../../../../src/model/lineage/row';

interface Recorded {
  readonly inspect: Readonly<Record<string, unknown>> & { readonly Config: { readonly Image: string } };
  readonly spec: unknown;
  readonly proc: Readonly<Record<string, string>> & {
    readonly pid: number;
    readonly cmdline: readonly string[];
    readonly ns: Readonly<Record<string, string>>;
  };
  readonly cgroup: { readonly folder: string; readonly files: Readonly<Record<string, string>> };
}

const FILE = JSON.parse(
  readFileSync(join(__dirname, '../../../fixtures/lineage/docker26-cgroup2-systemd.json'), 'utf8'),
) as {
  readonly info: unknown;
  readonly images: Readonly<Record<string, unknown>>;
  readonly containers: Readonly<Record<string, Recorded>>;
};

export const RECORDED = Object.keys(FILE.containers);

const fact = <T>(value: T, source: string): ReturnType<typeof known<T>> =>
  known('procfs', value, source, `cat ${source}`, { observedAt: '2026-01-01T00:00:00.000Z' });

function recorded(name: string): Recorded {
  const found = FILE.containers[name];
  if (!found) throw new Error(`${name} was not recorded`);
  return found;
}

/** "net:[4026531840]" of each link → numbers. */
export function namespacesOf(name: string): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(recorded(name).proc.ns).map(([type, link]) => [type, Number(/\[(\d+)\]/.exec(link)?.[1])]),
  );
}

/** The cgroup report that the adapter would make of the recorded files. */
function cgroupsOf(name: string): CgroupReport {
  const { folder, files } = recorded(name).cgroup;
  const controllers = Object.entries(V2_FILES).map(([controller, known]) => ({
    controllers: '',
    name: controller,
    version: 2 as const,
    cgroupPath: folder.slice('/sys/fs/cgroup'.length),
    directory: folder,
    readings: known.flatMap(({ file, label, unit, role }): CgroupReading[] => {
      const text = files[file];
      return text === undefined ? [] : [{ file, label, unit, role, path: `${folder}/${file}`, raw: text.trim() }];
    }),
  }));
  return { mode: 'unified', controllers };
}

export function factsOf(name: string): ContainerFacts {
  const { inspect, spec, proc } = recorded(name);
  const nothing = unknown('It was not recorded.', 'Record it.');
  return {
    initPid: fact(proc.pid, 'inspect'),
    shimPid: nothing,
    cgroupPaths: fact({ '': proc.cgroup!.trim().slice('0::'.length) }, `/proc/${proc.pid}/cgroup`),
    namespaces: fact(namespacesOf(name), `/proc/${proc.pid}/ns`),
    ociConfig: fact(spec, 'config.json'),
    bundlePath: nothing,
    runtime: fact({ runtimeName: 'io.containerd.runc.v2', binary: 'runc' }, 'bundle'),
    processes: nothing,
    shim: nothing,
    cgroups: fact(cgroupsOf(name), 'cgroup files'),
    engineRecord: fact(inspect, 'docker inspect'),
    engineImage: fact(FILE.images[inspect.Config.Image], 'docker image inspect'),
    engineEvents: nothing,
    engine: fact(
      { endpoint: 'unix:///run/docker.sock', apiVersion: '1.45', serverVersion: '26.1.5', info: FILE.info },
      'info',
    ),
    runtimeState: nothing,
    containerdRecord: nothing,
    criRecord: nothing,
  };
}

export function readingsOf(name: string): KernelReadings {
  const { proc, spec } = recorded(name);
  const file = (path: string): string => proc[path] ?? '';
  const at = (path: string): string => `/proc/${proc.pid}/${path}`;
  const linux = (spec as { linux: { maskedPaths?: string[]; readonlyPaths?: string[] } }).linux;
  const mounts = parseMountinfo(file('mountinfo'));
  return {
    process: { pid: proc.pid, startTicks: 1 },
    status: fact(parseRights(file('status')), at('status')),
    limits: fact(parseLimits(file('limits')), at('limits')),
    mounts: fact(mounts, at('mountinfo')),
    oomScoreAdj: fact(Number(file('oom_score_adj')), at('oom_score_adj')),
    securityLabel: fact(file('attr/current').trim(), at('attr/current')),
    uidMap: fact(parseIdMap(file('uid_map')), at('uid_map')),
    gidMap: fact(parseIdMap(file('gid_map')), at('gid_map')),
    environment: unknown(`Only root and the process's own user may read ${at('environ')}.`, 'As root.', 'procfs'),
    commandLine: fact(proc.cmdline, at('cmdline')),
    workingFolder: fact(file('cwd'), at('cwd')),
    terminal: fact(false, at('stat')),
    hostNamespaces: fact(HOST_NAMESPACES, '/proc/1/ns'),
    kernelPaths: fact(
      // The paths that the recorded kernel had are those that it put mounts over.
      [...(linux.maskedPaths ?? []), ...(linux.readonlyPaths ?? [])].filter((path) =>
        mounts.some(({ mountPoint }) => mountPoint === path),
      ),
      '/proc',
    ),
  };
}

/** host-view runs in the host's own; `mnt` and `cgroup` are any other number. */
const HOST_NAMESPACES: Readonly<Record<string, number>> = {
  ...namespacesOf('host-view'),
  mnt: 4026531841,
  cgroup: 4026531835,
};

/** The lineage of a recorded container, by setting. */
export function lineageOf(
  name: string,
  extra: LineageExtra = { readings: readingsOf(name) },
): (setting: string) => LineageRow {
  const rows = buildLineage(factsOf(name), extra);
  return (setting) => {
    const found = rows.find((row) => row.setting === setting);
    if (!found) throw new Error(`${name} has no row ${setting}, only ${rows.map((row) => row.setting).join(', ')}`);
    return found;
  };
}
