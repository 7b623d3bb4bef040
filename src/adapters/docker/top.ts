import { known, isKnown, unknown, unknownFrom, valueOf, type Fact } from '../../model/fact';
import { hasInit } from '../../model/container';
import type { Findings } from '../../model/inspection';
import type { ContainerProcess } from '../../model/process';
import { RuntimeError } from '../../model/problem';
import { asArray, asStrings, memberAt } from '../../util/records';
import { shellLine } from '../../util/text';
import type { InspectContext, Report, RuntimeAdapter } from '../adapter';
import type { DockerClient } from './client';

export interface DockerTopOptions {
  /** The engine of a container. */
  readonly clientOf: (layerIds: readonly string[]) => DockerClient | undefined;
}

/** `ps` runs on the engine's machine, so its columns tell of the engine's kernel: procps first, then what busybox has. */
const FORMATS = [
  '-o pid,ppid,pidns,netns,mntns,ipcns,utsns,userns,cgroupns,cgroup:4096,args',
  '-o pid,ppid,cgroup:4096,args',
  '-o pid,ppid,args',
];

const CGROUP_WIDTH = 4_096;
const FOREIGN = { note: "Counted in the PID namespace of the engine's own machine." };

/** Columns of ps to the names of /proc/PID/ns. */
const NAMESPACES: Readonly<Record<string, string>> = {
  PIDNS: 'pid',
  NETNS: 'net',
  MNTNS: 'mnt',
  IPCNS: 'ipc',
  UTSNS: 'uts',
  USERNS: 'user',
  CGROUPNS: 'cgroup',
};

/**
 * The way to the kernel's facts through the engine: for whoever is not root, or far from the engine's machine. Each
 * question makes an event on the engine (container/top), so it is asked only for what no other route has answered.
 */
export function createDockerTopAdapter({ clientOf }: DockerTopOptions): RuntimeAdapter {
  return {
    id: 'docker-top',
    look: async (): Promise<Report> => ({ layers: [], sightings: [] }),
    watch: () => ({ dispose: () => undefined }),
    dispose: () => undefined,
    inspect: async (context, signal) => {
      const client = clientOf(context.container.layers);
      // Podman answers with the PIDs of the container's own namespace, which tell nothing of the host.
      if (!client || client.isPodman || !hasInit(context.container.state) || !isNeeded(context)) return {};
      return askTop(client, context, signal);
    },
  };
}

function isNeeded({ found }: InspectContext): boolean {
  const facts: readonly (Fact<unknown> | undefined)[] = [
    found.shimPid,
    found.cgroupPaths,
    found.namespaces,
    found.processes,
  ];
  return facts.some((fact) => !isKnown(fact));
}

async function askTop(
  client: DockerClient,
  { container, found }: InspectContext,
  signal?: AbortSignal,
): Promise<Findings> {
  const id = container.runtimeId;
  let refusal: Findings = {};
  for (const format of FORMATS) {
    const how = shellLine(['docker', '--host', client.endpoint.url, 'top', id, ...format.split(' ')]);
    try {
      return findings(await client.top(id, format, signal), valueOf(found.initPid), how);
    } catch (error) {
      const wrapped = RuntimeError.from(error, how);
      if (wrapped.problem.code === 'cancelled') throw wrapped;
      const fact = unknownFrom(wrapped.problem, 'docker-api');
      refusal = { shimPid: fact, cgroupPaths: fact, namespaces: fact, processes: fact };
      // Only a refusal of the columns is worth another try.
      if (wrapped.problem.code !== 'failed') return refusal;
    }
  }
  return refusal;
}

function findings(answer: unknown, initPid: number | undefined, how: string): Findings {
  const titles = asStrings(memberAt(answer, 'Titles')).map((title) => title.toUpperCase());
  const rows = asArray(memberAt(answer, 'Processes')).map((row) => asStrings(row));
  const cell = (row: readonly string[], title: string): string | undefined => row[titles.indexOf(title)];
  const number = (row: readonly string[], title: string): number | undefined =>
    /^\d{1,15}$/.test(cell(row, title) ?? '') ? Number(cell(row, title)) : undefined;
  const source = 'Docker API GET /containers/ID/top (ps on the engine’s machine)';
  const init = rows.find((row) => number(row, 'PID') === initPid);
  if (initPid === undefined || !init) {
    const fact = unknown('Among the listed processes there is no init of this container.', `See: ${how}`, 'docker-api');
    return { shimPid: fact, cgroupPaths: fact, namespaces: fact, processes: fact };
  }
  const processes = rows.flatMap((row): ContainerProcess[] => {
    const hostPid = number(row, 'PID');
    const parentPid = number(row, 'PPID');
    if (hostPid === undefined) return [];
    const role = row === init ? 'init' : parentPid === number(init, 'PPID') ? 'exec' : 'child';
    return [{ hostPid, role, command: cell(row, 'COMMAND') ?? '', ...(parentPid === undefined ? {} : { parentPid }) }];
  });
  const shimPid = number(init, 'PPID');
  const cgroups = cgroupPaths(cell(init, 'CGROUP') ?? '');
  const namespaces = Object.entries(NAMESPACES).flatMap(([title, type]): [string, number][] => {
    const inode = number(init, title);
    return inode ? [[type, inode]] : [];
  });
  return {
    processes: known('docker-api', processes, source, how, FOREIGN),
    ...(shimPid ? { shimPid: known('docker-api', shimPid, `${source}: parent of init`, how, FOREIGN) } : {}),
    ...(cgroups ? { cgroupPaths: known('docker-api', cgroups, source, how) } : {}),
    ...(namespaces.length > 0 ? { namespaces: known('docker-api', Object.fromEntries(namespaces), source, how) } : {}),
  };
}

/**
 * ps prints the lines of /proc/PID/cgroup with commas: `12:pids:/docker/…,0::/docker/…`, controllers may hold commas too.
 * A text as wide as its column may be cut, so it is not believed.
 */
function cgroupPaths(text: string): Record<string, string> | undefined {
  if (text.length >= CGROUP_WIDTH) return undefined;
  const lines = text.split(/,(?=\d+:)/).map((line) => /^\d+:([^:]*):(.*)$/.exec(line));
  const paths = lines.flatMap((line) => (line ? [[line[1] ?? '', line[2] ?? ''] as const] : []));
  return paths.length > 0 ? Object.fromEntries<string>(paths) : undefined;
}
