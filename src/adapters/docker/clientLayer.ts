import type { Sighting } from '../../model/container';
import { known } from '../../model/fact';
import type { LayerDetail, LayerReport } from '../../model/layer';
import { counted, visible } from '../../util/text';
import { addressText, parseDockerAddress } from './address';
import type { FoundEndpoints } from './endpoints';

/** The topmost layer: the clients' own configuration, which decides what `docker` talks to. It knows no containers. */
export function clientLayer(
  { config, currentContext, currentBecause, endpoints }: FoundEndpoints,
  sightings: readonly Sighting[],
): LayerReport {
  const source = "The Docker client's config.json and contexts";
  const how = 'docker context ls';
  const row = (label: string, value: string): LayerDetail => ({ label, fact: known('derived', value, source, how) });
  const projects = new Set(sightings.flatMap((one) => one.labels?.get('com.docker.compose.project') ?? []));
  const current = endpoints.find((endpoint) => endpoint.current);
  return {
    id: 'client',
    kind: 'client',
    name: 'Clients',
    status: config.problems.length > 0 ? 'partly' : 'ok',
    ...(config.problems.length > 0
      ? {
          problem: {
            code: 'malformed' as const,
            what: "Reading the Docker client's configuration",
            reason: config.problems.join(' '),
            remedy: 'Correct or remove these files.',
          },
        }
      : {}),
    ...(current ? { endpoint: current.url } : {}),
    details: [
      row('Current context', `${visible(currentContext, 100)}: ${currentBecause}`),
      row('Current endpoint', current?.url ?? 'none'),
      ...config.contexts.map((context) => row(`Context ${visible(context.name, 100)}`, hostOf(context.host))),
      ...(projects.size > 0
        ? [row('Compose projects', `${counted(projects.size, 'project')}: ${[...projects].sort().join(', ')}`)]
        : []),
    ],
  };
}

/** What a context says is shown only when it is an address: others may hold a password. */
function hostOf(text: string): string {
  const parsed = parseDockerAddress(text);
  return 'address' in parsed ? addressText(parsed.address) : `Refused: ${parsed.refused}`;
}
