import { tableOf } from '../../src/model/process';
import { diagnose } from '../../src/model/doctor/diagnose';
import { examinedEvidence } from '../../src/model/doctor/evidence';
import type { DoctorReport } from '../../src/model/doctor/finding';
import type { Observation, ObservedShim } from '../../src/model/doctor/observation';
import type { ProcessRecord } from '../../src/model/process';
import { hexId } from './sightings';

/*
 * A small machine for the shim doctor: one Docker container, one pod with two containers, one of Podman; all is well.
 */

export const SOCKET = '/run/containerd/containerd.sock';
export const TASKS = '/run/containerd/io.containerd.runtime.v2.task';
export const WEB = hexId('a1');
export const POD = hexId('b0');
export const APP = hexId('b1');
export const PODMAN = hexId('c1');
const BOOT = Date.parse('2026-01-01T00:00:00Z') / 1_000;

export const record = (
  pid: number,
  parentPid: number,
  comm: string,
  more: Partial<ProcessRecord> = {},
): ProcessRecord => ({
  pid,
  parentPid,
  comm,
  startTicks: pid * 10,
  state: 'S',
  argv: [comm],
  ...more,
});

export const shim = (pid: number, id: string, namespace: string, serves: readonly string[]): ObservedShim => ({
  kind: 'containerd-shim',
  process: record(pid, 1, 'containerd-shim'),
  id,
  namespace,
  containerd: SOCKET,
  runtimeName: 'io.containerd.runc.v2',
  serves,
});

export const PROCESSES: readonly ProcessRecord[] = [
  record(1, 0, 'systemd'),
  record(100, 1, 'containerd-shim'),
  record(101, 100, 'nginx'),
  record(200, 1, 'containerd-shim'),
  record(201, 200, 'pause'),
  record(202, 200, 'app'),
  record(300, 1, 'conmon'),
  record(301, 300, 'sleep'),
];

/** The machine with other parts than the healthy one. */
export function machine(
  more: Partial<Omit<Observation, 'processes'>> & { processes?: readonly ProcessRecord[] } = {},
): Observation {
  const { processes = PROCESSES, ...parts } = more;
  const task = (id: string, pid: number) => [id, { id, pid, status: 'running' as const }] as const;
  const namespace = (
    name: string,
    ...tasks: (readonly [string, { id: string; pid: number; status: 'running' }])[]
  ) => ({
    containerd: SOCKET,
    namespace: name,
    containers: new Set(tasks.map(([id]) => id)),
    tasks: new Map(tasks),
    pidsAreOurs: true,
  });
  const bundle = (name: string, id: string, pid: number) => ({
    path: `${TASKS}/${name}/${id}`,
    id,
    namespace: name,
    containerd: SOCKET,
    changedAtMs: BOOT * 1_000 + pid * 100,
    initPid: { pid, writtenAtMs: BOOT * 1_000 + pid * 100 + 50 },
  });
  const state = (runtime: string, id: string, pid: number, namespaceName?: string, path?: string) => ({
    runtime,
    id,
    file: `/run/${runtime}/${id}`,
    initPid: pid,
    initStartTicks: pid * 10,
    bundle: path ?? `${TASKS}/${namespaceName}/${id}`,
    ...(namespaceName === undefined ? {} : { namespace: namespaceName }),
  });
  return {
    atMs: BOOT * 1_000 + 3_600_000,
    bootTime: BOOT,
    processes: tableOf(processes),
    shims: [
      shim(100, WEB, 'moby', [WEB]),
      shim(200, POD, 'k8s.io', [POD, APP]),
      { kind: 'conmon', process: record(300, 1, 'conmon'), id: PODMAN, serves: [PODMAN] },
    ],
    answered: new Set([SOCKET]),
    namespaces: [namespace('moby', task(WEB, 101)), namespace('k8s.io', task(POD, 201), task(APP, 202))],
    folders: ['moby', 'k8s.io'].map((name) => ({ path: `${TASKS}/${name}`, containerd: SOCKET, namespace: name })),
    bundles: [bundle('moby', WEB, 101), bundle('k8s.io', POD, 201), bundle('k8s.io', APP, 202)],
    states: [
      state('runc', WEB, 101, 'moby'),
      state('runc', POD, 201, 'k8s.io'),
      state('runc', APP, 202, 'k8s.io'),
      state('crun', PODMAN, 301, undefined, `/var/lib/containers/storage/overlay-containers/${PODMAN}/userdata`),
    ],
    sockets: [{ path: '/run/containerd/s/1', changedAtMs: BOOT * 1_000, listening: true }],
    busy: new Set(),
    gaps: [],
    ...parts,
  };
}

/** What the doctor says of a machine. */
export function reportOf(seen: Observation): DoctorReport {
  const found = diagnose(seen);
  return {
    observedAt: new Date(seen.atMs).toISOString(),
    looks: 3,
    overMs: 3_200,
    findings: found.filter(({ severity }) => severity !== 'normal'),
    normal: found.filter(({ severity }) => severity === 'normal'),
    examined: examinedEvidence(seen),
    gaps: seen.gaps,
  };
}
