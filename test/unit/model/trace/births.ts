import type { Birth } from '../../../../src/model/trace/birth';
import { buildBirth, type BirthInput } from '../../../../src/model/trace/buildBirth';
import type { Observation } from '../../../../src/model/trace/observation';
import type { RecordedCall } from '../../../../src/model/recording/recordedCall';

export const ID = 'f6'.repeat(32);
/** 2026-01-01T00:00:00Z in microseconds. */
export const T0 = Date.parse('2026-01-01T00:00:00Z') * 1000;

/** `docker run` as its sources told of it, one after another; microseconds after T0. */
export const OBSERVATIONS: readonly Observation[] = [
  docker('container', 'create', 35_000, { Actor: { ID, Attributes: { name: 'web', image: 'busybox' } } }),
  docker('network', 'connect', 45_000, { Actor: { ID: 'net', Attributes: { container: ID } } }),
  containerd('/containers/create', 52_000, { id: ID }),
  { ...seen('shim', 60, 74_990), argv: ['containerd-shim-runc-v2', '-namespace', 'moby', '-id', ID] },
  {
    ...seen('runtime', 61, 94_990),
    verb: 'create',
    argv: ['runc', '--root', '/r', 'create', '--bundle', '/b', ID],
    goneUs: [T0 + 330_000, T0 + 333_000],
  },
  { ...seen('init', 62, 124_990), argv: ['sh', '-c', 'true'], programUs: [T0 + 351_000, T0 + 353_000] },
  containerd('/tasks/create', 330_000, { container_id: ID, pid: 62 }),
  containerd('/tasks/start', 354_000, { container_id: ID, pid: 62 }),
  docker('container', 'start', 358_000, { Actor: { ID, Attributes: { name: 'web' } } }),
];

export const RECORDED: readonly RecordedCall[] = [
  call(1, 'HEAD', '/_ping', 0, 200, 1),
  {
    ...call(2, 'POST', '/v1.41/containers/create?name=web', 2, 201, 34),
    request: { bytes: 20, value: { Image: 'busybox', Env: ['TOKEN=canary-0815'] } },
    response: { bytes: 10, value: { Id: ID } },
  },
  call(3, 'POST', `/v1.41/containers/${ID}/start`, 38, 204, 322),
];

export function docker(type: string, action: string, us: number, payload: unknown): Observation {
  return { source: 'docker-events', containerId: ID, type, action, atUs: T0 + us, precisionUs: 1, payload };
}

export function containerd(topic: string, us: number, payload: unknown, containerId: string = ID): Observation {
  return { source: 'containerd-events', containerId, namespace: 'moby', topic, atUs: T0 + us, precisionUs: 1, payload };
}

function seen(role: 'shim' | 'runtime' | 'init', pid: number, us: number) {
  return {
    source: 'procfs' as const,
    role,
    containerId: ID,
    pid,
    startTicks: pid,
    parentPid: 1,
    argv: [],
    atUs: T0 + us,
    precisionUs: 10_020,
  };
}

function call(seq: number, method: string, path: string, ms: number, status: number, durationMs: number): RecordedCall {
  return {
    kind: 'call',
    id: `run-${seq}`,
    seq,
    connection: 1,
    at: new Date(T0 / 1000 + ms).toISOString(),
    durationMs,
    method,
    path,
    status,
    ...(path.includes('containers') ? { containerId: ID } : {}),
  };
}

export function birth(more: Partial<BirthInput> = {}): Birth {
  return buildBirth({
    containerId: ID,
    asker: 'dockerd',
    observations: OBSERVATIONS,
    recorded: RECORDED,
    reveal: false,
    ...more,
  });
}

/** Names that would be something else wherever they are not escaped. */
export const HOSTILE_NAMES: readonly string[] = [
  'a;b\n  client->>init: forged',
  '#quot;#59;',
  '%%{init: {"theme":"dark"}}%%',
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  ']]></style><script>',
  '&amp;&lt;',
  'end',
  'Note over client: x',
  'style x:#59;',
  'classDef a #1;',
  '\u202eevil\u0000\u001b[31m',
  '\ud800',
  'x'.repeat(5000),
  'participant z as y',
  '$(rm -rf /)`id`',
  'link: client: https://example.org',
];
