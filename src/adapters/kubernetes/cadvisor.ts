/** More containers than this no node has; the rest is left out. */
const MOST_CONTAINERS = 20_000;

/**
 * Gathers cgroup paths from the kubelet's cAdvisor metrics: each line of a container names its cgroup in the label `id`.
 * The container's own id is the last part of that path, with the cgroup driver systemd inside a scope's name.
 * Source: google/cadvisor metrics/prometheus.go, kubernetes pkg/kubelet/cm.
 */
export class CgroupGatherer {
  private readonly found = new Map<string, string>();

  /** Takes one line of the text format of Prometheus. */
  take(line: string): void {
    if (this.found.size >= MOST_CONTAINERS || line.startsWith('#')) return;
    const path = labelOf(line, 'id');
    const containerId = path === undefined ? undefined : containerIdOf(path);
    if (path !== undefined && containerId !== undefined && !this.found.has(containerId))
      this.found.set(containerId, path);
  }

  /** Cgroup paths by container id. */
  get paths(): ReadonlyMap<string, string> {
    return this.found;
  }
}

/** The container id in a cgroup path: `/kubepods/pod…/<id>` or `…/cri-containerd-<id>.scope`. */
export function containerIdOf(path: string): string | undefined {
  return /(?:^|[/:-])([0-9a-f]{64})(?:\.scope)?$/.exec(path)?.[1];
}

/** A label's value in a line `metric{a="…",b="…"} value`, with the escapes of the text format undone. */
export function labelOf(line: string, name: string): string | undefined {
  const open = line.indexOf('{');
  if (open < 0) return undefined;
  const label = /\s*([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"\s*,?/y;
  label.lastIndex = open + 1;
  for (let match = label.exec(line); match; match = label.exec(line)) {
    if (match[1] === name) {
      return (match[2] ?? '').replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
    }
  }
  return undefined;
}
