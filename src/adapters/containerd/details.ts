import { known, unknown, type Fact } from '../../model/fact';
import type { LayerDetail } from '../../model/layer';
import type { Problem } from '../../model/problem';
import { shellLine, visible } from '../../util/text';
import type { ListedContainerRecord, PluginRecord } from './messages';
import { METHODS } from './methods';
import type { ContainerdSocket } from './sockets';

/** What a socket's containerd says of itself. */
export interface ServerFacts {
  readonly version: string;
  readonly revision: string;
  readonly plugins: readonly PluginRecord[] | Problem;
  /** Its own PID as it counts, and whether it counts PIDs as we do; undefined when it does not tell (before 1.7). */
  readonly pid?: number;
  readonly pidsAreOurs?: boolean;
}

/** The details of a containerd layer: of its daemon, of its plugins, of the namespace. */
export function detailsOf(
  socket: ContainerdSocket,
  server: ServerFacts,
  namespace: string,
  containers: readonly ListedContainerRecord[],
): LayerDetail[] {
  const from = (value: string, method: { path: string }, ...words: string[]): Fact<string> =>
    known('containerd', value, sourceOf(method, socket.path), ctr(socket.path, ...words));
  const details: LayerDetail[] = [
    detail('Namespace', from(purposeOf(namespace), METHODS.namespaces, 'namespaces', 'list')),
    foundBy(socket),
    detail('Revision', from(server.revision || 'not stated', METHODS.version, 'version')),
  ];
  const runtimes = [...new Set(containers.map(({ runtime }) => runtime?.name ?? '').filter(Boolean))].sort();
  if (runtimes.length > 0) {
    const how = ctr(socket.path, '-n', namespace, 'containers', 'list');
    const source = sourceOf(METHODS.containers, socket.path);
    details.push(detail('Runtimes in use', known('containerd', visible(runtimes.join(', ')), source, how)));
  }
  if ('code' in server.plugins) {
    const problem = server.plugins;
    const fact = unknown(`${problem.what}: ${problem.reason}`, problem.remedy ?? 'Refresh to try again.', 'containerd');
    details.push(detail('Plugins', fact));
  } else {
    const list = (plugins: readonly string[]): Fact<string> =>
      from(visible(plugins.join(', ') || 'none', 2_000), METHODS.plugins, 'plugins', 'list');
    details.push(detail('Snapshotters', list(snapshottersOf(server.plugins))));
    const failed = failuresOf(server.plugins);
    if (failed.length > 0) details.push(detail('Plugins with errors', list(failed)));
  }
  if (server.pidsAreOurs === false) {
    const text = `containerd runs in another PID namespace (it is PID ${server.pid ?? '?'} there): its PIDs are not ours`;
    details.push(detail('PIDs', from(text, METHODS.server, 'version')));
  }
  return details;
}

/** How we came to know the socket. */
export function foundBy(socket: ContainerdSocket): LayerDetail {
  const how = shellLine(['ls', '-l', socket.path]);
  return detail('Found by', known('derived', socket.reason, socket.reason, how));
}

/** What a namespace is for: containerd's clients keep apart by convention. */
export function purposeOf(namespace: string): string {
  if (namespace === 'moby') return 'moby: where Docker Engine keeps its containers';
  if (namespace.startsWith('moby-')) return `${namespace}: Docker Engine with remapped users`;
  if (namespace === 'plugins.moby') return 'plugins.moby: where Docker Engine keeps its managed plugins';
  if (namespace === 'k8s.io') return 'k8s.io: where the CRI plugin keeps Kubernetes’ containers';
  if (namespace === 'default') return 'default: what ctr and nerdctl use when they are told no other';
  if (namespace === 'buildkit') return 'buildkit: where BuildKit builds images';
  return `${namespace}: named by the client that made it`;
}

/** "GET method on socket": the exact origin of a fact. */
export function sourceOf(method: { readonly path: string }, socketPath: string): string {
  return `containerd ${method.path.slice(1)} on unix://${socketPath}`;
}

/** The command line of ctr that shows the same. */
export function ctr(socketPath: string, ...words: string[]): string {
  return shellLine(['ctr', '-a', socketPath, ...words]);
}

function detail(label: string, fact: Fact<string>): LayerDetail {
  return { label, fact };
}

/** The snapshotters that work. */
export function snapshottersOf(plugins: readonly PluginRecord[]): string[] {
  return plugins
    .filter(({ type, initError }) => type === 'io.containerd.snapshotter.v1' && initError === undefined)
    .map(({ id }) => id);
}

/** Plugins that wanted to start and could not. Those that chose not to ("skip plugin") are no failures. */
function failuresOf(plugins: readonly PluginRecord[]): string[] {
  return plugins
    .filter(({ initError }) => initError !== undefined && !initError.message.includes('skip plugin'))
    .map(({ type, id, initError }) => `${type}.${id} (${initError?.message ?? ''})`);
}
