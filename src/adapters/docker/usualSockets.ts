import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../../model/problem';

/** More machines of one kind than this are no workplace. */
const MOST_MACHINES = 32;

/**
 * The sockets at usual places that exist, or may not be looked at: of rootless engines, and those by which programs that
 * run engines in VMs pass them on. Where one leads is told by its engine alone: elsewhere.ts.
 *
 * Sources: rootless docs; documentation of Docker Desktop, Colima, OrbStack, Rancher Desktop and Lima (one socket for each
 * profile or instance); Podman pkg/machine (`podman machine inspect`, ConnectionInfo.PodmanSocket).
 */
export async function usualSockets(env: NodeJS.ProcessEnv, home: string): Promise<string[]> {
  const runtimeDir = env.XDG_RUNTIME_DIR;
  const machines = await Promise.all([
    inEach(join(home, '.colima'), (name) => `${name}/docker.sock`),
    inEach(join(home, '.lima'), (name) => `${name}/sock/docker.sock`),
    // Podman's machines, which speak Docker's API too. The folder for temporary files is the user's own on macOS alone.
    runtimeDir ? inEach(join(runtimeDir, 'podman'), apiSocket) : [],
    process.platform === 'darwin' && env.TMPDIR ? inEach(join(env.TMPDIR, 'podman'), apiSocket) : [],
  ]);
  return existing([
    ...(runtimeDir ? [join(runtimeDir, 'docker.sock')] : []),
    join(home, '.docker/run/docker.sock'),
    join(home, '.docker/desktop/docker.sock'),
    join(home, '.orbstack/run/docker.sock'),
    join(home, '.rd/docker.sock'),
    join(home, '.local/share/containers/podman/machine/podman.sock'),
    ...machines.flat(),
  ]);
}

export async function existing(sockets: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    sockets.map(async (socket) =>
      stat(socket).then(
        (status) => status.isSocket(),
        (error: unknown) => errnoOf(error) === 'EACCES',
      ),
    ),
  );
  return sockets.filter((_, index) => found[index]);
}

function apiSocket(name: string): string | undefined {
  return name.endsWith('-api.sock') ? name : undefined;
}

/** A path for each entry of a folder; none where there is no folder. */
async function inEach(folder: string, pathOf: (name: string) => string | undefined): Promise<string[]> {
  const names = await readdir(folder).catch((): string[] => []);
  return names
    .sort()
    .slice(0, MOST_MACHINES)
    .flatMap((name) => {
      const path = pathOf(name);
      return path === undefined ? [] : [join(folder, path)];
    });
}
