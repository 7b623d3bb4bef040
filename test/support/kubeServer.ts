// An HTTPS server that answers as a Kubernetes API server does, as far as the explorer asks.
//
// Its answers are written by us from the published API reference (core/v1 Node, Pod, NodeList, PodList, meta/v1 Status) and
// from the text format of cAdvisor's metrics. They are NOT recorded from a cluster: no cluster runs where these tests do.
// The fields and their nesting were compared by eye with a public `kubectl cluster-info dump` of a kubeadm cluster (v1.28).
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Certificates } from './certificates';

export interface NodeFixture {
  readonly name: string;
  readonly kubelet: string;
  readonly runtime: string;
  readonly criSocket?: string;
  readonly ready?: 'True' | 'False' | 'Unknown';
  readonly machineID?: string;
  readonly bootID?: string;
  readonly systemUUID?: string;
}

export interface PodFixture {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly node: string;
  readonly containers: readonly {
    readonly name: string;
    readonly role?: 'init' | 'ephemeral';
    /** With its scheme; absent: the container waits. */
    readonly id?: string;
    readonly exitCode?: number;
  }[];
}

/** What the server has and lets through; tests change it between requests. */
export interface KubeWorld {
  nodes: NodeFixture[];
  pods: PodFixture[];
  /** Lines of the metrics of a node, by its name. */
  cadvisor: Record<string, readonly string[]>;
  /** Paths (without the query) that are answered 403. */
  forbidden: RegExp | undefined;
  /** Paths that are never answered. */
  silent: RegExp | undefined;
  /** Answers of one's own, by path with query; the first that matches. */
  special: { readonly path: RegExp; readonly answer: (request: IncomingMessage, response: ServerResponse) => void }[];
  /** Bearer tokens that are let in; a client certificate of the test's authority always is. */
  tokens: string[];
}

export interface KubeServer {
  readonly url: string;
  readonly world: KubeWorld;
  /** Every request: path with query, and who asked. */
  readonly requests: { readonly path: string; readonly user: string }[];
  close(): Promise<void>;
}

export async function startKubeServer(certificates: Certificates): Promise<KubeServer> {
  const world: KubeWorld = {
    nodes: [],
    pods: [],
    cadvisor: {},
    forbidden: undefined,
    silent: undefined,
    special: [],
    tokens: ['good-token'],
  };
  const requests: KubeServer['requests'] = [];
  const server: Server = createServer(
    {
      cert: certificates.serverCert,
      key: certificates.serverKey,
      ca: certificates.ca,
      requestCert: true,
      rejectUnauthorized: false,
    },
    (request, response) => {
      const user = userOf(request, world);
      requests.push({ path: request.url ?? '', user: user ?? '' });
      answer(world, user, request, response);
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    world,
    requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function userOf(request: IncomingMessage, world: KubeWorld): string | undefined {
  const socket = request.socket as TLSSocket;
  if (socket.authorized) return String(socket.getPeerCertificate().subject.CN);
  const token = /^Bearer (.*)$/.exec(request.headers.authorization ?? '')?.[1];
  return token !== undefined && world.tokens.includes(token) ? `token:${token}` : undefined;
}

function answer(world: KubeWorld, user: string | undefined, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'https://server');
  const path = url.pathname;
  if (user === undefined) return status(response, 401, 'Unauthorized', 'Unauthorized');
  if (world.silent?.test(path)) return;
  const special = world.special.find((one) => one.path.test(request.url ?? ''));
  if (special) return special.answer(request, response);
  if (world.forbidden?.test(path)) {
    const what = path.split('/').at(-1);
    return status(response, 403, 'Forbidden', `${what} is forbidden: User "${user}" cannot list resource "${what}"`);
  }
  const metrics = /^\/api\/v1\/nodes\/([^/]+)\/proxy\/metrics\/cadvisor$/.exec(path);
  const namespaced = /^\/api\/v1\/namespaces\/([^/]+)\/pods$/.exec(path);
  if (path === '/version') return json(response, 200, { major: '1', minor: '29', gitVersion: 'v1.29.3' });
  if (path === '/api/v1/nodes') return list(response, 'NodeList', world.nodes.map(nodeObject), url);
  if (path === '/api/v1/pods' || namespaced) {
    const node = /^spec\.nodeName=(.*)$/.exec(url.searchParams.get('fieldSelector') ?? '')?.[1];
    const pods = world.pods
      .filter((pod) => node === undefined || pod.node === node)
      .filter((pod) => !namespaced || pod.namespace === decodeURIComponent(namespaced[1] ?? ''));
    return list(response, 'PodList', pods.map(podObject), url);
  }
  if (metrics) {
    const lines = world.cadvisor[decodeURIComponent(metrics[1] ?? '')];
    if (!lines)
      return status(response, 503, 'ServiceUnavailable', 'error trying to reach service: dial tcp: i/o timeout');
    response.writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4' });
    for (const line of lines) response.write(`${line}\n`);
    return void response.end();
  }
  status(response, 404, 'NotFound', 'the server could not find the requested resource');
}

/** Pages as the API server makes them: `limit`, and `continue` from metadata. */
function list(response: ServerResponse, kind: string, items: readonly object[], url: URL): void {
  const limit = Number(url.searchParams.get('limit') ?? 0) || items.length;
  const start = Number(url.searchParams.get('continue') ?? 0);
  const next = start + limit;
  const metadata = {
    resourceVersion: '4711',
    ...(next < items.length ? { continue: String(next), remainingItemCount: items.length - next } : {}),
  };
  json(response, 200, { kind, apiVersion: 'v1', metadata, items: items.slice(start, next) });
}

export function status(response: ServerResponse, code: number, reason: string, message: string): void {
  json(response, code, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code });
}

function json(response: ServerResponse, code: number, value: unknown): void {
  response.writeHead(code, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(value));
}

/** A Node as the API reference describes it. */
export function nodeObject(node: NodeFixture): object {
  const ready = node.ready ?? 'True';
  return {
    metadata: {
      name: node.name,
      uid: `uid-of-${node.name}`,
      labels: { 'kubernetes.io/hostname': node.name, 'kubernetes.io/os': 'linux' },
      annotations: {
        'node.alpha.kubernetes.io/ttl': '0',
        ...(node.criSocket ? { 'kubeadm.alpha.kubernetes.io/cri-socket': node.criSocket } : {}),
      },
    },
    spec: {},
    status: {
      conditions: [
        { type: 'MemoryPressure', status: 'False', reason: 'KubeletHasSufficientMemory' },
        {
          type: 'Ready',
          status: ready,
          reason: ready === 'True' ? 'KubeletReady' : 'NodeStatusUnknown',
          message: ready === 'True' ? 'kubelet is posting ready status' : 'Kubelet stopped posting node status.',
        },
      ],
      nodeInfo: {
        machineID: node.machineID ?? '',
        systemUUID: node.systemUUID ?? '',
        bootID: node.bootID ?? '',
        kernelVersion: '6.8.0-47-generic',
        osImage: 'Debian GNU/Linux 12 (bookworm)',
        containerRuntimeVersion: node.runtime,
        kubeletVersion: node.kubelet,
        kubeProxyVersion: node.kubelet,
        operatingSystem: 'linux',
        architecture: 'amd64',
      },
    },
  };
}

/** A Pod as the API reference describes it. */
export function podObject(pod: PodFixture): object {
  const of = (role: 'init' | 'ephemeral' | undefined): PodFixture['containers'] =>
    pod.containers.filter((container) => container.role === role);
  const spec = (role: 'init' | 'ephemeral' | undefined): object[] =>
    of(role).map(({ name }) => ({ name, image: 'docker.io/lab/busybox:1' }));
  const statuses = (role: 'init' | 'ephemeral' | undefined): object[] =>
    of(role).map(({ name, id, exitCode }) => ({
      name,
      image: 'docker.io/lab/busybox:1',
      restartCount: exitCode === undefined ? 0 : 2,
      ready: id !== undefined && exitCode === undefined,
      ...(id === undefined ? {} : { containerID: id }),
      state:
        id === undefined
          ? { waiting: { reason: 'ContainerCreating' } }
          : exitCode === undefined
            ? { running: { startedAt: '2026-01-02T03:04:05Z' } }
            : { terminated: { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' } },
    }));
  return {
    metadata: { name: pod.name, namespace: pod.namespace, uid: pod.uid },
    spec: {
      nodeName: pod.node,
      initContainers: spec('init'),
      containers: spec(undefined),
      ephemeralContainers: spec('ephemeral'),
    },
    status: {
      phase: 'Running',
      initContainerStatuses: statuses('init'),
      containerStatuses: statuses(undefined),
      ephemeralContainerStatuses: statuses('ephemeral'),
    },
  };
}

/** A kubeconfig with one cluster; users and contexts as given. JSON is YAML too. */
export function kubeconfig(parts: {
  readonly server: string;
  readonly ca?: string;
  /** What else the cluster's entry has. */
  readonly cluster?: object;
  readonly users: Readonly<Record<string, object>>;
  readonly contexts: Readonly<Record<string, { readonly user: string; readonly namespace?: string }>>;
  readonly current?: string;
}): string {
  const { server, ca, cluster, users, contexts, current } = parts;
  return JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      ...(current ? { 'current-context': current } : {}),
      clusters: [
        { name: 'lab', cluster: { server, ...(ca ? { 'certificate-authority-data': base64(ca) } : {}), ...cluster } },
      ],
      users: Object.entries(users).map(([name, user]) => ({ name, user })),
      contexts: Object.entries(contexts).map(([name, context]) => ({ name, context: { cluster: 'lab', ...context } })),
    },
    undefined,
    2,
  );
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
