import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../../model/problem';
import { addressText, parseDockerAddress, type DockerAddress } from './address';
import { readClientConfig, type ClientConfig, type DockerContext } from './contexts';

/** A Docker endpoint, and the rule that found it. */
export interface DockerEndpoint {
  /** Its text as clients write it, or a name for one that was refused. */
  readonly url: string;
  /** Absent when the text that named it was refused; `refused` says why. */
  readonly address?: DockerAddress;
  readonly refused?: string;
  /** The rule, for people: "DOCKER_HOST names it." */
  readonly why: string;
  /** True for the one that the docker command line would use. */
  readonly current: boolean;
  /** The folder with ca.pem, cert.pem and key.pem. */
  readonly tlsFolder?: string;
  readonly skipTlsVerify?: boolean;
}

export interface EndpointSources {
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  /** What the user has set; when there is any, only these are used. */
  readonly settings: readonly string[];
}

/** What was found, and what the client's files say, for the layer of clients. */
export interface FoundEndpoints {
  readonly endpoints: readonly DockerEndpoint[];
  readonly config: ClientConfig;
  /** The name of the context that the docker command line would use. */
  readonly currentContext: string;
  /** Why that one. */
  readonly currentBecause: string;
}

/** Source: docker/cli cli/command/cli.go, DefaultDockerHost. */
const DEFAULT_SOCKET = '/var/run/docker.sock';

/**
 * Finds the endpoints by the rules of the docker command line (settings of ours first): DOCKER_HOST, DOCKER_CONTEXT, the
 * current context of config.json, the default socket; then the sockets of rootless and desktop engines that exist.
 */
export async function findDockerEndpoints({ env, home, settings }: EndpointSources): Promise<FoundEndpoints> {
  const folder = env.DOCKER_CONFIG || join(home, '.docker');
  const config = await readClientConfig(folder);
  const { name, because } = currentContext(env, config);
  const candidates =
    settings.length > 0
      ? settings.map((text, index) => fromText(text, 'A setting names it.', index === 0))
      : await foundCandidates(env, home, config, name, because);
  const byUrl = new Map<string, DockerEndpoint>();
  for (const candidate of candidates) {
    const identity = await identityOf(candidate);
    if (!byUrl.has(identity)) byUrl.set(identity, candidate);
  }
  return { endpoints: [...byUrl.values()], config, currentContext: name, currentBecause: because };
}

/** Source: docker/cli resolveContextName. */
function currentContext(env: NodeJS.ProcessEnv, config: ClientConfig): { name: string; because: string } {
  if (env.DOCKER_HOST) return { name: 'default', because: 'DOCKER_HOST is set and beats every context.' };
  if (env.DOCKER_CONTEXT) return { name: env.DOCKER_CONTEXT, because: 'DOCKER_CONTEXT names it.' };
  if (config.currentContext)
    return { name: config.currentContext, because: "currentContext of the client's config.json names it." };
  return { name: 'default', because: 'Nothing names another.' };
}

async function foundCandidates(
  env: NodeJS.ProcessEnv,
  home: string,
  config: ClientConfig,
  current: string,
  because: string,
): Promise<DockerEndpoint[]> {
  const first = currentEndpoint(env, config, current, because);
  const others = config.contexts
    .filter((context) => context.name !== current)
    .map((context) => fromContext(context, `The context ${context.name} names it.`, false));
  const known = await existing([DEFAULT_SOCKET, ...wellKnownSockets(env, home)]);
  return [first, ...others, ...known.map((socket) => fromText(`unix://${socket}`, 'A usual place.', false))];
}

function currentEndpoint(
  env: NodeJS.ProcessEnv,
  config: ClientConfig,
  current: string,
  because: string,
): DockerEndpoint {
  if (env.DOCKER_HOST) {
    const tls = Boolean(env.DOCKER_TLS_VERIFY);
    const endpoint = fromText(env.DOCKER_HOST, 'DOCKER_HOST names it.', true, tls);
    return tls && env.DOCKER_CERT_PATH ? { ...endpoint, tlsFolder: env.DOCKER_CERT_PATH } : endpoint;
  }
  if (current === 'default') return fromText(`unix://${DEFAULT_SOCKET}`, 'The default place.', true);
  const context = config.contexts.find(({ name }) => name === current);
  if (context) return fromContext(context, `The context ${context.name} names it. ${because}`, true);
  return { url: `context ${current}`, refused: 'There is no context of this name.', why: because, current: true };
}

/** Sources: rootless docs; Docker Desktop, Colima, OrbStack, Rancher Desktop documentation. */
function wellKnownSockets(env: NodeJS.ProcessEnv, home: string): string[] {
  const runtimeDir = env.XDG_RUNTIME_DIR;
  return [
    ...(runtimeDir ? [join(runtimeDir, 'docker.sock')] : []),
    join(home, '.docker/run/docker.sock'),
    join(home, '.docker/desktop/docker.sock'),
    join(home, '.colima/default/docker.sock'),
    join(home, '.orbstack/run/docker.sock'),
    join(home, '.rd/docker.sock'),
  ];
}

async function existing(sockets: readonly string[]): Promise<string[]> {
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

function fromContext(context: DockerContext, why: string, current: boolean): DockerEndpoint {
  const tls = context.host.startsWith('tcp://') && !context.host.endsWith(':2375');
  return {
    ...fromText(context.host, why, current, tls),
    tlsFolder: context.tlsFolder,
    skipTlsVerify: context.skipTlsVerify,
  };
}

function fromText(text: string, why: string, current: boolean, tls = false): DockerEndpoint {
  const parsed = parseDockerAddress(text, tls);
  if ('refused' in parsed) return { url: 'an address that was refused', refused: parsed.refused, why, current };
  return { url: addressText(parsed.address), address: parsed.address, why, current };
}

/** Device and inode of a socket: /run and /var/run are one folder, so two texts may be one endpoint. */
async function identityOf(endpoint: DockerEndpoint): Promise<string> {
  if (endpoint.address?.kind !== 'unix') return `${endpoint.url} ${endpoint.refused ?? ''}`;
  try {
    const found = await stat(endpoint.address.path);
    return `inode ${found.dev}:${found.ino}`;
  } catch {
    return endpoint.url.replace('unix:///var/run/', 'unix:///run/');
  }
}
