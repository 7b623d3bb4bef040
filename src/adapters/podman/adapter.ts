import type { InspectContext, LookContext, Report, RuntimeAdapter } from '../adapter';
import { known, unknown, unknownFrom } from '../../model/fact';
import type { Findings } from '../../model/inspection';
import type { LayerReport } from '../../model/layer';
import { RuntimeError } from '../../model/problem';
import { asNumber, asString, memberAt } from '../../util/records';
import { shellLine } from '../../util/text';
import { PodmanClient } from './client';
import { normalizeInfo, normalizeList, runtimeOf } from './normalize';
import type { PodmanSocket } from './sockets';

const LIST_MS = 10_000;
const DETAIL_MS = 3_000;
/** The oldest version of the native API that has all we read; every Podman since 4.0 serves it. */
const API = '/v4.0.0/libpod';

export interface PodmanOptions {
  readonly sockets: () => Promise<readonly PodmanSocket[]>;
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
  /** What an endpoint says of itself changes only with the service, so it is asked once per healthy stretch. */
  private readonly infos = new Map<string, unknown>();

  constructor(private readonly options: PodmanOptions) {}

  async look(_context: LookContext, signal?: AbortSignal): Promise<Report> {
    const sockets = await this.options.sockets();
    const reports = await Promise.all(sockets.map((socket) => this.lookAt(socket, signal)));
    return {
      layers: reports.flatMap((report) => report.layers),
      sightings: reports.flatMap((report) => report.sightings),
    };
  }

  async inspect({ container }: InspectContext, signal?: AbortSignal): Promise<Findings> {
    const layerId = container.layers.find((id) => id.startsWith(PREFIX));
    if (!layerId) return {};
    const socketPath = layerId.slice(PREFIX.length);
    const path = `${API}/containers/${encodeURIComponent(container.runtimeId)}/json`;
    try {
      const { body } = await new PodmanClient(socketPath).get(path, DETAIL_MS, signal);
      return findings(body, `Podman API GET ${path}`, curl(socketPath, path));
    } catch (error) {
      const failed = unknownFrom(
        RuntimeError.from(error, `Inspecting ${container.runtimeId.slice(0, 12)}`).problem,
        'podman-api',
      );
      return { engineRecord: failed };
    }
  }

  watch(): { dispose(): void } {
    // An open event stream would keep a service alive that ends itself when idle, so Podman's containers are followed by
    // the reconciling look alone.
    return { dispose: () => undefined };
  }

  dispose(): void {
    this.infos.clear();
  }

  private async lookAt(socket: PodmanSocket, signal?: AbortSignal): Promise<Report> {
    const layerId = PREFIX + socket.path;
    const client = new PodmanClient(socket.path);
    const base = { id: layerId, kind: 'engine' as const, name: 'Podman', endpoint: `unix://${socket.path}` };
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
            fact: known('derived', socket.why, 'the rules of podman(1)', `ls -l ${socket.path}`),
          },
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

function curl(socketPath: string, path: string): string {
  return shellLine(['curl', '--unix-socket', socketPath, `http://podman${path}`]);
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
