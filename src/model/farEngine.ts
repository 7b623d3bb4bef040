import type { Container } from './container';

/** Hosts that are this machine. */
const HERE = /^(localhost|127(\.\d+){3}|\[?::1\]?)$/i;

/**
 * The endpoint of the engine that holds a container, when that engine is on another host: then what this machine's files
 * tell is not about the container. Undefined where an engine of this machine holds it too, or none does.
 *
 * A port of this machine may lead anywhere and a socket into a VM: that is not told by the endpoint.
 */
export function farEngineOf({ layers }: Pick<Container, 'layers'>): string | undefined {
  const endpoints = layers.flatMap((id) => (id.startsWith('engine:') ? [id.slice('engine:'.length)] : []));
  const far = endpoints.filter((endpoint) => {
    const [, scheme, rest = ''] = /^(ssh|tcp):\/\/(.*)$/.exec(endpoint) ?? [];
    const [authority = ''] = rest.split('/');
    const host = authority.slice(authority.indexOf('@') + 1).replace(/:\d+$/, '');
    return scheme !== undefined && !HERE.test(host);
  });
  return far.length > 0 && far.length === endpoints.length ? far[0] : undefined;
}

/** What would show such a container wholly. */
export function farRemedy(endpoint: string): string {
  return endpoint.startsWith('ssh://')
    ? 'Open that host with Remote - SSH: then the explorer runs there and sees everything.'
    : 'Run the explorer on that host: by Remote - SSH, or in a dev container there.';
}
