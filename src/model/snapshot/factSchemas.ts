import {
  anything,
  dictionary,
  flag,
  integer,
  list,
  number,
  object,
  oneOf,
  optional,
  text,
  time,
  type Place,
  type Schema,
} from '../../util/schema';
import type { CgroupController, CgroupNumber, CgroupReading, CgroupReport } from '../cgroup';
import { ROUTES, type Fact, type KnownFact, type UnknownFact } from '../fact';
import type { ContainerFacts, EngineContext, RuntimeFacts, ShimFacts } from '../inspection';
import type { IdRange, KernelReadings, LimitReading, MountReading, StatusReading } from '../lineage/readings';
import type { Problem } from '../problem';
import type { ContainerProcess, ProcessRef } from '../process';

/** More entries than any real list has; they bound what a view may be asked to draw. */
export const MOST = 20_000;

export const problem: Schema<Problem> = object<Problem>({
  code: oneOf(
    'absent',
    'denied',
    'refused',
    'deadline',
    'gone',
    'unsupported',
    'malformed',
    'too-large',
    'cancelled',
    'failed',
  ),
  what: text(),
  reason: text(),
  remedy: optional(text()),
});

const unknownFact: Schema<UnknownFact> = object<UnknownFact>({
  unavailable: text(),
  remedy: text(),
  route: optional(oneOf(...ROUTES)),
  further: optional((value, place, prunes) => list(unknownFact, 50)(value, place, prunes)),
});

/** A fact: known with its provenance, or unknown with the reason. */
export function fact<T>(value: Schema<T>): Schema<Fact<T>> {
  const known = object<KnownFact<T>>({
    value,
    source: text(),
    how: text(),
    observedAt: time,
    route: oneOf(...ROUTES),
    note: optional(text()),
    better: optional(list(unknownFact, 50)),
  });
  return (raw: unknown, place: Place | undefined, prunes?: boolean): Fact<T> => {
    const isUnknown = typeof raw === 'object' && raw !== null && Object.hasOwn(raw, 'unavailable');
    return isUnknown ? unknownFact(raw, place, prunes) : known(raw, place, prunes);
  };
}

const texts = list(text(), MOST);
const pid = integer;

export const processRef: Schema<ProcessRef> = object<ProcessRef>({ pid, startTicks: integer });

const containerProcess = object<ContainerProcess>({
  hostPid: pid,
  containerPid: optional(pid),
  parentPid: optional(pid),
  command: text(),
  startedAt: optional(text(100)),
  state: optional(text(20)),
  uid: optional(integer),
  role: oneOf('init', 'exec', 'child'),
});
const processes = list(containerProcess, MOST);

const cgroupNumber: Schema<CgroupNumber> = (value, place) => (value === 'max' ? value : number(value, place));

const cgroupReading = object<CgroupReading>({
  label: text(500),
  file: text(500),
  path: text(),
  raw: text(10_000),
  value: optional(cgroupNumber),
  unit: oneOf('bytes', 'count', 'µs', 'ns', 'weight', 'cpus', 'text'),
  role: oneOf('limit', 'usage', 'event'),
  effective: optional(object<NonNullable<CgroupReading['effective']>>({ value: cgroupNumber, path: text() })),
});

const cgroupReport = object<CgroupReport>({
  mode: oneOf('unified', 'hybrid', 'legacy'),
  controllers: list(
    object<CgroupController>({
      controllers: text(1_000),
      name: text(1_000),
      version: oneOf(1, 2),
      cgroupPath: text(),
      directory: optional(text()),
      problem: optional(text()),
      readings: list(cgroupReading, 2_000),
    }),
    200,
  ),
});

const shim = object<ShimFacts>({
  pid,
  kind: oneOf('containerd-shim', 'conmon'),
  argv: texts,
  startedAt: optional(text(100)),
  socket: optional(text()),
  parentPid: pid,
  parentComm: optional(text(1_000)),
  serves: texts,
  processes,
});

const runtime = object<RuntimeFacts>({
  runtimeName: optional(text()),
  binary: text(),
  version: optional(text()),
  root: optional(text()),
  cgroupDriver: optional(oneOf('cgroupfs', 'systemd', 'none')),
});

const engine = object<EngineContext>({
  endpoint: text(),
  apiVersion: text(),
  serverVersion: text(),
  info: (value) => value,
});

/** All facts of one container. */
export const containerFacts: Schema<ContainerFacts> = object<ContainerFacts>({
  initPid: fact(pid),
  shimPid: fact(pid),
  cgroupPaths: fact(dictionary(text())),
  namespaces: fact(dictionary(integer, 100)),
  ociConfig: fact(anything),
  bundlePath: fact(text()),
  runtime: fact(runtime),
  processes: fact(processes),
  shim: fact(shim),
  cgroups: fact(cgroupReport),
  engineRecord: fact(anything),
  engineImage: fact(anything),
  engineEvents: fact(list(anything, 2_000)),
  engine: fact(engine),
  runtimeState: fact(anything),
  containerdRecord: fact(anything),
  criRecord: fact(anything),
});

const integers = list(integer, MOST);
const mask = text(200);

const status = object<StatusReading>({
  uids: integers,
  gids: integers,
  groups: integers,
  umask: optional(text(20)),
  capabilities: object<StatusReading['capabilities']>({
    inheritable: mask,
    permitted: mask,
    effective: mask,
    bounding: mask,
    ambient: mask,
  }),
  noNewPrivileges: optional(flag),
  seccomp: optional(integer),
  seccompFilters: optional(integer),
  signalsIgnored: mask,
  signalsCaught: mask,
  namespacePids: integers,
});

const idMap = list(object<IdRange>({ inside: integer, outside: integer, count: integer }), MOST);

/** What the kernel says of a container's first process. */
export const kernelReadings: Schema<KernelReadings> = object<KernelReadings>({
  process: processRef,
  status: fact(status),
  limits: fact(list(object<LimitReading>({ name: text(), soft: text(), hard: text() }), 1_000)),
  mounts: fact(
    list(
      object<MountReading>({
        root: text(),
        mountPoint: text(),
        options: texts,
        propagation: texts,
        type: text(),
        source: text(),
        superOptions: texts,
      }),
      MOST,
    ),
  ),
  oomScoreAdj: fact(integer),
  securityLabel: fact(text()),
  uidMap: fact(idMap),
  gidMap: fact(idMap),
  environment: fact(texts),
  commandLine: fact(texts),
  workingFolder: fact(text()),
  terminal: fact(flag),
  hostNamespaces: fact(dictionary(integer, 100)),
  kernelPaths: fact(texts),
});
