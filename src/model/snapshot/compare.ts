import { asRecord, memberAt } from '../../util/records';
import { valueOf } from '../fact';
import { redact } from './redact';
import type { Snapshot, SnapshotContainer } from './snapshot';

/** What became of a container between two snapshots. */
export type Change = 'came' | 'went' | 'changed';

/** One value that is different. */
export interface Difference {
  /** `limits.memory.max`, `requested.Config.Env[2]`. */
  readonly path: string;
  /** As JSON; absent where there was none. */
  readonly before?: string;
  readonly after?: string;
}

/** One row of the table of differences. Names are as the hosts gave them, so hostile. */
export interface ComparedContainer {
  readonly name: string;
  readonly change: Change;
  /** What differs; for containers that came or went, nothing. */
  readonly differences: readonly Difference[];
  /** The normalised documents; empty where it was not there. */
  readonly before: string;
  readonly after: string;
}

export interface HostComparison {
  /** In the order of names. */
  readonly containers: readonly ComparedContainer[];
  readonly unchanged: number;
  /** What differs in the layers. */
  readonly layers: readonly Difference[];
  /** The normalised documents of both hosts. */
  readonly before: string;
  readonly after: string;
}

/**
 * Compares two hosts, or one at two moments. A container is the same when its id is; else when only it has its name on both
 * sides, as one that was made anew. What changes by itself (PIDs, inodes, counters, times of reading) is left out, and
 * secrets are masked on both sides, or every masked one would be a difference.
 */
export function compareSnapshots(first: Snapshot, second: Snapshot): HostComparison {
  const [a, b] = [redact(first), redact(second)];
  const pairs = pairUp(a.containers, b.containers);
  const compared = pairs.map(([before, after]) => {
    const [was, is] = [before && containerDocument(before, a), after && containerDocument(after, b)];
    const named = (after ?? before)?.container;
    return {
      name: named?.name ?? named?.id ?? '',
      change: !was ? ('came' as const) : !is ? ('went' as const) : ('changed' as const),
      differences: was && is ? differencesOf(was, is) : [],
      before: textOf(was),
      after: textOf(is),
    };
  });
  const containers = compared
    .filter(({ change, differences }) => change !== 'changed' || differences.length > 0)
    .sort((x, y) => (x.name < y.name ? -1 : x.name > y.name ? 1 : 0));
  return {
    containers,
    unchanged: compared.length - containers.length,
    layers: differencesOf(layersDocument(a), layersDocument(b)),
    before: hostText(
      a,
      pairs.flatMap(([before]) => before ?? []),
    ),
    after: hostText(
      b,
      pairs.flatMap(([, after]) => after ?? []),
    ),
  };
}

type Pair = readonly [SnapshotContainer | undefined, SnapshotContainer | undefined];

function pairUp(before: readonly SnapshotContainer[], after: readonly SnapshotContainer[]): readonly Pair[] {
  const left = new Map(after.map((one) => [one.container.id, one]));
  const byName = uniqueNames(after);
  const namedBefore = uniqueNames(before);
  const lasting = new Set(before.map(({ container }) => container.id));
  const pairs = before.map((one): Pair => {
    const { id, name } = one.container;
    const anew = name !== undefined && namedBefore.get(name) === one ? byName.get(name) : undefined;
    const same = left.get(id) ?? (anew && !lasting.has(anew.container.id) ? anew : undefined);
    if (same) left.delete(same.container.id);
    return [one, same];
  });
  return [...pairs, ...[...left.values()].map((one): Pair => [undefined, one])];
}

function uniqueNames(all: readonly SnapshotContainer[]): ReadonlyMap<string, SnapshotContainer> {
  const found = new Map<string, SnapshotContainer | undefined>();
  for (const one of all) {
    const { name } = one.container;
    if (name !== undefined) found.set(name, found.has(name) ? undefined : one);
  }
  return new Map([...found].filter((entry): entry is [string, SnapshotContainer] => entry[1] !== undefined));
}

/** What lasts of a container: what it was asked to be, what it became, and what the kernel limits. */
function containerDocument({ container, inspected, problem }: SnapshotContainer, { inventory }: Snapshot): unknown {
  const facts = inspected?.facts;
  const record = valueOf(facts?.engineRecord);
  const names = new Map(inventory.layers.map(({ id, name }) => [id, name]));
  const limits = (valueOf(facts?.cgroups)?.controllers ?? []).flatMap(({ readings }) =>
    readings.filter(({ role }) => role === 'limit').map(({ file, raw }) => [file, raw] as const),
  );
  return {
    name: container.name,
    id: container.id,
    image: container.image,
    state: container.state,
    createdAt: container.createdAtMs === undefined ? undefined : new Date(container.createdAtMs).toISOString(),
    labels: container.labels,
    layers: container.layers.map((id) => names.get(id) ?? id),
    runtime: valueOf(facts?.runtime),
    bundle: valueOf(facts?.bundlePath),
    limits: Object.fromEntries(limits),
    requested: asRecord(record)
      ? Object.fromEntries(
          ['Config', 'HostConfig', 'Mounts', 'Path', 'Args', 'RestartCount', 'Driver', 'Platform'].map((key) => [
            key,
            memberAt(record, key),
          ]),
        )
      : undefined,
    spec: valueOf(facts?.ociConfig),
    problem: problem && `${problem.what}: ${problem.reason}`,
  };
}

function layersDocument({ inventory }: Snapshot): unknown {
  return Object.fromEntries(
    inventory.layers.map(({ id, name, version, status, endpoint, problem, details }) => [
      id,
      {
        name,
        version,
        status,
        endpoint,
        problem: problem?.reason,
        says: Object.fromEntries(details.map(({ label, fact }) => [label, valueOf(fact)])),
      },
    ]),
  );
}

function hostText(snapshot: Snapshot, containers: readonly SnapshotContainer[]): string {
  return textOf({
    host: snapshot.host.name,
    takenAt: snapshot.takenAt,
    layers: layersDocument(snapshot),
    containers: containers.map((one) => containerDocument(one, snapshot)),
  });
}

function textOf(value: unknown): string {
  return value === undefined ? '' : `${JSON.stringify(sorted(value), undefined, 2)}\n`;
}

/** The same value with the members of every object in the order of their names: engines write them in any order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  const record = asRecord(value);
  if (!record) return value;
  const entries = Object.entries(record).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, member]) => [key, sorted(member)]));
}

/** More than that nobody reads in a table; the documents show all. */
const MOST_DIFFERENCES = 200;

function differencesOf(before: unknown, after: unknown): readonly Difference[] {
  const found: Difference[] = [];
  const walk = (a: unknown, b: unknown, path: string): void => {
    if (a === b || found.length >= MOST_DIFFERENCES) return;
    const [x, y] = [membersOf(a), membersOf(b)];
    if (!x || !y || Array.isArray(a) !== Array.isArray(b)) {
      const [was, is] = [JSON.stringify(sorted(a)), JSON.stringify(sorted(b))];
      if (was === is) return;
      found.push({ path, ...(was === undefined ? {} : { before: was }), ...(is === undefined ? {} : { after: is }) });
      return;
    }
    for (const key of new Set([...x.keys(), ...y.keys()])) {
      walk(x.get(key), y.get(key), Array.isArray(a) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`);
    }
  };
  walk(before, after, '');
  return found;
}

function membersOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : undefined;
}
