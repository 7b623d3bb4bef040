import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { AwaitedProgram } from '../../model/layer';
import { visible } from '../../util/text';
import { addressText, parseDockerAddress, type DockerAddress } from './address';
import { sshArgv, sshFingerprint } from './ssh';
import { readClientConfig, type ClientConfig, type DockerContext } from './contexts';
import { existing, usualSockets } from './usualSockets';

/** A Docker endpoint, and the rule that found it. */
export interface DockerEndpoint {
  /** Its text as clients write it, or a name for one that was refused. */
  readonly url: string;
  /** Absent when the text that named it was refused; `refused` says why. */
  readonly address?: DockerAddress;
  readonly refused?: string;
  /** The rule, for people: "DOCKER_HOST names it." */
  readonly why: string;
  /** True when somebody named it: then it is a fault when nothing is there, and otherwise it is not. */
  readonly named: boolean;
  /** True for the one that the docker command line would use. */
  readonly current: boolean;
  /** The context that names it, for people. */
  readonly context?: string;
  /** Device and inode of its socket, where there is one: another file at the same path is another listener. */
  readonly file?: string;
  /** The folder with ca.pem, cert.pem and key.pem. */
  readonly tlsFolder?: string;
  readonly skipTlsVerify?: boolean;
  /** The program by which it is reached; it runs only when the user has allowed it. */
  readonly program?: AwaitedProgram & { readonly allowed: boolean };
}

export interface EndpointSources {
  /** The programs that the user has allowed; absent: none. */
  readonly programs?: {
    /** Something that other machines do not have. */
    readonly machine: string;
    readonly isAllowed: (fingerprint: string) => boolean;
  };
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
export async function findDockerEndpoints({ env, home, settings, programs }: EndpointSources): Promise<FoundEndpoints> {
  const folder = env.DOCKER_CONFIG || join(home, '.docker');
  const config = await readClientConfig(folder);
  const { name, because } = currentContext(env, config);
  const candidates =
    settings.length > 0
      ? settings.map((text, index) =>
          fromText(text, { why: `A setting names it (entry ${index + 1}).`, current: index === 0 }),
        )
      : await foundCandidates(env, home, config, name, because, folder);
  const byUrl = new Map<string, DockerEndpoint>();
  for (const candidate of candidates.map((found) => withProgram(found, programs))) {
    const identity = await identityOf(candidate);
    if (!byUrl.has(identity)) byUrl.set(identity, { ...candidate, file: identity });
  }
  return { endpoints: [...byUrl.values()], config, currentContext: name, currentBecause: because };
}

/** An engine behind ssh is reached by a program, which runs only once the user has seen its line and allowed it. */
export function withProgram(endpoint: DockerEndpoint, programs: EndpointSources['programs']): DockerEndpoint {
  if (endpoint.address?.kind !== 'ssh') return endpoint;
  const argv = sshArgv(endpoint.address);
  const fingerprint = sshFingerprint(programs?.machine ?? '', argv);
  return { ...endpoint, program: { argv, fingerprint, allowed: programs?.isAllowed(fingerprint) ?? false } };
}

/** Source: docker/cli resolveContextName. */
export function currentContext(env: NodeJS.ProcessEnv, config: ClientConfig): { name: string; because: string } {
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
  folder: string,
): Promise<DockerEndpoint[]> {
  const first = currentEndpoint(env, config, current, because, folder);
  // Other contexts may lead to far machines, which are hosts of their own: farEndpoints.ts.
  const others = config.contexts
    .filter((context) => context.name !== current)
    .map((context) => ({
      ...fromContext(context, `The context ${visible(context.name)} names it.`, false),
      named: false,
    }))
    .filter(({ address }) => address?.kind === 'unix');
  const known = [...(await existing([DEFAULT_SOCKET])), ...(await usualSockets(env, home))];
  return [first, ...others, ...known.map((socket) => fromText(`unix://${socket}`, USUAL))];
}

function currentEndpoint(
  env: NodeJS.ProcessEnv,
  config: ClientConfig,
  current: string,
  because: string,
  folder: string,
): DockerEndpoint {
  if (env.DOCKER_HOST) return fromHostVariable(env, env.DOCKER_HOST, folder);
  if (current === 'default')
    return fromText(`unix://${DEFAULT_SOCKET}`, { why: 'The default place.', current: true, named: false });
  const context = config.contexts.find(({ name }) => name === current);
  if (context) return fromContext(context, `The context ${visible(context.name)} names it. ${because}`, true);
  return {
    url: `context ${visible(current)}`,
    refused: 'There is no context of this name.',
    why: because,
    named: true,
    current: true,
  };
}

/** Source: docker/cli cli/flags/options.go: either variable means TLS, only the first means that the server is verified. */
function fromHostVariable(env: NodeJS.ProcessEnv, text: string, folder: string): DockerEndpoint {
  const verify = Boolean(env.DOCKER_TLS_VERIFY);
  const tls = verify || Boolean(env.DOCKER_TLS);
  const endpoint = fromText(text, { why: 'DOCKER_HOST names it.', current: true, tls });
  return tls ? { ...endpoint, tlsFolder: env.DOCKER_CERT_PATH || folder, skipTlsVerify: !verify } : endpoint;
}

export function fromContext(context: DockerContext, why: string, current: boolean): DockerEndpoint {
  const { host, name, tlsFolder, skipTlsVerify } = context;
  // Source: docker/cli cli/context/docker/load.go: TLS is spoken when there are files for it, or when it is not verified.
  const tls = tlsFolder !== undefined || skipTlsVerify;
  return {
    ...fromText(host, { why, current, tls }),
    context: visible(name, 100),
    skipTlsVerify,
    ...(tlsFolder === undefined ? {} : { tlsFolder }),
  };
}

interface Origin {
  readonly why: string;
  readonly current: boolean;
  /** True unless told otherwise. */
  readonly named?: boolean;
  readonly tls?: boolean;
}

const USUAL: Origin = { why: 'A usual place.', current: false, named: false };

export function fromText(text: string, { why, current, named = true, tls = false }: Origin): DockerEndpoint {
  const parsed = parseDockerAddress(text, tls);
  const origin = { why, current, named };
  // What was refused is not repeated; the rule that named it tells it from others.
  if ('refused' in parsed) return { url: `refused: ${why}`, refused: parsed.refused, ...origin };
  return { url: addressText(parsed.address), address: parsed.address, ...origin };
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
