import { readlink } from 'node:fs/promises';
import * as path from 'node:path';
import type { Container } from '../../model/container';
import type { ProcessRecord, ProcessTable } from '../../model/process';

/** A running containerd shim, as its command line tells. */
export interface ShimProcess {
  readonly process: ProcessRecord;
  readonly namespace: string;
  /** The id of the first container it was started for: for a pod, the sandbox's. */
  readonly id: string;
  /** `io.containerd.runc.v2`, from the program's name. */
  readonly runtimeName?: string;
}

/** All containerd shims among the processes. Source: containerd cmd/containerd-shim-runc-v2, `-namespace`, `-id`. */
export function shimsIn(processes: ProcessTable): ShimProcess[] {
  const shims: ShimProcess[] = [];
  for (const process of processes.byPid.values()) {
    const program = path.basename(process.argv[0] ?? '');
    if (!program.startsWith('containerd-shim')) continue;
    const namespace = valueOf(process.argv, 'namespace');
    const id = valueOf(process.argv, 'id');
    if (!namespace || !id) continue;
    const runtimeName = runtimeNameOf(program);
    shims.push({ process, namespace, id, ...(runtimeName ? { runtimeName } : {}) });
  }
  return shims;
}

/** containerd-shim-runc-v2 → io.containerd.runc.v2. Source: containerd pkg/shim BinaryName, inverted. */
export function runtimeNameOf(shimProgram: string): string | undefined {
  const match = /^containerd-shim-(.+)-(v\d+)$/.exec(path.basename(shimProgram));
  return match ? `io.containerd.${match[1]}.${match[2]}` : undefined;
}

/** The shim that serves a container: its init's parent, or the one that names the container or its sandbox. */
export function shimOf(container: Container, processes: ProcessTable): ShimProcess | undefined {
  const shims = shimsIn(processes);
  const namespace = namespaceOf(container);
  const inNamespace = shims.filter((shim) => namespace === undefined || shim.namespace === namespace);
  for (const { initPid } of container.sightings) {
    const parent = initPid === undefined ? undefined : processes.byPid.get(initPid)?.parentPid;
    const found = inNamespace.find((shim) => shim.process.pid === parent);
    if (found) return found;
  }
  const named = inNamespace.filter((shim) => shim.id === container.runtimeId || shim.id === container.sandbox?.id);
  return named.length === 1 ? named[0] : undefined;
}

/** The containerd namespace that the container's sightings name. */
export function namespaceOf(container: Container): string | undefined {
  return container.sightings.find((sighting) => sighting.containerdNamespace !== undefined)?.containerdNamespace;
}

/** The folder that holds the bundles of a shim's namespace: a shim works in its first bundle. Undefined unless it may be seen. */
export async function bundlesFolderOf(shim: ShimProcess, procRoot: string): Promise<string | undefined> {
  try {
    const bundle = await readlink(path.join(procRoot, String(shim.process.pid), 'cwd'));
    // A bundle that was removed meanwhile reads "… (deleted)"; its parent is right still.
    return path.isAbsolute(bundle) ? path.dirname(bundle) : undefined;
  } catch {
    return undefined;
  }
}

/** The value of `-name value` or `--name=value`. */
function valueOf(argv: readonly string[], name: string): string | undefined {
  const index = argv.findIndex((argument) => argument === `-${name}` || argument === `--${name}`);
  if (index > 0) return argv[index + 1];
  const joined = argv.find((argument) => /^--?/.test(argument) && argument.replace(/^--?/, '').startsWith(`${name}=`));
  return joined?.slice(joined.indexOf('=') + 1);
}
