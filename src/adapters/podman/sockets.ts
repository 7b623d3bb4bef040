import { stat } from 'node:fs/promises';
import { errnoOf } from '../../model/problem';

/** A socket on which Podman may serve, and the rule that found it. */
export interface PodmanSocket {
  readonly path: string;
  readonly why: string;
}

/**
 * Finds Podman's sockets by the rules of its clients: a setting, CONTAINER_HOST, this user's own, the system's.
 * Of those found, only what exists (or may not be looked at) is returned: a machine without Podman is no failure.
 * Source: podman-system-service(1), podman-remote(1).
 */
export async function findPodmanSockets(
  env: NodeJS.ProcessEnv,
  settings: readonly string[],
): Promise<readonly PodmanSocket[]> {
  // What the user has named is shown even when it is not there: the reason it is missing is the answer.
  if (settings.length > 0)
    return settings.map((setting) => ({ path: stripScheme(setting), why: 'A setting names it.' }));
  const candidates: PodmanSocket[] = [];
  const host = env.CONTAINER_HOST;
  if (host?.startsWith('unix://')) candidates.push({ path: stripScheme(host), why: 'CONTAINER_HOST names it.' });
  const runtimeDir = env.XDG_RUNTIME_DIR;
  if (runtimeDir)
    candidates.push({ path: `${runtimeDir}/podman/podman.sock`, why: "This user's own Podman serves there." });
  candidates.push({ path: '/run/podman/podman.sock', why: "The system's Podman serves there." });
  const found = new Map<string, PodmanSocket>();
  for (const candidate of candidates) {
    if (await mayExist(candidate.path)) found.set(candidate.path, found.get(candidate.path) ?? candidate);
  }
  return [...found.values()];
}

function stripScheme(address: string): string {
  return address.replace(/^unix:\/\//, '');
}

async function mayExist(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isSocket();
  } catch (error) {
    return errnoOf(error) === 'EACCES';
  }
}
