import type { Sighting } from '../../model/container';
import { known, unknownFrom, type UnknownFact } from '../../model/fact';
import type { Findings } from '../../model/inspection';
import type { LayerDetail, LayerReport } from '../../model/layer';
import { RuntimeError } from '../../model/problem';
import type { Disposable } from '../../util/disposables';
import type { Hint, InspectContext, LookContext, Report, RuntimeAdapter } from '../adapter';
import { DockerClient, engineVersion } from './client';
import { clientLayer } from './clientLayer';
import type { DockerEndpoint, FoundEndpoints } from './endpoints';
import { EventStreams } from './events';
import { inspectWith } from './inspect';
import { containerdNamespace, engineDetails, normalizeList } from './normalize';

export interface DockerOptions {
  /** Finds the endpoints anew at every look. */
  readonly endpoints: () => Promise<FoundEndpoints>;
  /** The built file of eventsWorker.ts. */
  readonly workerFile: string;
}

/** One engine that is being talked to, and what it says of itself while it stays the same. */
interface Engine {
  readonly client: DockerClient;
  info: unknown;
  version: unknown;
  /** Why info or version is not known. */
  silent: UnknownFact | undefined;
}

/** Docker engines, and the clients' own configuration. */
export class DockerAdapter implements RuntimeAdapter {
  readonly id = 'docker';
  private readonly engines = new Map<string, Engine>();
  private readonly streams: EventStreams;

  constructor(private readonly options: DockerOptions) {
    this.streams = new EventStreams(options.workerFile);
  }

  async look(_context: LookContext, signal?: AbortSignal): Promise<Report> {
    const found = await this.options.endpoints();
    this.forgetOthers(found.endpoints);
    const reports = await Promise.all(found.endpoints.map((endpoint) => this.lookAt(endpoint, signal)));
    // A usual place without an engine is worth a row only when there is no engine at all.
    const answered = reports.some((report) => report.layers.some((layer) => layer.status !== 'absent'));
    const shown = answered
      ? reports.filter((report) => report.layers.some((layer) => layer.status !== 'absent'))
      : reports;
    const sightings = shown.flatMap((report) => report.sightings);
    return { layers: [clientLayer(found, sightings), ...shown.flatMap((report) => report.layers)], sightings };
  }

  async inspect({ container }: InspectContext, signal?: AbortSignal): Promise<Findings> {
    const layerId = container.layers.find((id) => this.engines.has(id));
    const engine = layerId === undefined ? undefined : this.engines.get(layerId);
    if (!engine) return {};
    return inspectWith(engine.client, { info: engine.info, version: engineVersion(engine.version) }, container, signal);
  }

  /** The engine of a container, for those who ask it more (see top.ts). */
  clientOf(layerIds: readonly string[]): DockerClient | undefined {
    for (const id of layerIds) {
      const engine = this.engines.get(id);
      if (engine) return engine.client;
    }
    return undefined;
  }

  watch(onHint: (hint: Hint) => void): Disposable {
    return this.streams.watch(onHint);
  }

  dispose(): void {
    this.streams.dispose();
    for (const engine of this.engines.values()) engine.client.dispose();
    this.engines.clear();
  }

  private async lookAt(endpoint: DockerEndpoint, signal?: AbortSignal): Promise<Report> {
    const layerId = `engine:${endpoint.url}`;
    const base = { id: layerId, kind: 'engine' as const, name: 'Docker Engine', endpoint: endpoint.url };
    const what = `Asking the Docker Engine at ${endpoint.url}`;
    if (!endpoint.address) {
      const problem = {
        code: 'unsupported' as const,
        what,
        reason: endpoint.refused ?? '',
        remedy: `${endpoint.why} Correct it there.`,
      };
      return { layers: [{ ...base, status: 'failed', problem, details: [whyRow(endpoint)] }], sightings: [] };
    }
    const engine = this.engineOf(layerId, endpoint, endpoint.address);
    try {
      if (engine.version === undefined) await engine.client.ping(signal);
      const [answer] = await Promise.all([engine.client.list(signal), this.askAboutItself(engine, signal)]);
      if (endpoint.address.kind === 'unix')
        this.streams.follow(layerId, endpoint.address.path, engine.client.apiVersion);
      const layer = this.answered(base, endpoint, engine);
      return { layers: [layer], sightings: sightingsOf(layerId, engine, answer) };
    } catch (error) {
      if (signal?.aborted) throw error;
      const { problem } = RuntimeError.from(error, what);
      engine.client.reset();
      engine.version = undefined;
      const absent = problem.code === 'absent' && !endpoint.why.includes('names it');
      return {
        layers: [{ ...base, status: absent ? 'absent' : 'failed', problem, details: [whyRow(endpoint)] }],
        sightings: [],
      };
    }
  }

  /** Info and version change only with the engine; and both hang when containerd is stopped, which the list does not. */
  private async askAboutItself(engine: Engine, signal?: AbortSignal): Promise<void> {
    if (engine.version !== undefined) return;
    try {
      [engine.info, engine.version] = await Promise.all([
        engine.client.info(signal),
        engine.client.serverVersion(signal),
      ]);
      engine.silent = undefined;
    } catch (error) {
      engine.silent = unknownFrom(RuntimeError.from(error, 'Asking the engine about itself').problem, 'docker-api');
    }
  }

  private answered(
    base: Pick<LayerReport, 'id' | 'kind' | 'name' | 'endpoint'>,
    endpoint: DockerEndpoint,
    engine: Engine,
  ): LayerReport {
    const { client } = engine;
    const version = engineVersion(engine.version);
    const how = { info: client.curl('/info'), version: client.curl('/version') };
    return {
      ...base,
      ...(client.isPodman ? { name: 'Podman (Docker API)' } : {}),
      ...(version ? { version } : {}),
      status: engine.silent ? 'partly' : 'ok',
      ...(engine.silent
        ? {
            problem: {
              code: 'deadline' as const,
              what: 'Asking the engine about itself',
              reason: `${engine.silent.unavailable} It does answer for its containers.`,
              remedy: 'GET /info and GET /version wait for containerd: see whether containerd runs.',
            },
          }
        : {}),
      details: [whyRow(endpoint), ...engineDetails(engine.info, engine.version, how, engine.silent)],
    };
  }

  private engineOf(layerId: string, endpoint: DockerEndpoint, address: NonNullable<DockerEndpoint['address']>): Engine {
    const existing = this.engines.get(layerId);
    if (existing) return existing;
    const engine: Engine = {
      client: new DockerClient(endpoint, address),
      info: undefined,
      version: undefined,
      silent: undefined,
    };
    this.engines.set(layerId, engine);
    return engine;
  }

  private forgetOthers(endpoints: readonly DockerEndpoint[]): void {
    const current = new Set(endpoints.map(({ url }) => `engine:${url}`));
    for (const [layerId, engine] of this.engines) {
      if (current.has(layerId)) continue;
      engine.client.dispose();
      this.engines.delete(layerId);
      this.streams.unfollow(layerId);
    }
  }
}

export function createDockerAdapter(options: DockerOptions): DockerAdapter {
  return new DockerAdapter(options);
}

function sightingsOf(layerId: string, engine: Engine, answer: unknown): Sighting[] {
  return normalizeList(layerId, engine.client.isPodman ? undefined : containerdNamespace(engine.info), answer);
}

function whyRow(endpoint: DockerEndpoint): LayerDetail {
  return {
    label: 'Found because',
    fact: known('derived', endpoint.why, 'the rules of the docker command line', 'docker context ls'),
  };
}
