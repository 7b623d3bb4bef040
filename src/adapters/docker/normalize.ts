import { CONTAINER_STATES, type ContainerState, type Sighting } from '../../model/container';
import { known, unknown, type Fact, type UnknownFact } from '../../model/fact';
import type { LayerDetail } from '../../model/layer';
import { asArray, asBoolean, asNumber, asRecord, asString, asStringMap, asStrings, memberAt } from '../../util/records';

const STATES: ReadonlySet<string> = new Set(CONTAINER_STATES);

/** The engine's word for a state. */
export function stateOf(word: unknown): ContainerState {
  const state = asString(word)?.toLowerCase() ?? '';
  return STATES.has(state) ? (state as ContainerState) : 'unknown';
}

/** What rows that are remembered became: one that is not read again is the same sighting again. */
const SIGHTINGS = new WeakMap<object, Sighting>();

/** The rows of `GET /containers/json`; a row without an id of its own is left out, everything else may be missing. */
export function normalizeList(
  layerId: string,
  namespace: string | undefined,
  rows: readonly unknown[],
): readonly Sighting[] {
  const seen = new Set<string>();
  return rows.flatMap((row) => {
    const record = asRecord(row);
    const id = asString(record?.Id);
    if (!record || !id || seen.has(id)) return [];
    seen.add(id);
    const known = SIGHTINGS.get(record);
    if (known?.layerId === layerId && known.containerdNamespace === namespace) return [known];
    const sighting = sightingOf(layerId, namespace, id, record);
    SIGHTINGS.set(record, sighting);
    return [sighting];
  });
}

function sightingOf(
  layerId: string,
  namespace: string | undefined,
  id: string,
  record: Readonly<Record<string, unknown>>,
): Sighting {
  const labels = asStringMap(record.Labels);
  const created = asNumber(record.Created);
  const name = ownName(asStrings(record.Names));
  const image = asString(record.Image);
  const stateText = asString(record.Status);
  const sandbox = kubernetesSandbox(id, labels);
  return {
    layerId,
    runtimeId: id,
    state: stateOf(record.State),
    labels,
    ...(namespace === undefined ? {} : { containerdNamespace: namespace }),
    ...(name ? { name } : {}),
    ...(image ? { image } : {}),
    ...(stateText ? { stateText } : {}),
    ...(created === undefined ? {} : { createdAtMs: created * 1_000 }),
    ...(sandbox ? { sandbox } : {}),
  };
}

/** Links of other containers are names too, as `/other/alias`: the own one has a single slash. */
function ownName(names: readonly string[]): string | undefined {
  const own = names.find((name) => name.lastIndexOf('/') === 0) ?? names[0];
  return own?.replace(/^\//, '');
}

/** Pods of dockershim and cri-dockerd. Source: cri-dockerd core/docker_service.go. */
function kubernetesSandbox(id: string, labels: ReadonlyMap<string, string>): Sighting['sandbox'] {
  const type = labels.get('io.kubernetes.docker.type');
  const name = `${labels.get('io.kubernetes.pod.namespace') ?? ''}/${labels.get('io.kubernetes.pod.name') ?? ''}`;
  if (type === 'podsandbox') return { id, name, isSandbox: true };
  const sandboxId = labels.get('io.kubernetes.sandbox.id');
  return type === 'container' && sandboxId ? { id: sandboxId, name, isSandbox: false } : undefined;
}

/** containerd's namespace of an engine's containers. Source: `GET /info` Containerd.Namespaces, API ≥ 1.46. */
export function containerdNamespace(info: unknown): string {
  return asString(memberAt(info, 'Containerd', 'Namespaces', 'Containers')) ?? 'moby';
}

/** What an engine says of itself, from `GET /info` and `GET /version`; `why` when it could not be asked. */
export function engineDetails(
  info: unknown,
  version: unknown,
  how: { readonly info: string; readonly version: string },
  why: UnknownFact | undefined,
): LayerDetail[] {
  const row = (label: string, text: string | undefined, source: 'info' | 'version' = 'info'): LayerDetail => {
    const fact: Fact<string> = text
      ? known('docker-api', text, `Docker API GET /${source}`, how[source])
      : (why ?? unknown('The engine does not tell it.', `See all that it tells: ${how[source]}`, 'docker-api'));
    return { label, fact };
  };
  const text = (...path: string[]): string | undefined => {
    const value = memberAt(info, ...path);
    return asString(value) ?? asNumber(value)?.toString() ?? yesNo(asBoolean(value));
  };
  const versionText = (...path: string[]): string | undefined => asString(memberAt(version, ...path));
  const range = versionText('ApiVersion') && `${versionText('MinAPIVersion') ?? '?'} to ${versionText('ApiVersion')}`;
  return [
    row('API versions', range, 'version'),
    row('Cgroup driver', text('CgroupDriver')),
    row('Cgroup version', text('CgroupVersion')),
    row('Default runtime', text('DefaultRuntime')),
    row('Images', text('Images')),
    row('Runtimes', Object.keys(asRecord(memberAt(info, 'Runtimes')) ?? {}).join(', ')),
    row('containerd', componentVersion(version, 'containerd'), 'version'),
    row('runc', componentVersion(version, 'runc'), 'version'),
    row('containerd address', text('Containerd', 'Address')),
    row('Storage driver', text('Driver')),
    row('Data root', text('DockerRootDir')),
    row('Live restore', text('LiveRestoreEnabled')),
    row('Security options', asStrings(memberAt(info, 'SecurityOptions')).join(' · ')),
    row('Kernel', text('KernelVersion')),
    row('Operating system', text('OperatingSystem')),
  ];
}

/** How many containers are in which state, by the list itself: what `GET /info` counts is soon out of date. */
export function countsDetail(sightings: readonly Sighting[], how: string): LayerDetail {
  const counts = new Map<string, number>();
  for (const { state = 'unknown' } of sightings) counts.set(state, (counts.get(state) ?? 0) + 1);
  const text = [...counts].map(([state, count]) => `${count} ${state}`).join(', ') || 'none';
  return { label: 'Containers', fact: known('docker-api', text, 'Docker API GET /containers/json?all=1', how) };
}

function yesNo(value: boolean | undefined): string | undefined {
  return value === undefined ? undefined : value ? 'yes' : 'no';
}

/** The version of a part that the engine names, such as containerd. */
export function componentVersion(version: unknown, name: string): string | undefined {
  const component = asArray(memberAt(version, 'Components')).find((one) => asString(memberAt(one, 'Name')) === name);
  return asString(memberAt(component, 'Version'));
}
