import type { ClusterReader } from '../../src/adapters/adapter';
import { toNode, toPod, type ThisMachine } from '../../src/adapters/kubernetes/normalize';
import type { ClusterReport, KubePod, Listed } from '../../src/model/kubernetes/cluster';
import type { KubeContext } from '../../src/model/kubernetes/context';
import type { Inventory } from '../../src/model/inventory';
import { RuntimeError, type Problem } from '../../src/model/problem';
import { AT, shop, WEB } from './shop';
import { nodeObject, podObject, type NodeFixture } from './kubeServer';
import { hexId } from './sightings';

/* A small cluster for tests of what is drawn. Its objects are written from the API reference: see kubeServer.ts. */

export const BOOT_ID = '8a4d9935-a08c-42d5-8ec0-325f499e0762';
export const FAR = hexId('fa');
export const THIS_MACHINE: ThisMachine = { ids: { bootId: BOOT_ID, machineId: 'ours' }, kubeletOf: () => undefined };
export const FORBIDDEN: Problem = {
  code: 'denied',
  what: 'Listing the nodes of lab',
  reason: 'The API server knows who asks and does not permit it (403).',
  remedy: 'Ask for a role.',
};

export function context(name: string, more: Partial<KubeContext> = {}): KubeContext {
  return {
    name,
    cluster: 'c',
    file: '/home/alice/.kube/config',
    auth: { kind: 'token' },
    current: false,
    insecure: false,
    server: 'https://api.example:6443',
    ...more,
  };
}

/** The shop's inventory with a layer of Kubernetes contexts. */
export function kubeInventory(contexts: readonly KubeContext[]): Inventory {
  const inventory = shop();
  return {
    ...inventory,
    layers: [
      {
        id: 'client:kubernetes',
        kind: 'client',
        name: 'Kubernetes',
        status: 'ok',
        details: [],
        containerIds: [],
        kubeContexts: contexts,
      },
      ...inventory.layers,
    ],
  };
}

export function listed<T>(items: readonly T[], problem?: Problem): Listed<T> {
  return { items, how: 'kubectl get', observedAt: AT, ...(problem ? { problem } : {}) };
}

const NODES: readonly NodeFixture[] = [
  { name: 'here', kubelet: 'v1.29.3', runtime: 'containerd://1.7.2', bootID: BOOT_ID, machineID: 'ours' },
  {
    ...{ name: 'old', kubelet: 'v1.23.1', runtime: 'docker://20.10.12', criSocket: '/var/run/dockershim.sock' },
    ...{ bootID: 'another', ready: 'Unknown' as const },
  },
];

export function cluster(): ClusterReport {
  const nodes = NODES.flatMap((fixture) => toNode(nodeObject(fixture), 'lab', THIS_MACHINE) ?? []);
  return { version: 'v1.29.3', nodes: listed(nodes) };
}

export function pods(nodeName: string): Listed<KubePod> {
  const here = nodeName === 'here';
  const pod = podObject({
    ...{ namespace: 'shop', name: here ? 'web' : 'far', uid: 'u1', node: nodeName },
    containers: [
      { name: 'setup', role: 'init', id: `containerd://${hexId('0d')}`, exitCode: 0 },
      { name: 'web', id: `containerd://${here ? WEB : FAR}` },
    ],
  });
  return listed([toPod(pod)].filter((one) => one !== undefined));
}

/** A reader whose answers are those above; counts what it is asked, and fails where told to. */
export class FakeClusters implements ClusterReader {
  readonly asked: string[] = [];
  failure: Problem | undefined;
  report: ClusterReport = cluster();

  async readCluster(contextName: string): Promise<ClusterReport> {
    this.note(`cluster ${contextName}`);
    return this.report;
  }

  async readPods(contextName: string, nodeName: string): Promise<Listed<KubePod>> {
    this.note(`pods ${contextName} ${nodeName}`);
    return pods(nodeName);
  }

  async readCgroups(contextName: string, nodeName: string): Promise<ReadonlyMap<string, string>> {
    this.note(`cgroups ${contextName} ${nodeName}`);
    return new Map([[FAR, `/kubepods/podu1/${FAR}`]]);
  }

  private note(question: string): void {
    this.asked.push(question);
    if (this.failure) throw new RuntimeError(this.failure);
  }
}
