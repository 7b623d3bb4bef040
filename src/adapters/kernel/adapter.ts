import { readFile } from '../../util/files';
import { join } from 'node:path';
import { isKnown, known, unknown, type Fact, type UnknownFact } from '../../model/fact';
import type { Findings } from '../../model/inspection';
import type { LayerDetail, LayerReport } from '../../model/layer';
import { hasInit, type Sighting } from '../../model/container';
import { farEngineOf } from '../../model/farEngine';
import { RuntimeError, type Problem } from '../../model/problem';
import type { ProcessTable } from '../../model/process';
import { shortId } from '../../util/text';
import type { InspectContext, LookContext, Report, RuntimeAdapter } from '../adapter';
import { findShims } from '../shimProcess';
import { controllersOf, readCgroupMounts } from './cgroupMounts';
import { findServedContainers, ServedMemory, type ServedContainer } from './containers';
import { verifyInit } from './init';
import { inspectInit } from './inspect';
import { readOwnContainer, type OwnContainer } from './ownContainer';
import { containerIdIn } from './parse/cgroup';
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
  // Nothing moves a process into another container.
  let own: Promise<OwnContainer | undefined> | undefined;
  const ownContainer = (): Promise<OwnContainer | undefined> => (own ??= readOwnContainer(procRoot));
  return {
    id: 'kernel',
    processTable: () =>
      readProcessTable(procRoot, argvs).catch(() => ({
        observedAt: new Date().toISOString(),
        byPid: new Map(),
        childrenOf: () => [],
      })),
    look: async (context) => look(procRoot, context, served, await ownContainer()),
    inspect: async (context) => inspect(procRoot, context, await ownContainer()),
    watch: () => ({ dispose: () => undefined }),
    dispose: () => undefined,
  };
}

async function look(
  procRoot: string,
  { processes }: LookContext,
  memory: ServedMemory,
  own: OwnContainer | undefined,
): Promise<Report> {
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
    status: own?.hidesProcesses ? 'partly' : 'ok',
    ...(own?.hidesProcesses ? { problem: seenFromInside(own) } : {}),
    details: own ? [ownDetail(own), ...details] : details,
    ...(version ? { version } : {}),
  };
  return {
    layers: [shims, kernel],
    sightings: [
      ...served.flatMap((one) => [sighting('shim', one), sighting('kernel', one)]),
      ...ownSightings(own, processes, served),
    ],
  };
}

/** The container in which we run: its first process is ours to see, whatever else is hidden. */
function ownSightings(
  own: OwnContainer | undefined,
  processes: ProcessTable,
  served: readonly ServedContainer[],
): Sighting[] {
  const first = processes.byPid.get(1);
  if (own?.runtimeId === undefined || served.some(({ runtimeId }) => runtimeId === own.runtimeId)) return [];
  // With the host's PID namespace PID 1 is the host's.
  const init = own.hidesProcesses && first ? { initPid: 1, initStartTicks: first.startTicks } : {};
  return [{ layerId: 'kernel', runtimeId: own.runtimeId, own: true, ...init }];
}

function ownDetail({ runtimeId, evidence }: OwnContainer): LayerDetail {
  const value = runtimeId === undefined ? 'a container that nothing here names' : `the container ${shortId(runtimeId)}`;
  return {
    label: 'The explorer runs in',
    fact: known('procfs', value, evidence, 'cat /proc/self/cgroup /proc/self/mountinfo; ls -l /proc/self/ns'),
  };
}

function seenFromInside({ runtimeId }: OwnContainer): Problem {
  const where = runtimeId === undefined ? 'a container' : `the container ${shortId(runtimeId)}`;
  return {
    code: 'denied',
    what: 'Looking at the processes of this machine',
    reason: `The explorer runs in ${where} and sees its processes alone: neither shims nor what is in other containers, and no folder of the host that is not mounted into it.`,
    remedy:
      'What an engine tells by a socket that is mounted into it is shown all the same. For the rest, open the host itself (Remote - SSH, or a window outside of the container).',
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

async function inspect(
  procRoot: string,
  { container, processes, found }: InspectContext,
  own: OwnContainer | undefined,
): Promise<Findings> {
  if (processes.byPid.size === 0) {
    const fact = unknown(
      'This machine has no Linux kernel: the containers run in a VM.',
      'Run the explorer inside the VM.',
      'procfs',
    );
    return { cgroupPaths: fact, cgroups: fact, namespaces: fact };
  }
  const isOwn = own?.hidesProcesses === true && own.runtimeId === container.runtimeId;
  const verified = await verifyInit(procRoot, container, processes, found.initPid);
  if ('init' in verified) {
    const findings = await inspectInit(procRoot, container, verified.init, processes);
    return isOwn ? countedAsOnTheHost(findings) : findings;
  }
  const isHidden = own?.hidesProcesses === true && hasInit(container.state) && farEngineOf(container) === undefined;
  const none = isHidden ? hiddenFromInside(own) : verified.none;
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

/**
 * Of our own container, what is the same inside and outside: inodes of namespaces and the files of its cgroups. PIDs are
 * not, nor are paths below a cgroup namespace's root; the engine tells those as the host counts them.
 */
function countedAsOnTheHost({ namespaces, cgroups, cgroupPaths }: Findings): Findings {
  const isWhole = isKnown(cgroupPaths) && Object.values(cgroupPaths.value).some((path) => containerIdIn(path));
  return {
    ...(namespaces ? { namespaces } : {}),
    ...(cgroups ? { cgroups } : {}),
    ...(cgroupPaths && isWhole ? { cgroupPaths } : {}),
  };
}

function hiddenFromInside({ runtimeId }: OwnContainer): UnknownFact {
  const where = runtimeId === undefined ? 'a container' : `the container ${shortId(runtimeId)}`;
  return unknown(
    `The explorer runs in ${where} and sees the processes of that one alone.`,
    'Open the host itself: Remote - SSH, or a window outside of the container.',
    'procfs',
  );
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
