/** One line of /proc/PID/cgroup. Source: cgroups(7). */
export interface CgroupLine {
  readonly hierarchy: number;
  /** As the kernel prints it: `cpu,cpuacct`, `name=systemd`, `` for v2. */
  readonly controllers: string;
  readonly path: string;
}

/** Reads /proc/PID/cgroup; lines of another form are left out. */
export function parseCgroup(text: string): readonly CgroupLine[] {
  return text.split('\n').flatMap((line) => {
    const match = /^(\d+):([^:]*):(\/.*)$/.exec(line);
    return match ? [{ hierarchy: Number(match[1]), controllers: match[2] ?? '', path: match[3] ?? '/' }] : [];
  });
}

/**
 * The container id in a cgroup path: the last component that is an id, or is one with an engine's prefix and `.scope`.
 * A nested path holds several; the last is the innermost container. Conmon's own scopes are no containers.
 * Source of the forms: facts of moby, containerd's CRI, CRI-O, Podman and nerdctl.
 */
export function containerIdIn(path: string): string | undefined {
  return innermostContainer(path)?.id;
}

/**
 * The cgroup that was made for the container, of a path that may lead deeper: crun puts the payload into `container` below
 * it, systemd as PID 1 into `init.scope`. Limits stand there, and all processes are there or below. A path without an id
 * is answered as it is. Source: crun src/libcrun/cgroup-systemd.c.
 */
export function containerCgroupOf(path: string): string {
  const found = innermostContainer(path);
  return found ? found.components.slice(0, found.index + 1).join('/') : path;
}

function innermostContainer(
  path: string,
): { readonly id: string; readonly components: readonly string[]; readonly index: number } | undefined {
  const components = path.split('/');
  for (let index = components.length - 1; index >= 0; index--) {
    const id =
      /^(?:(?:docker|cri-containerd|crio|libpod|nerdctl|runc|crun|libpod-payload)-)?([0-9a-f]{64})(?:\.scope)?$/.exec(
        components[index] ?? '',
      )?.[1];
    if (id !== undefined) return { id, components, index };
  }
  return undefined;
}

/** The last component of a path, for ids that people chose: `ctr run … web` sits in `/default/web`. */
export function lastComponent(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
