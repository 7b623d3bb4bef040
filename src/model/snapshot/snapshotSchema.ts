import {
  dictionary,
  flag,
  integer,
  list,
  number,
  object,
  oneOf,
  optional,
  SchemaError,
  text,
  time,
  variant,
  type Schema,
} from '../../util/schema';
import type { ComposeMembership, LetGo } from '../container';
import type { KubeAuth, KubeContext } from '../kubernetes/context';
import { LAYER_KINDS, type LayerDetail } from '../layer';
import type { ProcessRecord } from '../process';
import { containerFacts, fact, kernelReadings, MOST, problem, processRef } from './factSchemas';
import { seenOfContainer } from './seenSchemas';
import {
  SNAPSHOT_FORMAT,
  SNAPSHOT_VERSION,
  type Redaction,
  type Snapshot,
  type SnapshotContainer,
  type StoredContainer,
  type StoredLayer,
  type StoredSighting,
} from './snapshot';

const texts = list(text(), MOST);
const labels = dictionary(text());
const state = oneOf('created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead', 'unknown');
const sandbox = object<NonNullable<StoredContainer['sandbox']>>({ id: text(), name: text(), isSandbox: flag });
/** A date's milliseconds: what is no date would break whatever shows it. */
const milliseconds: Schema<number> = (value, place) => {
  const read = number(value, place);
  return Math.abs(read) <= 8.64e15 ? read : integer(Number.NaN, place);
};

const sighting = object<StoredSighting>({
  layerId: text(10_000),
  runtimeId: text(10_000),
  containerdNamespace: optional(text()),
  name: optional(text()),
  image: optional(text()),
  state: optional(state),
  stateText: optional(text()),
  createdAtMs: optional(milliseconds),
  labels: optional(labels),
  initPid: optional(integer),
  initStartTicks: optional(integer),
  bundle: optional(text()),
  shim: optional(processRef),
  sandbox: optional(sandbox),
  own: optional(flag),
});

const container = object<StoredContainer>({
  id: text(10_000),
  runtimeId: text(10_000),
  name: optional(text()),
  image: optional(text()),
  state,
  stateText: optional(text()),
  createdAtMs: optional(milliseconds),
  labels,
  compose: optional(
    object<ComposeMembership>({
      project: text(),
      service: text(),
      number: optional(text()),
      configFiles: texts,
      workingDir: optional(text()),
    }),
  ),
  layers: list(text(), 1_000),
  sightings: list(sighting, 1_000),
  letGo: list(object<LetGo>({ layerId: text(), because: text() }), 1_000),
  sandbox: optional(sandbox),
});

type Plain = Exclude<KubeAuth, { kind: 'exec' } | { kind: 'auth-provider' }>;
const plain = object<Plain>({ kind: oneOf('certificate', 'token', 'token-file', 'password', 'none') });
const auth = variant<KubeAuth>('kind', {
  certificate: plain,
  token: plain,
  'token-file': plain,
  password: plain,
  none: plain,
  exec: object<Extract<KubeAuth, { kind: 'exec' }>>({
    kind: oneOf('exec'),
    argv: texts,
    envNames: texts,
    fingerprint: text(),
    allowed: flag,
  }),
  'auth-provider': object<Extract<KubeAuth, { kind: 'auth-provider' }>>({ kind: oneOf('auth-provider'), name: text() }),
});

const kubeContext = object<KubeContext>({
  name: text(),
  cluster: text(),
  user: optional(text()),
  namespace: optional(text()),
  server: optional(text()),
  file: text(),
  auth,
  current: flag,
  insecure: flag,
  obstacle: optional(problem),
});

const layer = object<StoredLayer>({
  id: text(10_000),
  kind: oneOf(...LAYER_KINDS),
  name: text(),
  version: optional(text()),
  endpoint: optional(text()),
  status: oneOf('ok', 'partly', 'failed', 'absent'),
  problem: optional(problem),
  containerdNamespace: optional(text()),
  details: list(object<LayerDetail>({ label: text(), fact: fact(text()) }), 1_000),
  kubeContexts: optional(list(kubeContext, 1_000)),
  containerIds: texts,
});

const processRecord = object<ProcessRecord>({
  pid: integer,
  startTicks: integer,
  parentPid: integer,
  comm: text(1_000),
  argv: texts,
  state: text(20),
});

const snapshot: Schema<Snapshot> = object<Snapshot>({
  format: oneOf(SNAPSHOT_FORMAT),
  schemaVersion: oneOf(SNAPSHOT_VERSION),
  takenAt: time,
  takenBy: text(200),
  host: object<Snapshot['host']>({ name: text(500), description: optional(text(2_000)) }),
  secrets: object<Redaction>({ redacted: flag, count: integer, paths: list(text(10_000), 1_000) }),
  inventory: object<Snapshot['inventory']>({
    observedAt: time,
    layers: list(layer, 1_000),
    processes: object<Snapshot['inventory']['processes']>({ observedAt: time, records: list(processRecord, 200_000) }),
  }),
  containers: list(
    object<SnapshotContainer>({
      container,
      inspected: optional(
        object<NonNullable<SnapshotContainer['inspected']>>({
          observedAt: time,
          facts: containerFacts,
          kernel: optional(kernelReadings),
          seen: seenOfContainer,
        }),
      ),
      problem: optional(problem),
    }),
    MOST,
  ),
});

/** The schema of a whole snapshot, with what must hold between its parts. */
export const snapshotSchema: Schema<Snapshot> = (value, place, prunes) => {
  const read = snapshot(value, place, prunes);
  const ids = new Set<string>();
  const layers = new Set<string>();
  read.inventory.layers.forEach(({ id }, index) => {
    if (layers.has(id)) throw new SchemaError(`$.inventory.layers[${index}].id`, 'Another layer has this id too.');
    layers.add(id);
  });
  read.containers.forEach((one, index) => {
    const at = `$.containers[${index}]`;
    if (ids.has(one.container.id)) throw new SchemaError(`${at}.container.id`, 'Another container has this id too.');
    ids.add(one.container.id);
    const unknownLayer = one.container.layers.findIndex((id) => !layers.has(id));
    if (unknownLayer >= 0) {
      throw new SchemaError(`${at}.container.layers[${unknownLayer}]`, 'There is no layer of this id.');
    }
    if (!one.inspected === !one.problem) {
      throw new SchemaError(at, 'It must say either what was inspected, or the problem that kept it from being so.');
    }
  });
  read.inventory.layers.forEach(({ containerIds }, index) => {
    const stranger = containerIds.findIndex((id) => !ids.has(id));
    if (stranger >= 0) {
      throw new SchemaError(
        `$.inventory.layers[${index}].containerIds[${stranger}]`,
        'There is no container of this id.',
      );
    }
  });
  return read;
};
