import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { RuntimeError } from '../../model/problem';
import { findContainerdSockets, type SocketSources } from '../containerd/sockets';
import { findDockerEndpoints, type EndpointSources } from '../docker/endpoints';
import { readProcessTable } from '../kernel/procTable';

/** The socket of the engine that the docker command line uses. @throws RuntimeError when it is not on this machine's own */
export async function currentEngineSocket(sources: EndpointSources): Promise<string> {
  const what = 'Recording API calls';
  if (process.platform === 'win32')
    throw new RuntimeError({
      code: 'unsupported',
      what,
      reason: 'It needs unix sockets, which Windows engines do not use.',
    });
  const { endpoints } = await findDockerEndpoints(sources);
  const current = endpoints.find((endpoint) => endpoint.current);
  if (current?.address?.kind === 'unix') return current.address.path;
  throw new RuntimeError({
    code: 'unsupported',
    what,
    reason: `The engine that docker commands use (${current?.url ?? 'none'}) is not on a unix socket of this machine.`,
    remedy: 'Choose an engine on a unix socket: docker context use default.',
  });
}

/**
 * The socket of the containerd that ctr and its like use: the first that is there, as the containerd adapter finds them.
 *
 * @throws RuntimeError when there is none, or this user must not connect to it
 */
export async function currentContainerdSocket(sources: SocketSources): Promise<string> {
  const what = 'Recording calls to containerd';
  const sockets = await findContainerdSockets(await readProcessTable(), sources);
  const found = sockets.find(({ exists }) => exists);
  if (!found) throw new RuntimeError({ code: 'absent', what, reason: 'No socket of a containerd was found.' });
  await access(found.path, constants.R_OK | constants.W_OK).catch((error: unknown) => {
    throw RuntimeError.from(error, what);
  });
  return found.path;
}
