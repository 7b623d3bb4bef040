import { join } from 'node:path';
import { visible } from '../../util/text';
import { readClientConfig } from './contexts';
import type { EngineElsewhere } from './elsewhere';
import {
  currentContext,
  fromContext,
  fromText,
  withProgram,
  type DockerEndpoint,
  type EndpointSources,
} from './endpoints';

/** An endpoint that leads away from this machine, as a host of its own. */
export interface FarEndpoint {
  /** The context's name, or the address. */
  readonly name: string;
  readonly endpoint: DockerEndpoint;
  /** As the user added it; absent when a context names it. */
  readonly added?: string;
}

export interface FarEndpointSources extends EndpointSources {
  /** What the user added, as clients write it. */
  readonly added: readonly string[];
  /** Engines at sockets that were found here, and that run elsewhere. */
  readonly elsewhere?: readonly EngineElsewhere[];
}

/**
 * Finds the engines that are looked at as hosts of their own: what the user added, and the contexts of the docker command line
 * that are not the current one and lead over TCP or ssh. Sockets are this machine's (`findDockerEndpoints`) until their engines
 * are known to run elsewhere. Where the user has set which endpoints to use, contexts count as little as they do there. Reads
 * files, and dials nobody.
 */
export async function findFarEndpoints(sources: FarEndpointSources): Promise<readonly FarEndpoint[]> {
  const { env, home, settings, programs, added, elsewhere = [] } = sources;
  const config = await readClientConfig(env.DOCKER_CONFIG || join(home, '.docker'));
  const { name: current } = currentContext(env, config);
  const contexts = settings.length > 0 ? [] : config.contexts.filter(({ name }) => name !== current);
  const found: FarEndpoint[] = [
    ...added.map((text, index) => {
      const endpoint = fromText(text, { why: `You added it (entry ${index + 1}).`, current: false });
      return { name: endpoint.url, endpoint, added: text };
    }),
    ...contexts
      .map((context) => ({
        name: visible(context.name, 100),
        endpoint: fromContext(context, `The context ${visible(context.name)} names it.`, false),
      }))
      .filter(({ endpoint: { address } }) => address !== undefined && address.kind !== 'unix'),
    ...elsewhere
      // As a host of its own it is one that must answer.
      .map(({ endpoint, why }) => ({ ...endpoint, why: `${endpoint.why} ${why}`, named: true }))
      .map((endpoint) => ({ name: endpoint.context ?? endpoint.url, endpoint })),
  ];
  return found.map((one) => ({ ...one, endpoint: withProgram(one.endpoint, programs) }));
}
