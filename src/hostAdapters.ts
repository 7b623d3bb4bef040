import { homedir, release } from 'node:os';
import * as path from 'node:path';
import { createContainerdAdapter } from './adapters/containerd/adapter';
import { findContainerdSockets } from './adapters/containerd/sockets';
import { createCriAdapter } from './adapters/cri/adapter';
import { findCriSockets } from './adapters/cri/sockets';
import { createDockerAdapter } from './adapters/docker/adapter';
import { Elsewhere, type EngineElsewhere } from './adapters/docker/elsewhere';
import { findDockerEndpoints } from './adapters/docker/endpoints';
import { createConfigReader, type ConfigReader } from './adapters/docker/reader/adapter';
import { createDockerTopAdapter } from './adapters/docker/top';
import { createShimDoctor } from './adapters/doctor/doctor';
import { FileTrees } from './adapters/fileTrees';
import { createKubernetesAdapter } from './adapters/kubernetes/adapter';
import { readMachineIds } from './adapters/kubernetes/machine';
import { createMachine, type Machine } from './adapters/machine/machine';
import { observeStillKnown, type StillKnown } from './adapters/trace/observe';
import { Tracer } from './adapters/trace/tracer';
import { createPodmanAdapter } from './adapters/podman/adapter';
import { findPodmanSockets } from './adapters/podman/sockets';
import { buildApiCalls } from './model/apiCalls/chain';
import type { CgroupReport } from './model/cgroup';
import { whyElsewhere } from './model/engineKernel';
import { isKnown } from './model/fact';
import type { Inspection } from './model/inspection';
import { kernelPathsOf } from './model/lineage/buildLineage';
import type { KernelReadings } from './model/lineage/readings';
import { RuntimeError } from './model/problem';
import type { ProcessTable } from './model/process';
import type { StoredContainer } from './model/stored';
import type { ReaderJournal } from './model/readerJournal';
import { findContainer } from './model/inventory';
import { EventMemory } from './model/trace/eventMemory';
import type { RecordedCall } from './model/recording/recordedCall';
import { ClusterStore } from './store/clusterStore';
import { Examinations } from './store/examinations';
import { Inspector } from './store/inspector';
import { LiveStore } from './store/liveStore';
import { SpecMemory } from './store/specMemory';
import { StorageStore } from './store/storageStore';
import type { RefreshReason } from './store/store';
import { Emitter, type Event } from './util/emitter';

/** Where to connect, when the user says so. Empty lists mean: find by the rules of the clients. */
export interface HostSettings {
  readonly dockerEndpoints: readonly string[];
  readonly containerdAddresses: readonly string[];
  readonly podmanEndpoints: readonly string[];
  /** Paths or unix:// addresses of CRI sockets. */
  readonly criEndpoints?: readonly string[];
  /** Paths of kubeconfig files. */
  readonly kubeconfigs?: readonly string[];
}

export interface HostOptions {
  /** Read at every look, so that a changed setting needs no restart. */
  readonly settings: () => HostSettings;
  readonly env: NodeJS.ProcessEnv;
  /** The folder of the built worker files. */
  readonly workerFolder: string;
  /** Calls that a relay has recorded, oldest first. */
  readonly recorded?: () => readonly RecordedCall[];
  /** Whether the user has allowed the program (a kubeconfig's, or ssh for an engine) of this fingerprint; absent: none is. */
  readonly isProgramAllowed?: (fingerprint: string) => boolean;
  /** Where reader containers are noted before they are made; absent: none can be made. */
  readonly readerJournal?: ReaderJournal;
  readonly onLook?: (reason: RefreshReason, milliseconds: number) => void;
}

/** This machine: the store over all adapters. */
export interface Host {
  readonly store: LiveStore;
  /** Kubernetes clusters, each asked when somebody wants to see it. */
  readonly clusters: ClusterStore;
  /** What containerd stores, asked when somebody wants to see it. */
  readonly storage: StorageStore;
  /** What containerd stores for a container of this machine; undefined when none holds it. */
  readonly readStored: (inspection: Inspection, signal?: AbortSignal) => Promise<StoredContainer | undefined>;
  readonly examinations: Examinations;
  /** The usage files of a cgroup report, read again. */
  readonly rereadUsage: (report: CgroupReport) => Promise<CgroupReport>;
  /** What the kernel says of a container's first process; undefined when it has none, or it ended meanwhile. */
  readonly readKernel: (inspection: Inspection) => Promise<KernelReadings | undefined>;
  /**
   * Reads a container's config.json through a reader container, and tells whoever shows it. Only to be called when the user
   * has said so.
   *
   * @throws RuntimeError with the reason
   */
  readonly readThroughContainer: (containerId: string, signal?: AbortSignal) => Promise<void>;
  /** Something that other machines do not have; empty where nothing tells it. */
  readonly machineId: () => Promise<string>;
  /** Engines at sockets of this machine that run elsewhere, as inside a VM: none of its layers. */
  readonly elsewhere: () => readonly EngineElsewhere[];
  /** Fires when one of them came or went. */
  readonly onDidChangeElsewhere: Event<void>;
  /** Follows containers while they start. */
  readonly tracer: Tracer;
  /** What is still known of how a container came to be. */
  readonly observe: (inspection: Inspection) => Promise<StillKnown>;
}

/** Connects all adapters to a store. Nothing is read or dialled before the store is asked. */
export function createHost(options: HostOptions): Host {
  const { settings, env, workerFolder, recorded, onLook } = options;
  const home = env.HOME ?? homedir();
  const machine = createMachine(path.join(workerFolder, 'machineWorker.js'), { env });
  const { kernel, oci } = machine;
  const trees = new FileTrees();
  // The adapters for containerd and for CRI ask this of the same processes, at the same moment.
  const socketsOf = new WeakMap<ProcessTable, ReturnType<typeof findContainerdSockets>>();
  const containerdSockets = (processes: ProcessTable): ReturnType<typeof findContainerdSockets> => {
    const found =
      socketsOf.get(processes) ??
      findContainerdSockets(processes, { env, trees, addresses: settings().containerdAddresses });
    socketsOf.set(processes, found);
    return found;
  };
  const machineId = async (): Promise<string> => {
    const ids = await readMachineIds();
    return ids.machineId ?? ids.bootId ?? '';
  };
  const isAllowed = options.isProgramAllowed ?? (() => false);
  const endpoints = async (): ReturnType<typeof findDockerEndpoints> =>
    findDockerEndpoints({
      env,
      home,
      settings: settings().dockerEndpoints,
      programs: { machine: await machineId(), isAllowed },
    });
  const memory = new EventMemory();
  const moved = new Emitter<void>();
  const elsewhere = new Elsewhere(
    (info) => whyElsewhere(info, { platform: process.platform, release: release() }),
    () => moved.fire(),
  );
  const docker = createDockerAdapter({
    endpoints,
    elsewhere,
    workerFile: path.join(workerFolder, 'eventsWorker.js'),
    onAnswered: (client) => reader?.engineAnswered(client),
  });
  const containerd = createContainerdAdapter({
    sockets: containerdSockets,
    workerFile: path.join(workerFolder, 'containerdEventsWorker.js'),
    memory,
  });
  const cri = createCriAdapter({
    sockets: async (processes) =>
      findCriSockets(
        processes,
        env,
        (await containerdSockets(processes)).map((socket) => socket.path),
        settings().criEndpoints,
      ),
  });
  const podman = createPodmanAdapter({
    sockets: () => findPodmanSockets(env, settings().podmanEndpoints),
    workerFile: path.join(workerFolder, 'eventsWorker.js'),
  });
  const reader =
    options.readerJournal &&
    createConfigReader({
      clientOf: (layerIds) => docker.clientOf(layerIds),
      journal: options.readerJournal,
      machine: machineId,
    });
  const readers = reader ? [reader] : [];
  const dockerTop = createDockerTopAdapter({ clientOf: (layerIds) => docker.clientOf(layerIds) });
  const kubernetes = createKubernetesAdapter({
    places: () => ({ env, home, settings: settings().kubeconfigs ?? [] }),
    readProcesses: () => machine.processTable(),
    isAllowed,
  });
  const store = new LiveStore({
    adapters: [docker, kubernetes, podman, cri, containerd, oci, kernel, ...readers],
    inspector: new Inspector(
      [[docker, podman, cri, containerd], [oci], [kernel], [dockerTop], readers],
      new SpecMemory(),
      (container, facts) => buildApiCalls({ container, facts, ...(recorded ? { recorded: recorded() } : {}) }),
    ),
    readProcesses: () => machine.processTable(),
    ...(onLook ? { onLook } : {}),
  });
  const doctor = createShimDoctor({ sockets: containerdSockets, env });
  const examinations = new Examinations((signal) => doctor.examine(signal));
  const tracer = new Tracer({
    endpoints: async () => {
      const found = await endpoints();
      return { ...found, endpoints: found.endpoints.filter((endpoint) => !elsewhere.has(endpoint)) };
    },
    containerdSockets,
    readProcesses: () => machine.processTable(),
    workerFile: path.join(workerFolder, 'traceWorker.js'),
  });
  const observe = async ({ id, facts }: Inspection): Promise<StillKnown> => {
    const inventory = store.current;
    const container = inventory && findContainer(inventory, id);
    const processes = inventory?.processes ?? (await machine.processTable());
    return observeStillKnown(container ?? { runtimeId: id.slice(id.lastIndexOf('/') + 1) }, facts, processes, memory);
  };
  return {
    store,
    clusters: new ClusterStore(kubernetes),
    storage: new StorageStore(containerd),
    readStored: async ({ id }, signal) => {
      const container = store.current && findContainer(store.current, id);
      return container && containerd.readStored(container, signal);
    },
    examinations,
    rereadUsage: (report) => machine.rereadUsage(report),
    readThroughContainer: (containerId, signal) => readThrough(store, reader, containerId, signal),
    machineId,
    elsewhere: () => elsewhere.all,
    onDidChangeElsewhere: moved.event,
    tracer,
    observe,
    readKernel: (inspection) => readKernel(machine, inspection),
  };
}

async function readThrough(
  store: LiveStore,
  reader: ConfigReader | undefined,
  containerId: string,
  signal?: AbortSignal,
): Promise<void> {
  // Read now: where the bundle may be, and since when the container runs.
  const { id, facts } = await store.inspect(containerId, signal);
  const container = store.current && findContainer(store.current, id);
  if (!container || !reader) {
    throw new RuntimeError({
      code: 'absent',
      what: 'Reading config.json through a reader container',
      reason: 'The container is gone, or nothing can note what is made for it.',
      remedy: 'Refresh, and try again.',
    });
  }
  await reader.read(container, facts, signal);
  store.announce(id);
}

async function readKernel(machine: Machine, { facts }: Inspection): Promise<KernelReadings | undefined> {
  const pid = isKnown(facts.initPid) && facts.initPid.route === 'procfs' ? facts.initPid.value : undefined;
  if (pid === undefined) return undefined;
  try {
    const init = await machine.readStat(pid);
    return init && (await machine.readKernel(init, kernelPathsOf(facts)));
  } catch {
    return undefined;
  }
}
