import { joinSightings } from '../../src/store/identity';
import { known, unknown, type Fact } from '../../src/model/fact';
import type { ContainerFacts, Inspection } from '../../src/model/inspection';
import type { Inventory } from '../../src/model/inventory';
import { FACT_NAMES } from '../../src/store/inspector';
import type { Layer, LayerReport } from '../../src/model/layer';
import type { Sighting } from '../../src/model/container';
import type { ProcessRecord } from '../../src/model/process';
import { hexId, layer, sighting } from './sightings';

/*
 * A small host for tests of what is drawn: a Compose project, a container that ended, one of `ctr` whose id is the name of
 * another, and a CRI that does not answer. Joined by the product's own rules.
 */

export const AT = '2026-01-02T03:04:05.000Z';
export const WEB = hexId('aaaa');
export const DB = hexId('bbbb');
export const BATCH = hexId('cccc');

const ENGINE = 'engine:unix:///run/docker.sock';
const MOBY = 'containerd:/run/containerd/containerd.sock:moby';
const DEFAULT = 'containerd:/run/containerd/containerd.sock:default';

const LAYERS: readonly LayerReport[] = [
  layer('client', 'client', { name: 'Clients', endpoint: 'unix:///run/docker.sock' }),
  layer(ENGINE, 'engine', {
    name: 'Docker Engine',
    version: '28.5.2',
    endpoint: 'unix:///run/docker.sock',
    details: [
      { label: 'Cgroup driver', fact: known('docker-api', 'systemd', 'GET /info', 'docker info', { observedAt: AT }) },
      { label: 'Security', fact: unknown('The engine did not say.', 'Ask again.', 'docker-api') },
    ],
  }),
  layer('cri:/run/crio/crio.sock', 'cri', {
    name: 'CRI-O',
    endpoint: 'unix:///run/crio/crio.sock',
    status: 'failed',
    problem: {
      code: 'refused',
      what: 'Asking CRI-O for its version',
      reason: 'Nobody listens.',
      remedy: 'Start it: systemctl start crio',
    },
  }),
  layer(MOBY, 'containerd', { name: 'containerd · moby', version: '2.1.9', containerdNamespace: 'moby' }),
  layer(DEFAULT, 'containerd', { name: 'containerd · default', version: '2.1.9', containerdNamespace: 'default' }),
  layer('shim', 'shim', { name: 'Shims' }),
  layer('oci-runtime:runc', 'oci-runtime', { name: 'runc', version: '1.3.6' }),
  layer('kernel', 'kernel', { name: 'Linux kernel', version: '6.18' }),
];

const compose = (service: string): ReadonlyMap<string, string> =>
  new Map([
    ['com.docker.compose.project', 'shop'],
    ['com.docker.compose.service', service],
    ['tier', service],
  ]);

function running(id: string, name: string, pid: number, createdAtMs: number): Sighting[] {
  const init = { initPid: pid, initStartTicks: pid * 10 };
  return [
    sighting(ENGINE, id, {
      name,
      image: 'lab/busybox:1',
      state: 'running',
      stateText: 'Up 3 minutes',
      createdAtMs,
      labels: compose(name.replace('shop-', '')),
      initPid: pid,
    }),
    sighting(MOBY, id, { containerdNamespace: 'moby', state: 'running', stateText: 'task running', initPid: pid }),
    sighting('shim', id, { ...init, containerdNamespace: 'moby', shim: { pid: pid - 1, startTicks: pid } }),
    sighting('oci-runtime:runc', id, { ...init, state: 'running', stateText: 'running' }),
    sighting('kernel', id, init),
  ];
}

const SIGHTINGS: readonly Sighting[] = [
  ...running(WEB, 'shop-web', 101, 3000),
  ...running(DB, 'shop-db', 201, 2000),
  sighting(ENGINE, BATCH, {
    name: 'batch',
    image: 'lab/busybox:1',
    state: 'exited',
    stateText: 'Exited (0) 5 minutes ago',
    createdAtMs: 1000,
  }),
  sighting(DEFAULT, 'shop-web', {
    containerdNamespace: 'default',
    image: 'lab/other:1',
    state: 'created',
    stateText: 'no task',
  }),
];

/** The host, with more sightings if wanted. */
export function shop(more: readonly Sighting[] = [], layers: readonly LayerReport[] = LAYERS): Inventory {
  const containers = joinSightings([...SIGHTINGS, ...more], layers);
  const processes = [101, 201].map((pid): ProcessRecord => ({
    pid: pid - 1,
    startTicks: pid,
    parentPid: 1,
    comm: 'containerd-shim',
    argv: ['/usr/bin/containerd-shim-runc-v2', '-namespace', 'moby', '-id', pid === 101 ? WEB : DB],
    state: 'S',
  }));
  return {
    observedAt: AT,
    containers,
    layers: layers.map((one): Layer => ({
      ...one,
      containerIds: containers.filter(({ layers: known }) => known.includes(one.id)).map(({ id }) => id),
    })),
    processes: {
      observedAt: AT,
      byPid: new Map(processes.map((process) => [process.pid, process])),
      childrenOf: () => [],
    },
  };
}

/** The id of the engine's layer, for sightings that tests add. */
export const SHOP_ENGINE = ENGINE;

/** What is known of the container shop-web; `facts` replace some. */
export function shopInspection(id = WEB, facts: Partial<ContainerFacts> = {}): Inspection {
  const fact = <T>(value: T, source: string, how: string): Fact<T> =>
    known('procfs', value, source, how, { observedAt: AT });
  const none = unknown('Nobody tells.', 'Run as root.');
  const nothing = Object.fromEntries(FACT_NAMES.map((name) => [name, none])) as unknown as ContainerFacts;
  return {
    id,
    name: 'shop-web',
    observedAt: AT,
    apiCalls: [
      {
        seq: 1,
        from: 'client',
        to: 'dockerd',
        protocol: 'http',
        method: 'POST',
        target: '/v1.51/containers/create?name=shop-web',
        evidence: 'reconstructed',
        because: 'inspect minus image config',
        meaning: 'Makes the container’s record.',
      },
    ],
    facts: {
      ...nothing,
      initPid: fact(101, 'Docker API GET /containers/…/json', 'docker inspect shop-web'),
      shimPid: fact(100, '/proc/101/stat', 'ps -o ppid= -p 101'),
      bundlePath: fact(
        '/run/containerd/io.containerd.runtime.v2.task/moby/aaaa',
        '/proc/100/cwd',
        'readlink /proc/100/cwd',
      ),
      cgroupPaths: fact({ memory: '/docker/aaaa' }, '/proc/101/cgroup', 'cat /proc/101/cgroup'),
      namespaces: fact(
        {
          cgroup: 4026531835,
          ipc: 4026532325,
          mnt: 4026532323,
          net: 4026532327,
          pid: 4026532326,
          pid_for_children: 4026532326,
          user: 4026531837,
          uts: 4026532324,
        },
        '/proc/101/ns',
        'ls -l /proc/101/ns',
      ),
      ociConfig: fact(
        {
          ociVersion: '1.2.0',
          process: { args: ['sh', '-c', 'secret words'], cwd: '/', env: ['DB_PASSWORD=hunter2-hunter2'] },
          root: { path: '/var/lib/docker/overlay2/x/merged' },
          linux: {
            cgroupsPath: '/docker/aaaa',
            namespaces: [
              { type: 'mount' },
              { type: 'network', path: '/proc/201/ns/net' },
              { type: 'uts' },
              { type: 'pid' },
              { type: 'ipc' },
            ],
          },
        },
        '/run/containerd/io.containerd.runtime.v2.task/moby/aaaa/config.json',
        'cat /run/containerd/io.containerd.runtime.v2.task/moby/aaaa/config.json',
      ),
      processes: fact(
        [
          { hostPid: 101, containerPid: 1, command: 'sh -c secret words', role: 'init', uid: 0 },
          { hostPid: 102, containerPid: 7, parentPid: 101, command: 'sleep 3600', role: 'child', uid: 0 },
        ],
        '/proc',
        'ps --ppid 101',
      ),
      ...facts,
    },
  };
}
