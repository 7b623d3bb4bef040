import { lstat } from '../../util/files';
import * as path from 'node:path';
import { RuntimeError, type Problem } from '../../model/problem';
import { parseJsonExact } from '../../util/json';
import { asString, memberAt } from '../../util/records';
import { isFileName, readBelow, type ReadFile } from './safeRead';

/** The folder of an OCI bundle: `folder`/`name`. */
export interface BundlePlace {
  readonly folder: string;
  readonly name: string;
  /** How we came to it, for people. */
  readonly reason: string;
}

/** A bundle that is there. */
export interface FoundBundle extends BundlePlace {
  readonly path: string;
}

/** Source: containerd core/runtime/v2, plugin id of the task manager. */
export const TASKS = 'io.containerd.runtime.v2.task';

/** Usual `state` folders of containerds. Sources: containerd, moby, k3s and RKE2. */
const STATE_FOLDERS = ['/run/containerd', '/run/docker/containerd/daemon', '/run/k3s/containerd'];

/** The places where containerd keeps the bundle of a container, unless told another state folder. */
export function usualPlaces(namespace: string, id: string): BundlePlace[] {
  if (!isFileName(namespace)) return [];
  return STATE_FOLDERS.map((state) => ({
    folder: path.join(state, TASKS, namespace),
    name: id,
    reason: 'where containerd keeps bundles by default',
  }));
}

/**
 * The first of the places where a bundle is. The folders above a bundle may be passed by everybody, so this needs no
 * rights; reading what is in it does.
 */
export async function findBundle(places: readonly BundlePlace[]): Promise<FoundBundle | undefined> {
  for (const place of places) {
    if (!isFileName(place.name)) continue;
    const bundle = path.join(place.folder, place.name);
    try {
      const found = await lstat(bundle);
      if (found.isDirectory() && isTrusted(found)) return { ...place, path: bundle };
    } catch {
      // Not here: the next place.
    }
  }
  return undefined;
}

/** A bundle is its daemon's: root's or our own, and nobody else may write in it. */
function isTrusted(folder: { uid: number; mode: number }): boolean {
  return (folder.uid === 0 || folder.uid === process.getuid?.()) && (folder.mode & 0o002) === 0;
}

/** Reads one file of a bundle; a Problem says why it cannot be had. */
export async function readInBundle(bundle: BundlePlace, file: string): Promise<ReadFile | Problem> {
  try {
    return await readBelow(bundle.folder, [bundle.name, file]);
  } catch (error) {
    return RuntimeError.from(error, `Reading ${path.join(bundle.folder, bundle.name, file)}`).problem;
  }
}

/** The small files of a containerd bundle. What is absent is not there, or could not be read. */
export interface BundleFiles {
  /** Where the shim serves, with the task API's version. Source: bootstrap.json (2.x) or address. */
  readonly shimAddress?: { readonly address: string; readonly version: 2 | 3 };
  /** Init's PID, as decimal text in the shim's PID namespace. */
  readonly initPid?: number;
  /** The OCI runtime's binary; the default, runc, when the file is empty. */
  readonly runtime?: string;
  /** The value of --root without the namespace. */
  readonly root?: string;
  readonly systemdCgroup?: boolean;
  readonly shimBinary?: string;
}

/** Reads what tells of the shim and the runtime. Never rejects. */
export async function readBundleFiles(bundle: BundlePlace): Promise<BundleFiles> {
  const read = async (file: string): Promise<string | undefined> => {
    const found = await readInBundle(bundle, file);
    return 'code' in found ? undefined : found.text;
  };
  const [bootstrap, address, initPid, runtime, options, shimBinary] = await Promise.all(
    ['bootstrap.json', 'address', 'init.pid', 'runtime', 'options.json', 'shim-binary-path'].map(read),
  );
  const shimAddress = shimAddressOf(bootstrap, address);
  const parsed = options === undefined ? undefined : jsonOrUndefined(options);
  const binary = runtime?.trim() || asString(memberAt(parsed, 'binary_name'));
  const root = asString(memberAt(parsed, 'root'));
  const pid = /^\d{1,10}$/.test(initPid?.trim() ?? '') ? Number(initPid) : undefined;
  return {
    ...(shimAddress ? { shimAddress } : {}),
    ...(pid ? { initPid: pid } : {}),
    ...(runtime === undefined && options === undefined ? {} : { runtime: binary || 'runc' }),
    ...(root ? { root } : {}),
    ...(parsed === undefined ? {} : { systemdCgroup: memberAt(parsed, 'systemd_cgroup') === true }),
    ...(shimBinary?.trim() ? { shimBinary: shimBinary.trim() } : {}),
  };
}

/** Source: containerd core/runtime/v2: `{"version":3,"address":"unix://…","protocol":"ttrpc"}`, or the plain address. */
export function shimAddressOf(
  bootstrap: string | undefined,
  address: string | undefined,
): BundleFiles['shimAddress'] | undefined {
  const parsed = bootstrap === undefined ? undefined : jsonOrUndefined(bootstrap);
  const fromBootstrap = asString(memberAt(parsed, 'address'));
  if (fromBootstrap && memberAt(parsed, 'protocol') !== 'grpc') {
    return { address: fromBootstrap, version: memberAt(parsed, 'version') === 3 ? 3 : 2 };
  }
  const plain = address?.trim();
  return plain ? { address: plain, version: 2 } : undefined;
}

function jsonOrUndefined(text: string): unknown {
  try {
    return parseJsonExact(text);
  } catch {
    return undefined;
  }
}
