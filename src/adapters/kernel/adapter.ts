import { readFile } from '../../util/files';
import { join } from 'node:path';
import { known, unknown, type Fact } from '../../model/fact';
import type { Findings } from '../../model/inspection';
import type { LayerDetail, LayerReport } from '../../model/layer';
import type { Sighting } from '../../model/container';
import { RuntimeError } from '../../model/problem';
import type { ProcessTable } from '../../model/process';
import type { InspectContext, LookContext, Report, RuntimeAdapter } from '../adapter';
import { findShims } from '../shimProcess';
import { controllersOf, readCgroupMounts } from './cgroupMounts';
import { findServedContainers, ServedMemory, type ServedContainer } from './containers';
import { verifyInit } from './init';
import { inspectInit } from './inspect';
import { readBootTime } from './processes';
import { ArgvMemory, readProcessTable } from './procTable';

export interface KernelOptions {
  /** Where procfs is mounted; `/proc` unless a test says otherwise. */
  readonly procRoot?: string;
}

/** The kernel of this machine, read through procfs and cgroupfs; and the shims, which are processes of it. */
export interface KernelAdapter extends RuntimeAdapter {
  /** All processes of this machine; empty where there is no procfs. */
  processTable(): Promise<ProcessTable>;
}

export function createKernelAdapter({ procRoot = '/proc' }: KernelOptions = {}): KernelAdapter {
  const argvs = new ArgvMemory();
  const served = new ServedMemory();
  return {
    id: 'kernel',
    processTable: () =>
      readProcessTable(procRoot, argvs).catch(() => ({
        observedAt: new Date().toISOString(),
        byPid: new Map(),
        childrenOf: () => [],
      })),
    look: (context) => look(procRoot, context, served),
    inspect: (context) => inspect(procRoot, context),
    watch: () => ({ dispose: () => undefined }),
    dispose: () => undefined,
  };
}

async function look(procRoot: string, { processes }: LookContext, memory: ServedMemory): Promise<Report> {
  if (processes.byPid.size === 0) return { layers: [withoutKernel()], sightings: [] };
  const served = await findServedContainers(procRoot, processes, memory);
  const [details, version] = await Promise.all([
    kernelDetails(procRoot),
    firstLine(join(procRoot, 'sys/kernel/osrelease')),
  ]);
  const shims: LayerReport = {
    id: 'shim',
    kind: 'shim',
    name: 'Shims and monitors',
    status: 'ok',
    details: shimDetails(processes),
  };
  const kernel: LayerReport = {
    id: 'kernel',
    kind: 'kernel',
    name: 'Linux kernel',
    status: 'ok',
    details,
    ...(version ? { version } : {}),
  };
  return {
    layers: [shims, kernel],
    sightings: served.flatMap((one) => [sighting('shim', one), sighting('kernel', one)]),
  };
}

function sighting(layerId: string, { runtimeId, shim, init, bundle }: ServedContainer): Sighting {
  return {
    layerId,
    runtimeId,
    initPid: init.pid,
    initStartTicks: init.startTicks,
    shim: { pid: shim.process.pid, startTicks: shim.process.startTicks },
    ...(shim.kind === 'containerd-shim' ? { containerdNamespace: shim.namespace } : {}),
    ...(bundle ? { bundle } : {}),
  };
}

async function inspect(procRoot: string, { container, processes, found }: InspectContext): Promise<Findings> {
  if (processes.byPid.size === 0) {
    const fact = unknown(
      'This machine has no Linux kernel: the containers run in a VM.',
      'Run the explorer inside the VM.',
      'procfs',
    );
    return { cgroupPaths: fact, cgroups: fact, namespaces: fact };
  }
  const verified = await verifyInit(procRoot, container, processes, found.initPid);
  if ('init' in verified) return inspectInit(procRoot, container, verified.init, processes);
  const { none } = verified;
  return {
    initPid: none,
    shimPid: none,
    shim: none,
    cgroupPaths: none,
    cgroups: none,
    namespaces: none,
    processes: none,
  };
}

function withoutKernel(): LayerReport {
  return {
    id: 'kernel',
    kind: 'kernel',
    name: 'Linux kernel',
    status: 'absent',
    details: [],
    problem: {
      code: 'absent',
      what: 'Reading /proc',
      reason: 'This machine has no Linux kernel, so the containers run in a VM.',
      remedy:
        'What an engine tells is shown all the same. For the rest, run the explorer inside the VM, by Remote - SSH or in WSL.',
    },
  };
}

function shimDetails(processes: ProcessTable): LayerDetail[] {
  const found = findShims(processes);
  const count = (kind: 'containerd-shim' | 'conmon'): Fact<string> =>
    known('procfs', String(found.filter((shim) => shim.kind === kind).length), '/proc/*/cmdline', `pgrep -af ${kind}`);
  return [
    { label: "containerd's shims", fact: count('containerd-shim') },
    { label: 'conmon monitors', fact: count('conmon') },
  ];
}

async function kernelDetails(procRoot: string): Promise<LayerDetail[]> {
  const fromFile = async (label: string, file: string): Promise<LayerDetail> => {
    const path = join(procRoot, file);
    const text = await firstLine(path);
    return {
      label,
      fact: text
        ? known('procfs', text, path, `cat ${path}`)
        : unknown(`${path} cannot be read.`, `As root: cat ${path}`, 'procfs'),
    };
  };
  const bootTime = await readBootTime(procRoot);
  return [
    ...(await cgroupDetails(procRoot)),
    ...(bootTime === undefined
      ? []
      : [
          {
            label: 'Booted',
            fact: known(
              'procfs' as const,
              new Date(bootTime * 1_000).toISOString(),
              `${procRoot}/stat btime`,
              `grep btime ${procRoot}/stat`,
            ),
          },
        ]),
    await fromFile('Highest PID', 'sys/kernel/pid_max'),
    await fromFile('Security modules', '../sys/kernel/security/lsm'),
  ];
}

async function cgroupDetails(procRoot: string): Promise<LayerDetail[]> {
  const source = `${procRoot}/self/mountinfo`;
  const how = `grep cgroup ${source}`;
  try {
    const { mode, v1, v2 } = await readCgroupMounts(procRoot);
    const words = { unified: 'unified (v2 alone)', hybrid: 'hybrid (v1 and v2)', legacy: 'legacy (v1 alone)' }[mode];
    const controllers = v1.flatMap(controllersOf).filter((name) => !name.startsWith('name='));
    const rows: LayerDetail[] = [{ label: 'Cgroup mode', fact: known('procfs', words, source, how) }];
    if (v1.length > 0)
      rows.push({
        label: 'Controllers on v1',
        fact: known('procfs', [...new Set(controllers)].sort().join(', '), source, how),
      });
    if (v2) {
      const file = join(v2.mountPoint, 'cgroup.controllers');
      rows.push({
        label: 'Controllers on v2',
        fact: known('cgroupfs', (await firstLine(file)) || 'none', file, `cat ${file}`),
      });
    }
    return rows;
  } catch (error) {
    const { problem } = RuntimeError.from(error, 'Reading the mounts of cgroups');
    return [{ label: 'Cgroup mode', fact: unknown(problem.reason, `See: ${how}`, 'procfs') }];
  }
}

async function firstLine(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).split('\n')[0]?.trim() || undefined;
  } catch {
    return undefined;
  }
}
