import { RuntimeError } from '../../model/problem';
import { findDockerEndpoints, type EndpointSources } from '../docker/endpoints';

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
