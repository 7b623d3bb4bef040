import type { ContainerState, Sighting } from '../../model/container';
import { known, unknown, type Fact } from '../../model/fact';
import type { RuntimeFacts } from '../../model/inspection';
import type { LayerDetail } from '../../model/layer';
import { asArray, asNumber, asRecord, asString, asStringMap, memberAt } from '../../util/records';

/** Podman's words for a container's state. Source: podman libpod/define/containerstate.go. */
const STATES: Readonly<Record<string, ContainerState>> = {
  created: 'created',
  configured: 'created',
  initialized: 'created',
  running: 'running',
  paused: 'paused',
  stopped: 'exited',
  exited: 'exited',
  stopping: 'running',
  removing: 'removing',
};

/** The rows of `GET /libpod/containers/json`; rows without an id are left out. */
export function normalizeList(layerId: string, answer: unknown): Sighting[] {
  return asArray(answer).flatMap((row) => {
    const record = asRecord(row);
    const id = asString(record?.Id);
    if (!record || !id) return [];
    const state = asString(record.State)?.toLowerCase() ?? '';
    const created = Date.parse(asString(record.Created) ?? '');
    const pid = asNumber(record.Pid) ?? 0;
    const pod = asString(record.Pod);
    const sighting: Sighting = {
      layerId,
      runtimeId: id,
      state: STATES[state] ?? 'unknown',
      labels: asStringMap(record.Labels),
      ...optional('name', asString(asArray(record.Names)[0])),
      ...optional('image', asString(record.Image)),
      ...optional('stateText', asString(record.Status) || state),
      ...(Number.isNaN(created) ? {} : { createdAtMs: created }),
      ...(pid > 0 ? { initPid: pid } : {}),
      ...(pod
        ? {
            sandbox: {
              id: pod,
              name: asString(record.PodName) || pod.slice(0, 12),
              isSandbox: record.IsInfra === true,
            },
          }
        : {}),
    };
    return [sighting];
  });
}

/** What `GET /libpod/info` tells of the engine. */
export function normalizeInfo(info: unknown, how: string): LayerDetail[] {
  const source = 'Podman API GET /libpod/info';
  const row = (label: string, ...path: string[]): LayerDetail => {
    const value = memberAt(info, ...path);
    const text = typeof value === 'boolean' ? (value ? 'yes' : 'no') : asString(value);
    const fact: Fact<string> = text
      ? known('podman-api', text.split('\n')[0] ?? text, source, how)
      : unknown('Podman did not say.', `Compare with: ${how}`, 'podman-api');
    return { label, fact };
  };
  return [
    row('OCI runtime', 'host', 'ociRuntime', 'name'),
    row('OCI runtime version', 'host', 'ociRuntime', 'version'),
    row('Monitor', 'host', 'conmon', 'version'),
    row('Cgroup manager', 'host', 'cgroupManager'),
    row('Cgroup version', 'host', 'cgroupVersion'),
    row('Rootless', 'host', 'security', 'rootless'),
    row('Storage driver', 'store', 'graphDriverName'),
    row('Graph root', 'store', 'graphRoot'),
    row('Run root', 'store', 'runRoot'),
  ];
}

/** The OCI runtime that Podman's record names. */
export function runtimeOf(record: unknown): RuntimeFacts | undefined {
  const binary = asString(memberAt(record, 'OCIRuntime'));
  if (!binary) return undefined;
  const manager = asString(memberAt(record, 'HostConfig', 'CgroupManager'));
  return { binary, ...(manager === 'systemd' || manager === 'cgroupfs' ? { cgroupDriver: manager } : {}) };
}

function optional<K extends string>(key: K, value: string | undefined): { [P in K]?: string } {
  return value ? ({ [key]: value } as { [P in K]?: string }) : {};
}
