import type { Sighting } from '../../model/container';
import { known, unknownFrom } from '../../model/fact';
import type { Findings } from '../../model/inspection';
import type { LayerDetail, LayerReport } from '../../model/layer';
import { errnoOf, RuntimeError, type Problem } from '../../model/problem';
import type { Disposable } from '../../util/disposables';
import { asString, memberAt } from '../../util/records';
import type { Hint, InspectContext, LookContext, Report, RuntimeAdapter } from '../adapter';
import { ListMemory, type Listed } from '../listMemory';
import { DockerClient, engineVersion } from './client';
import { clientLayer } from './clientLayer';
import { connectionTo } from './connection';
import type { Elsewhere } from './elsewhere';
import type { DockerEndpoint, FoundEndpoints } from './endpoints';
import { EventStreams } from './events';
import { inspectWith, systemTime } from './inspect';
import { containerdNamespace, countsDetail, engineDetails, normalizeList } from './normalize';

export interface DockerOptions {
  /** Finds the endpoints anew at every look. */
  readonly endpoints: () => Promise<FoundEndpoints>;
  /** The built file of eventsWorker.ts. */
  readonly workerFile: string;
  /** False where the clients' own configuration is none of the host's. True unless told otherwise. */
  readonly showsClients?: boolean;
  /** Where engines are noted that run elsewhere: their layers are none of this host's. Absent: all are. */
  readonly elsewhere?: Elsewhere;
  /** Told of each engine that has answered a look. */
  readonly onAnswered?: (client: DockerClient) => void;
}

/** How much later than the list the engine's word about itself may come to be waited for. */
const GRACE_MS = 1_000;
/** How long that word holds while nobody reads the events, which would tell of a restart. */
const HOLDS_UNWATCHED_MS = 60_000;

const ABOUT_ITSELF = 'Asking the engine about itself';
const NOT_YET: Problem = {
  code: 'deadline',
  what: ABOUT_ITSELF,
  reason: 'It has not answered yet. It does answer for its containers.',
  remedy: 'GET /info and GET /version wait for containerd: see whether containerd runs.',
};

/** One engine that is being talked to, and what it says of itself while it stays the same. */
interface Engine {
  readonly client: DockerClient;
  info: unknown;
  /** When it was asked, on this process's monotonic clock: the engine's clock is counted on from there. */
  infoAtMs: number;
  version: unknown;
  /** Why info and version are not known. */
  silent: Problem | undefined;
  /** When it was last asked about itself, unix milliseconds; undefined: it must be asked. */
  askedAt: number | undefined;
  asking: Promise<void> | undefined;
  /** Whether it answered when it was last looked at. */
  answers: boolean;
}

/** Docker engines, and the clients' own configuration. */
export class DockerAdapter implements RuntimeAdapter {
  readonly id = 'docker';
  readonly needsNoProcesses = true;
  private readonly engines = new Map<string, Engine>();
  private readonly streams: EventStreams;
  private readonly lists = new ListMemory<unknown>((row) => asString(memberAt(row, 'Id')) ?? '');

  constructor(private readonly options: DockerOptions) {
    this.streams = new EventStreams(options.workerFile);
  }

  async look({ trustsEvents = false }: LookContext, signal?: AbortSignal): Promise<Report> {
    const found = await this.options.endpoints();
    const { elsewhere } = this.options;
    elsewhere?.keepOnly(found.endpoints);
    const asked = found.endpoints.filter((endpoint) => !elsewhere?.has(endpoint));
    this.forgetOthers(asked);
    const looks = asked.map(async (endpoint) => {
      const report = await this.lookAt(endpoint, trustsEvents, signal);
      const { id } = report.layer;
      if (!elsewhere?.judge(endpoint, this.engines.get(id)?.info)) return [report];
      this.forget(id);
      return [];
    });
    const reports = (await Promise.all(looks)).flat();
    // A usual place without an engine is worth a row only when there is no engine at all.
    const present = reports.filter(({ layer }) => layer.status !== 'absent');
    const shown = present.length > 0 ? present : reports.slice(0, 1);
    const sightings = shown.flatMap((report) => report.sightings);
    const clients = this.options.showsClients === false ? [] : [clientLayer(found, sightings)];
    return { layers: [...clients, ...shown.map(({ layer }) => layer)], sightings };
  }

  async inspect({ container }: InspectContext, signal?: AbortSignal): Promise<Findings> {
    const engine = this.engineAmong(container.layers);
    if (!engine) return {};
    const nowMs = engineNow(engine);
    const knowledge = {
      info: engine.info,
      version: engineVersion(engine.version),
      ...(nowMs === undefined ? {} : { nowMs }),
    };
    return inspectWith(engine.client, knowledge, container, signal);
  }

  /** The engine of a container, for those who ask it more (see top.ts). */
  clientOf(layerIds: readonly string[]): DockerClient | undefined {
    return this.engineAmong(layerIds)?.client;
  }

  watch(onHint: (hint: Hint) => void): Disposable {
    const watching = this.streams.watch((hint) => {
      this.lists.hear(hint);
      const engine = this.engines.get(hint.layerId);
      // After a restart it may be another one.
      if (engine && hint.kind !== 'changed') engine.askedAt = undefined;
      onHint(hint);
    });
    return {
      dispose: () => {
        watching.dispose();
        if (!this.streams.isWatched) this.lists.stop();
      },
    };
  }

  dispose(): void {
    this.streams.dispose();
    for (const engine of this.engines.values()) engine.client.dispose();
    this.engines.clear();
  }

  private engineAmong(layerIds: readonly string[]): Engine | undefined {
    const layerId = layerIds.find((id) => this.engines.has(id));
    return layerId === undefined ? undefined : this.engines.get(layerId);
  }

  private async lookAt(
    endpoint: DockerEndpoint,
    trustsEvents: boolean,
    signal?: AbortSignal,
  ): Promise<{ layer: LayerReport; sightings: readonly Sighting[] }> {
    const layerId = `engine:${endpoint.url}`;
    const base = { id: layerId, kind: 'engine' as const, name: 'Docker Engine', endpoint: endpoint.url };
    const what = `Asking the Docker Engine at ${endpoint.url}`;
    try {
      const connection = await connectionTo(endpoint);
      // Also when it does not answer now: whoever watches is told when it does.
      this.streams.follow(layerId, connection);
      const engine = this.engineOf(layerId, endpoint);
      try {
        if (!engine.client.hasAgreed) await engine.client.ping(signal);
        const itself = this.askAboutItself(engine);
        const all = async (): Promise<Listed<unknown>> => ({
          items: await listWhileHealthy(engine.client, signal),
          malformed: 0,
        });
        const some = (ids: readonly string[]): Promise<readonly unknown[]> => engine.client.list(signal, ids);
        const { items: rows } = await this.lists.changes(layerId, layerId, trustsEvents, all, some);
        if (!(await settledWithin(itself, GRACE_MS))) void itself.then(() => this.tellOfLate(layerId, engine));
        this.streams.connectNow(layerId);
        engine.answers = true;
        this.options.onAnswered?.(engine.client);
        const namespace = engine.client.isPodman ? undefined : containerdNamespace(engine.info);
        const sightings = normalizeList(layerId, namespace, rows);
        return { layer: this.answered(base, endpoint, engine, sightings), sightings };
      } catch (error) {
        engine.client.reset();
        engine.askedAt = undefined;
        // Once, when it ceases to answer: an open stream tells nothing of a socket's path that leads nowhere now.
        if (engine.answers && !signal?.aborted) this.streams.prove(layerId);
        engine.answers = false;
        throw error;
      }
    } catch (error) {
      if (signal?.aborted) throw error;
      const failure = RuntimeError.from(error, what);
      // Nothing at a place that nobody named is no fault: there is no engine.
      const absent = !endpoint.named && errnoOf(failure.cause) === 'ENOENT';
      return {
        layer: {
          ...base,
          status: absent ? 'absent' : 'failed',
          problem: failure.problem,
          details: [whyRow(endpoint)],
          ...awaited(endpoint),
        },
        sightings: [],
      };
    }
  }

  /**
   * Asks for info and version once per connection: they change only with the engine. Both hang while containerd is
   * stopped, which the list does not, so nobody waits for them for long; when they come late, whoever watches is told.
   */
  private askAboutItself(engine: Engine): Promise<void> {
    const holds = this.streams.isWatched ? Infinity : HOLDS_UNWATCHED_MS;
    if (engine.asking) return engine.asking;
    if (engine.askedAt !== undefined && engine.silent === undefined && Date.now() - engine.askedAt < holds)
      return Promise.resolve();
    const { client } = engine;
    engine.askedAt = Date.now();
    const ask = async (): Promise<void> => {
      try {
        // One after the other: where the first hangs, the second would too, and hold one more connection.
        // Counted from before the question: a clock that is a little ahead waits a moment, one behind would miss events.
        const askedAtMs = performance.now();
        engine.info = await client.info();
        engine.infoAtMs = askedAtMs;
        engine.version = await client.serverVersion();
        engine.silent = undefined;
      } catch (error) {
        engine.info = undefined;
        engine.version = undefined;
        engine.silent = silence(RuntimeError.from(error, ABOUT_ITSELF).problem);
      } finally {
        engine.asking = undefined;
      }
    };
    return (engine.asking = ask());
  }

  private tellOfLate(layerId: string, engine: Engine): void {
    if (engine.silent === undefined) this.streams.tell({ layerId, kind: 'changed' });
  }

  private answered(
    base: Pick<LayerReport, 'id' | 'kind' | 'name' | 'endpoint'>,
    endpoint: DockerEndpoint,
    engine: Engine,
    sightings: readonly Sighting[],
  ): LayerReport {
    const { client } = engine;
    const version = engineVersion(engine.version);
    const how = { info: client.curl('/info'), version: client.curl('/version') };
    return {
      ...base,
      ...(client.isPodman ? { name: 'Podman (Docker API)' } : {}),
      ...(version ? { version } : {}),
      status: engine.silent ? 'partly' : 'ok',
      ...(engine.silent ? { problem: engine.silent } : {}),
      details: [
        whyRow(endpoint),
        countsDetail(sightings, client.curl('/containers/json', { all: '1' })),
        ...engineDetails(engine.info, engine.version, how, engine.silent && unknownFrom(engine.silent, 'docker-api')),
      ],
    };
  }

  private engineOf(layerId: string, endpoint: DockerEndpoint): Engine {
    const existing = this.engines.get(layerId);
    if (existing && sameFiles(existing.client.endpoint, endpoint)) return existing;
    existing?.client.dispose();
    if (!endpoint.address) throw new Error('An endpoint without an address has no connection.');
    const engine: Engine = {
      client: new DockerClient(endpoint, endpoint.address),
      info: undefined,
      infoAtMs: 0,
      version: undefined,
      silent: NOT_YET,
      askedAt: undefined,
      asking: undefined,
      answers: false,
    };
    this.engines.set(layerId, engine);
    return engine;
  }

  private forgetOthers(endpoints: readonly DockerEndpoint[]): void {
    // One whose program is allowed no more is not talked to any more either.
    const allowed = endpoints.filter(({ program }) => program?.allowed !== false);
    const current = new Set(allowed.map(({ url }) => `engine:${url}`));
    for (const layerId of [...this.engines.keys()]) if (!current.has(layerId)) this.forget(layerId);
  }

  private forget(layerId: string): void {
    this.engines.get(layerId)?.client.dispose();
    this.engines.delete(layerId);
    this.streams.unfollow(layerId);
  }
}

export function createDockerAdapter(options: DockerOptions): DockerAdapter {
  return new DockerAdapter(options);
}

/** One address with other TLS files is another way to connect. */
function sameFiles(a: DockerEndpoint, b: DockerEndpoint): boolean {
  return a.tlsFolder === b.tlsFolder && a.skipTlsVerify === b.skipTlsVerify;
}

/** Why an engine that answers for its containers does not for itself. */
function silence(problem: Problem): Problem {
  return problem.code === 'deadline'
    ? { ...NOT_YET, reason: `${problem.reason} It does answer for its containers.` }
    : problem;
}

/** Lists all; an engine that does not even answer a ping is not waited for as long as a long list may take. */
async function listWhileHealthy(client: DockerClient, signal?: AbortSignal): Promise<readonly unknown[]> {
  const listing = new AbortController();
  try {
    const [rows] = await Promise.all([client.list(listing.signal), client.ping(signal)]);
    return rows;
  } catch (error) {
    listing.abort();
    throw error;
  }
}

/** Waits for work that never rejects; false when the time was up first. */
async function settledWithin(work: Promise<void>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, milliseconds, false);
  });
  const settled = await Promise.race([work.then(() => true), patience]);
  clearTimeout(timer);
  return settled;
}

function awaited({ program }: DockerEndpoint): Pick<LayerReport, 'awaits'> {
  if (!program || program.allowed) return {};
  return { awaits: { argv: program.argv, fingerprint: program.fingerprint } };
}

function whyRow(endpoint: DockerEndpoint): LayerDetail {
  return {
    label: 'Found because',
    fact: known('derived', endpoint.why, 'the rules of the docker command line', 'docker context ls'),
  };
}

/** The engine's own time now, unix milliseconds. */
function engineNow({ info, infoAtMs }: Engine): number | undefined {
  const told = systemTime(info);
  return told === undefined ? undefined : told + performance.now() - infoAtMs;
}
