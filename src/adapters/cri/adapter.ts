import type { Sighting } from '../../model/container';
import { known, unknown, unknownFrom, type Fact } from '../../model/fact';
import type { Findings } from '../../model/inspection';
import type { LayerDetail, LayerReport } from '../../model/layer';
import { RuntimeError } from '../../model/problem';
import type { ProcessTable } from '../../model/process';
import { memberAt, asString } from '../../util/records';
import { parseJsonExact } from '../../util/json';
import { shellLine } from '../../util/text';
import type { InspectContext, LookContext, Report, RuntimeAdapter } from '../adapter';
import { withChannel } from '../grpc/channel';
import type { MessageOf } from '../grpc/message';
import { CriClient } from './client';
import type { StatusResponse, VersionResponse } from './messages';
import { containerSighting, findingsOf, sandboxSighting } from './normalize';
import type { CriSocket } from './sockets';

export interface CriOptions {
  readonly sockets: (processes: ProcessTable) => Promise<readonly CriSocket[]>;
}

/** The Container Runtime Interface: what the kubelet speaks with containerd, CRI-O or cri-dockerd. */
export function createCriAdapter(options: CriOptions): RuntimeAdapter {
  return new CriAdapter(options);
}

const PREFIX = 'cri:unix://';

class CriAdapter implements RuntimeAdapter {
  readonly id = 'cri';

  constructor(private readonly options: CriOptions) {}

  async look({ processes }: LookContext, signal?: AbortSignal): Promise<Report> {
    const sockets = await this.options.sockets(processes);
    const reports = await Promise.all(sockets.map((socket) => lookAt(socket, signal)));
    return {
      layers: reports.flatMap((report) => report.layers),
      sightings: reports.flatMap((report) => report.sightings),
    };
  }

  async inspect({ container }: InspectContext, signal?: AbortSignal): Promise<Findings> {
    const sighting = container.sightings.find((one) => one.layerId.startsWith(PREFIX));
    if (!sighting) return {};
    const socketPath = sighting.layerId.slice(PREFIX.length);
    try {
      return await withChannel(socketPath, signal, (channel) => inspectAt(channel, socketPath, sighting, signal));
    } catch (error) {
      const wrapped = RuntimeError.from(error, `Asking CRI about ${sighting.runtimeId.slice(0, 12)}`);
      if (wrapped.problem.code === 'cancelled') throw wrapped;
      return { criRecord: unknownFrom(wrapped.problem, 'cri') };
    }
  }

  watch(): { dispose(): void } {
    // CRI's own event stream is not ours to read (see CriClient); containerd's events tell of the same containers.
    return { dispose: () => undefined };
  }

  dispose(): void {}
}

async function inspectAt(
  channel: Parameters<typeof CriClient.negotiate>[0],
  socketPath: string,
  sighting: Sighting,
  signal?: AbortSignal,
): Promise<Findings> {
  const { client } = await CriClient.negotiate(channel, signal);
  const isSandbox = sighting.sandbox?.isSandbox === true;
  const answer = isSandbox
    ? await client.sandboxStatus(sighting.runtimeId)
    : await client.containerStatus(sighting.runtimeId);
  const method = client.methodName(isSandbox ? 'PodSandboxStatus' : 'ContainerStatus');
  return findingsOf(
    answer.status,
    answer.info,
    `CRI ${method} of unix://${socketPath}`,
    crictl(socketPath, isSandbox ? 'inspectp' : 'inspect', sighting.runtimeId),
  );
}

async function lookAt(socket: CriSocket, signal?: AbortSignal): Promise<Report> {
  const base = { id: PREFIX + socket.path, kind: 'cri' as const, endpoint: `unix://${socket.path}` };
  try {
    return await withChannel(socket.path, signal, async (channel) => {
      const { client, version } = await CriClient.negotiate(channel, signal);
      const [status, sandboxes, containers] = await Promise.all([
        // A runtime that does not tell its condition still lists its pods.
        client.status().catch(() => undefined),
        client.sandboxes(),
        client.containers(),
      ]);
      const layer: LayerReport = {
        ...base,
        name: `CRI · ${version.runtimeName}`,
        version: version.runtimeVersion,
        status: 'ok',
        details: details(socket, client, version, status),
      };
      const place = {
        layerId: base.id,
        containerdNamespace: version.runtimeName === 'containerd' ? 'k8s.io' : undefined,
      };
      const sightings = [
        ...sandboxes.map((sandbox) => sandboxSighting(place, sandbox)),
        ...containers.map((container) => containerSighting(place, container)),
      ].filter((sighting) => sighting.runtimeId !== '');
      return { layers: [layer], sightings };
    });
  } catch (error) {
    const { problem } = RuntimeError.from(error, `Asking the CRI of unix://${socket.path}`);
    if (problem.code === 'cancelled') throw error;
    // A containerd without its CRI plugin, or one that its own layer already reports as failed, needs no second complaint.
    if (!socket.expected) return { layers: [], sightings: [] };
    return { layers: [{ ...base, name: 'CRI', status: 'failed', problem, details: [] }], sightings: [] };
  }
}

function details(
  socket: CriSocket,
  client: CriClient,
  version: MessageOf<typeof VersionResponse.fields>,
  status: MessageOf<typeof StatusResponse.fields> | undefined,
): LayerDetail[] {
  const info = crictl(socket.path, 'info');
  const source = `CRI ${client.methodName('Status')}`;
  const config = configOf(status?.info.get('config'));
  const row = (label: string, value: string | undefined): LayerDetail => {
    const fact: Fact<string> = value
      ? known('cri', value, source, info)
      : unknown('The runtime does not tell it.', `See all that it tells: ${info}`, 'cri');
    return { label, fact };
  };
  const conditions = (status?.status?.conditions ?? []).map(({ type, status: holds, message }) =>
    row(type, holds ? 'yes' : `no${message ? `: ${message}` : ''}`),
  );
  return [
    {
      label: 'Found because',
      fact: known('derived', socket.why, 'the rules of crictl and the kubelet', `ls -l ${socket.path}`),
    },
    {
      label: 'CRI version',
      fact: known(
        'cri',
        `${client.criVersion} (${version.runtimeApiVersion})`,
        `CRI ${client.methodName('Version')}`,
        crictl(socket.path, 'version'),
      ),
    },
    ...conditions,
    row('Sandbox image', asString(memberAt(config, 'sandboxImage'))),
    row('Snapshotter', asString(memberAt(config, 'containerd', 'snapshotter'))),
    row('Default runtime handler', asString(memberAt(config, 'containerd', 'defaultRuntimeName'))),
    row('State folder', asString(memberAt(config, 'stateDir'))),
  ];
}

function configOf(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : parseJsonExact(text);
  } catch {
    return undefined;
  }
}

function crictl(socketPath: string, ...args: readonly string[]): string {
  return shellLine(['crictl', '--runtime-endpoint', `unix://${socketPath}`, ...args]);
}
