import type { ClusterReport, KubeNode, KubePod, Listed, NodeCgroups } from '../../model/kubernetes/cluster';
import type { KubeContext } from '../../model/kubernetes/context';
import { RuntimeError, type Problem } from '../../model/problem';
import type { ProcessTable } from '../../model/process';
import { asString, memberAt } from '../../util/records';
import { shellLine, visible } from '../../util/text';
import type { ClusterReader, Report, RuntimeAdapter } from '../adapter';
import { CgroupGatherer } from './cadvisor';
import { BOUNDS, KubeClient, type Bounds } from './client';
import { kubernetesLayer, shownContext, type ContextRules } from './contexts';
import { PrintedCredentials, targetOf } from './credentials';
import { loadKubeconfig, type Kubeconfig, type KubeconfigPlaces, type LoadedContext } from './kubeconfig';
import { findLocalKubelets, kubeletOf, readMachineIds } from './machine';
import { toNode, toPod, type ThisMachine } from './normalize';

export interface KubernetesOptions {
  readonly places: () => KubeconfigPlaces;
  readonly readProcesses: () => Promise<ProcessTable>;
  /** Whether the user has allowed the credential program of this fingerprint on this machine. */
  readonly isAllowed: (fingerprint: string) => boolean;
  readonly bounds?: Bounds;
}

/**
 * Kubernetes. `look` reads kubeconfig files and nothing else: a cluster is dialled only when a `ClusterReader` method is
 * called, which views do when somebody expands it. That holds for servers on this machine too: a local port may lead
 * anywhere.
 */
export function createKubernetesAdapter(options: KubernetesOptions): RuntimeAdapter & ClusterReader {
  return new KubernetesAdapter(options);
}

class KubernetesAdapter implements RuntimeAdapter, ClusterReader {
  readonly id = 'kubernetes';
  private readonly printed = new PrintedCredentials();

  constructor(private readonly options: KubernetesOptions) {}

  async look(): Promise<Report> {
    const config = await loadKubeconfig(this.options.places());
    const rules = await this.rules();
    const contexts = config.contexts.map((loaded) => shownContext(loaded, config, rules));
    return { layers: kubernetesLayer(config, contexts), sightings: [] };
  }

  async inspect(): Promise<Record<string, never>> {
    return {};
  }

  watch(): { dispose(): void } {
    // Files are read anew at every look; nothing is dialled to be watched.
    return { dispose: () => undefined };
  }

  dispose(): void {
    this.printed.forget();
  }

  async readCluster(contextName: string, signal?: AbortSignal): Promise<ClusterReport> {
    return this.withClient(contextName, signal, async (client, loaded) => {
      const what = `Listing the nodes of ${visible(contextName, 100)}`;
      const how = shellLine(['kubectl', '--context', contextName, 'get', 'nodes', '-o', 'wide']);
      const [version, nodes] = await Promise.all([
        // Anybody may ask for it; a server that does not tell still lists its nodes.
        client.json('/version', 'Asking for the version').then(
          (answer) => asString(memberAt(answer, 'gitVersion')),
          () => undefined,
        ),
        client.list('/api/v1/nodes', {}, what).then(
          async ({ items, problem }) => {
            const machine = await this.thisMachine();
            return listed(items, (item) => toNode(item, contextName, machine), how, problem);
          },
          (error: unknown) => forbidden(error, how),
        ),
      ]);
      const pods = nodes.problem?.code === 'denied' ? await this.listPods(client, loaded, undefined) : undefined;
      return { nodes, ...(version ? { version } : {}), ...(pods ? { pods } : {}) };
    });
  }

  async readPods(contextName: string, nodeName: string, signal?: AbortSignal): Promise<Listed<KubePod>> {
    return this.withClient(contextName, signal, (client, loaded) => this.listPods(client, loaded, nodeName));
  }

  async readCgroups(contextName: string, nodeName: string, signal?: AbortSignal): Promise<NodeCgroups> {
    return this.withClient(contextName, signal, async (client) => {
      const gatherer = new CgroupGatherer();
      const what = `Asking the kubelet of ${visible(nodeName, 100)} for its metrics`;
      const path = `/api/v1/nodes/${encodeURIComponent(nodeName)}/proxy/metrics/cadvisor`;
      try {
        await client.lines(path, what, (line) => gatherer.take(line));
      } catch (error) {
        const { problem } = RuntimeError.from(error, what);
        if (problem.code !== 'denied') throw error;
        throw new RuntimeError({
          ...problem,
          remedy:
            'It takes the right get on nodes/proxy. Give it with care: it reaches every part of the kubelet, not the metrics alone. On the node itself, cat /proc/PID/cgroup shows the same.',
        });
      }
      return gatherer.paths;
    });
  }

  /** All namespaces; where that is forbidden, the context's own. */
  private async listPods(
    client: KubeClient,
    { context }: LoadedContext,
    nodeName: string | undefined,
  ): Promise<Listed<KubePod>> {
    const where = nodeName === undefined ? '' : ` on ${visible(nodeName, 100)}`;
    const query = nodeName === undefined ? {} : { fieldSelector: `spec.nodeName=${nodeName}` };
    const selector = nodeName === undefined ? [] : ['--field-selector', `spec.nodeName=${nodeName}`];
    const how = (scope: readonly string[]): string =>
      shellLine(['kubectl', '--context', context.name, 'get', 'pods', ...scope, ...selector, '-o', 'wide']);
    try {
      const { items, problem } = await client.list('/api/v1/pods', query, `Listing the pods${where}`);
      return listed(items, toPod, how(['--all-namespaces']), problem);
    } catch (error) {
      const { problem } = RuntimeError.from(error, `Listing the pods${where}`);
      if (problem.code !== 'denied') throw error;
      const namespace = context.namespace ?? 'default';
      const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;
      const { items } = await client.list(
        path,
        query,
        `Listing the pods${where} in the namespace ${visible(namespace, 80)}`,
      );
      return listed(items, toPod, how(['--namespace', namespace]), {
        ...problem,
        reason: `${problem.reason} Shown are those of the namespace ${visible(namespace, 80)} alone.`,
      });
    }
  }

  private async withClient<T>(
    contextName: string,
    signal: AbortSignal | undefined,
    work: (client: KubeClient, loaded: LoadedContext) => Promise<T>,
  ): Promise<T> {
    // Read anew each time: tokens are renewed in these files.
    const config = await loadKubeconfig(this.options.places());
    const { loaded, shown } = this.find(config, contextName, await this.rules());
    if (shown.obstacle) throw new RuntimeError(shown.obstacle);
    const fingerprint = shown.auth.kind === 'exec' && shown.auth.allowed ? shown.auth.fingerprint : undefined;
    const target = await targetOf(loaded, fingerprint, this.printed, signal);
    const client = new KubeClient(target, signal, this.options.bounds ?? BOUNDS);
    try {
      return await work(client, loaded);
    } catch (error) {
      // A token that the server does not take any more must be made anew.
      if (error instanceof RuntimeError && /\(401\)/.test(error.problem.reason)) this.printed.forget();
      throw error;
    } finally {
      client.dispose();
    }
  }

  private find(
    config: Kubeconfig,
    contextName: string,
    rules: ContextRules,
  ): { readonly loaded: LoadedContext; readonly shown: KubeContext } {
    const loaded = config.contexts.find(({ context }) => context.name === contextName);
    if (loaded) return { loaded, shown: shownContext(loaded, config, rules) };
    throw new RuntimeError({
      code: 'absent',
      what: `Using the context ${visible(contextName, 100)}`,
      reason: 'No kubeconfig has a context of this name any more.',
      remedy: 'Refresh the tree.',
    });
  }

  private async rules(): Promise<ContextRules> {
    const { machineId, bootId } = await readMachineIds();
    // Without a machine id a permission holds until the next boot.
    return { machine: machineId ?? bootId ?? '', isAllowed: this.options.isAllowed };
  }

  private async thisMachine(): Promise<ThisMachine> {
    const [ids, kubelets] = await Promise.all([
      readMachineIds(),
      this.options.readProcesses().then(
        (processes) => findLocalKubelets(processes),
        () => [],
      ),
    ]);
    return { ids, kubeletOf: (node) => kubeletOf(node, kubelets) };
  }
}

function listed<T>(
  items: readonly unknown[],
  read: (item: unknown) => T | undefined,
  how: string,
  problem: Problem | undefined,
): Listed<T> {
  return {
    items: items.flatMap((item) => {
      const made = read(item);
      return made === undefined ? [] : [made];
    }),
    how,
    observedAt: new Date().toISOString(),
    ...(problem ? { problem } : {}),
  };
}

/** Nodes belong to the cluster, pods to namespaces: many may see the one and not the other. Anything else is a failure. */
function forbidden(error: unknown, how: string): Listed<KubeNode> {
  const { problem } = RuntimeError.from(error, 'Listing the nodes');
  if (problem.code !== 'denied' || !problem.reason.includes('(403)')) throw error;
  return { items: [], how, observedAt: new Date().toISOString(), problem };
}
