import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import * as path from 'node:path';
import { createDockerAdapter } from './adapters/docker/adapter';
import type { EngineElsewhere } from './adapters/docker/elsewhere';
import type { DockerEndpoint, FoundEndpoints } from './adapters/docker/endpoints';
import { findFarEndpoints, type FarEndpoint } from './adapters/docker/farEndpoints';
import { createDockerTopAdapter } from './adapters/docker/top';
import { observeFar } from './adapters/trace/observe';
import { buildApiCalls } from './model/apiCalls/chain';
import { tableOf } from './model/process';
import type { FarParts, FoundHost } from './store/farHost';
import { FarHosts } from './store/farHosts';
import { Inspector } from './store/inspector';
import { LiveStore } from './store/liveStore';
import { SpecMemory } from './store/specMemory';

export interface FarHostSettings {
  /** Where this machine's engines are, when the user says so: then contexts do not count. */
  readonly dockerEndpoints: readonly string[];
  /** Endpoints that the user added as hosts. */
  readonly addedHosts: readonly string[];
  /** Names of hosts that are not to be shown. */
  readonly hiddenHosts: readonly string[];
}

export interface FarHostOptions {
  /** Read whenever hosts are looked for, so that a changed setting needs no restart. */
  readonly settings: () => FarHostSettings;
  readonly env: NodeJS.ProcessEnv;
  /** The folder of the built worker files. */
  readonly workerFolder: string;
  /** Something that other machines do not have. */
  readonly machineId: () => Promise<string>;
  /** Engines at sockets that were found on this machine, and that run elsewhere. */
  readonly elsewhere: () => readonly EngineElsewhere[];
  /** Whether the user has allowed the ssh of this fingerprint. */
  readonly isProgramAllowed: (fingerprint: string) => boolean;
}

/**
 * The live hosts beside this machine: contexts and sockets that lead elsewhere, and what the user added. Of each only its engine can be
 * asked, so that is all its store is made of. Nothing is dialled before a host is asked for.
 */
export function createFarHosts(options: FarHostOptions): FarHosts {
  const { settings, env, machineId, isProgramAllowed } = options;
  return new FarHosts(async () => {
    const { dockerEndpoints, addedHosts, hiddenHosts } = settings();
    const found = await findFarEndpoints({
      env,
      home: env.HOME ?? homedir(),
      settings: dockerEndpoints,
      added: addedHosts,
      elsewhere: options.elsewhere(),
      programs: { machine: await machineId(), isAllowed: isProgramAllowed },
    });
    const hidden = new Set(hiddenHosts);
    return found.filter(({ name }) => !hidden.has(name)).map((one) => hostOf(one, options));
  });
}

function hostOf({ name, endpoint, added }: FarEndpoint, options: FarHostOptions): FoundHost {
  const key = createHash('sha256').update(`${name}\n${endpoint.url}`).digest('hex').slice(0, 12);
  const about = { key, name, endpoint: endpoint.url, why: endpoint.why, ...(added === undefined ? {} : { added }) };
  return { about, build: () => partsOf(endpoint, options) };
}

function partsOf(endpoint: DockerEndpoint, { workerFolder, isProgramAllowed }: FarHostOptions): FarParts {
  const docker = createDockerAdapter({
    endpoints: () => Promise.resolve(alone(withPermission(endpoint, isProgramAllowed))),
    workerFile: path.join(workerFolder, 'eventsWorker.js'),
    showsClients: false,
  });
  const dockerTop = createDockerTopAdapter({ clientOf: (layerIds) => docker.clientOf(layerIds) });
  const store = new LiveStore({
    adapters: [docker],
    inspector: new Inspector([[docker], [dockerTop]], new SpecMemory(), (container, facts) =>
      buildApiCalls({ container, facts }),
    ),
    // The processes of this machine are none of another host's.
    readProcesses: () => Promise.resolve(tableOf([])),
  });
  return { store, observe: ({ facts }) => Promise.resolve(observeFar(facts)) };
}

/** As it is at this moment: the user may have allowed or forgotten the program since it was found. */
function withPermission(endpoint: DockerEndpoint, isAllowed: (fingerprint: string) => boolean): DockerEndpoint {
  const { program } = endpoint;
  return program ? { ...endpoint, program: { ...program, allowed: isAllowed(program.fingerprint) } } : endpoint;
}

function alone(endpoint: DockerEndpoint): FoundEndpoints {
  return {
    endpoints: [endpoint],
    config: { currentContext: undefined, contexts: [], problems: [] },
    currentContext: '',
    currentBecause: '',
  };
}
