import * as path from 'node:path';
import type { Hint, InspectContext, LookContext, Report, RuntimeAdapter } from '../adapter';
import { EventStreams } from '../docker/events';
import { known, unknown, unknownFrom } from '../../model/fact';
import type { Findings } from '../../model/inspection';
import type { LayerReport } from '../../model/layer';
import { RuntimeError } from '../../model/problem';
import { asNumber, asString, memberAt } from '../../util/records';
import { shellLine } from '../../util/text';
import type { Disposable } from '../../util/disposables';
import { PodmanClient } from './client';
import { normalizeInfo, normalizeList, runtimeOf } from './normalize';
import type { PodmanSocket } from './sockets';

const LIST_MS = 10_000;
const DETAIL_MS = 3_000;
/** The oldest version of the native API that has all we read; every Podman since 4.0 serves it. */
const API = '/v4.0.0/libpod';

export interface PodmanOptions {
  readonly sockets: () => Promise<readonly PodmanSocket[]>;
  /** The built file of docker/eventsWorker.ts; by default the one beside the running code. */
  readonly workerFile?: string;
}

/**
 * Podman as an engine: no daemon, conmon in the shim's place. Its compat API hides conmon, the bundle and the runtime, so
 * the native one is asked.
 */
export function createPodmanAdapter(options: PodmanOptions): RuntimeAdapter {
  return new PodmanAdapter(options);
}

class PodmanAdapter implements RuntimeAdapter {
  readonly id = 'podman';
  readonly needsNoProcesses = true;
  /** What an endpoint says of itself changes only with the service, so it is asked once per healthy stretch. */
  private readonly infos = new Map<string, unknown>();

  private readonly streams: EventStreams;
  private followed: readonly string[] = [];

  constructor(private readonly options: PodmanOptions) {
    this.streams = new EventStreams(options.workerFile ?? path.join(__dirname, 'eventsWorker.js'));
  }

  async look(_context: LookContext, signal?: AbortSignal): Promise<Report> {
    const sockets = await this.options.sockets();
    const reports = await Promise.all(sockets.map((socket) => this.lookAt(socket, signal)));
    this.follow(sockets, reports);
    return {
      layers: reports.flatMap((report) => report.layers),
      sightings: reports.flatMap((report) => report.sightings),
    };
  }

  async inspect({ container }: InspectContext, signal?: AbortSignal): Promise<Findings> {
    const layerId = container.layers.find((id) => id.startsWith(PREFIX));
    if (!layerId) return {};
    const socketPath = layerId.slice(PREFIX.length);
    const place = `${API}/containers/${encodeURIComponent(container.runtimeId)}/json`;
    try {
      const { body } = await new PodmanClient(socketPath).get(place, DETAIL_MS, signal);
      return findings(body, `Podman API GET ${place}`, curl(socketPath, place));
    } catch (error) {
      const failed = unknownFrom(
        RuntimeError.from(error, `Inspecting ${container.runtimeId.slice(0, 12)}`).problem,
        'podman-api',
      );
      return { engineRecord: failed };
    }
  }

  watch(onHint: (hint: Hint) => void): Disposable {
    return this.streams.watch(onHint);
  }

  dispose(): void {
    this.infos.clear();
    this.streams.dispose();
  }

  /**
   * Follows the services that answered, and those whose socket nobody serves now: to knock there wakes nobody, and tells when
   * one is started. One that is started by its socket stays as long as the stream is open, which is while somebody looks; one
   * that takes connections and does not answer is left alone, so that nothing wakes it again and again.
   */
  private follow(sockets: readonly PodmanSocket[], reports: readonly Report[]): void {
    const followed = sockets.filter((_, index) => reports[index]?.layers.every(isWorthFollowing));
    const ids = followed.map((socket) => PREFIX + socket.path);
    for (const gone of this.followed.filter((layerId) => !ids.includes(layerId))) this.streams.unfollow(gone);
    for (const socket of followed) {
      this.streams.follow(PREFIX + socket.path, { kind: 'unix', socketPath: socket.path }, EVENTS_PATH);
    }
    this.followed = ids;
  }

  private async lookAt(socket: PodmanSocket, signal?: AbortSignal): Promise<Report> {
    const layerId = PREFIX + socket.path;
    const client = new PodmanClient(socket.path);
    const base = { id: layerId, kind: 'engine' as const, name: nameOf(socket), endpoint: `unix://${socket.path}` };
    try {
      const list = await client.get(`${API}/containers/json?all=true`, LIST_MS, signal);
      const info = this.infos.get(socket.path) ?? (await client.get(`${API}/info`, DETAIL_MS, signal)).body;
      this.infos.set(socket.path, info);
      const version = asString(memberAt(info, 'version', 'Version'));
      const layer: LayerReport = {
        ...base,
        status: 'ok',
        ...(version ? { version } : {}),
        details: [
          {
            label: 'Found because',
            fact: known('derived', socket.why, 'the rules of podman(1)', shellLine(['ls', '-l', socket.path])),
          },
          ...ownerDetail(socket),
          ...normalizeInfo(info, curl(socket.path, `${API}/info`)),
        ],
      };
      return { layers: [layer], sightings: normalizeList(layerId, list.body) };
    } catch (error) {
      this.infos.delete(socket.path);
      if (signal?.aborted) throw error;
      const { problem } = RuntimeError.from(error, `Asking Podman at unix://${socket.path}`);
      return { layers: [{ ...base, status: 'failed', problem, details: [] }], sightings: [] };
    }
  }
}

/** Layer ids name their socket, so that an inspection needs no table from id to socket. */
const PREFIX = 'engine:podman:unix://';

function isWorthFollowing({ status, problem }: LayerReport): boolean {
  return status === 'ok' || problem?.code === 'refused' || problem?.code === 'absent';
}

/** Those after which a list differs, in Podman's words. Source: podman libpod/events/config.go. */
const EVENTS = [
  ...['create', 'init', 'start', 'restart', 'died', 'cleanup', 'stop', 'kill', 'remove', 'rename', 'update'],
  ...['pause', 'unpause', 'mount', 'health_status'],
];
const EVENTS_PATH = `${API}/events?filters=${encodeURIComponent(JSON.stringify({ type: ['container'], event: EVENTS }))}`;

/** Whose it is, unless it is this user's own or the system's. */
function nameOf({ owner }: PodmanSocket): string {
  if (!owner || owner.uid === 0 || owner.uid === process.getuid?.()) return 'Podman';
  return `Podman · ${owner.name ?? `uid ${owner.uid}`}`;
}

function ownerDetail({ path: socketPath, owner }: PodmanSocket): LayerReport['details'] {
  if (!owner) return [];
  const text = owner.name === undefined ? `uid ${owner.uid}` : `${owner.name} (uid ${owner.uid})`;
  const how = shellLine(['stat', '--format', '%U %u', socketPath]);
  return [{ label: 'Its user', fact: known('derived', text, `owner of ${socketPath}`, how) }];
}

function curl(socketPath: string, place: string): string {
  return shellLine(['curl', '--unix-socket', socketPath, `http://podman${place}`]);
}

function findings(record: unknown, source: string, how: string): Findings {
  const pid = asNumber(memberAt(record, 'State', 'Pid')) ?? 0;
  const conmon = asNumber(memberAt(record, 'State', 'ConmonPid')) ?? 0;
  const config = asString(memberAt(record, 'OCIConfigPath'));
  const runtime = runtimeOf(record);
  const never = 'Podman names none: the container does not run.';
  return {
    engineRecord: known('podman-api', record, source, how),
    initPid: pid > 0 ? known('podman-api', pid, source, how) : unknown(never, 'Start the container.', 'podman-api'),
    shimPid:
      conmon > 0 ? known('podman-api', conmon, source, how) : unknown(never, 'Start the container.', 'podman-api'),
    bundlePath: config
      ? known('podman-api', config.replace(/\/config\.json$/, ''), source, how)
      : unknown(
          'Podman writes the bundle when it initialises the container, and has not done so yet.',
          'Start the container.',
          'podman-api',
        ),
    ...(runtime ? { runtime: known('podman-api', runtime, source, how) } : {}),
  };
}
