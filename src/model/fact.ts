import type { Problem } from './problem';

/**
 * The routes by which a fact can reach us, most direct first. The order is the ladder: of two known values, the one
 * whose route stands earlier is shown.
 */
export const ROUTES = [
  'procfs',
  'cgroupfs',
  'bundle',
  'runtime-state',
  'shim',
  'containerd',
  'cri',
  'podman-api',
  'docker-api',
  'reader-container',
  'kubernetes-api',
  'memory',
  'derived',
] as const;
export type Route = (typeof ROUTES)[number];

/** Something known, with where it came from and how anybody can check it. JSON-serialisable when `T` is. */
export interface KnownFact<T> {
  readonly value: T;
  /** For people: the exact origin, such as "/proc/4711/cgroup" or "Docker API GET /containers/…/json". */
  readonly source: string;
  /** A command line that shows the same thing without us. */
  readonly how: string;
  /** When we read it: ISO 8601, our clock. */
  readonly observedAt: string;
  /** The route, for ranking and for the page's badge. */
  readonly route: Route;
  /** What a reader must know to take it rightly, such as "stale since docker update". */
  readonly note?: string;
  /** Why no more direct route answered, most direct first: "why not better". */
  readonly better?: readonly UnknownFact[];
}

/** Something that cannot be known now: why, and what would make it known. */
export interface UnknownFact {
  readonly unavailable: string;
  readonly remedy: string;
  /** The route that did not answer, where one was tried. */
  readonly route?: Route;
  /** Why the other routes did not answer either, most direct first. */
  readonly further?: readonly UnknownFact[];
}

export type Fact<T> = KnownFact<T> | UnknownFact;

/** True when the fact has a value. */
export function isKnown<T>(fact: Fact<T> | undefined): fact is KnownFact<T> {
  return fact !== undefined && 'value' in fact;
}

/** The value, or undefined when it is not known. */
export function valueOf<T>(fact: Fact<T> | undefined): T | undefined {
  return isKnown(fact) ? fact.value : undefined;
}

/** A known fact, observed now unless told otherwise. */
export function known<T>(
  route: Route,
  value: T,
  source: string,
  how: string,
  more: { note?: string; observedAt?: string } = {},
): KnownFact<T> {
  return {
    value,
    source,
    how,
    route,
    observedAt: more.observedAt ?? new Date().toISOString(),
    ...(more.note ? { note: more.note } : {}),
  };
}

/** An unknown fact. */
export function unknown(unavailable: string, remedy: string, route?: Route): UnknownFact {
  return { unavailable, remedy, ...(route ? { route } : {}) };
}

/** An unknown fact from a failure. */
export function unknownFrom(problem: Problem, route?: Route): UnknownFact {
  return unknown(`${problem.what}: ${problem.reason}`, problem.remedy ?? 'Refresh to try again.', route);
}

/**
 * Climbs the ladder: of several answers to one question, the known one with the most direct route wins and remembers
 * why the more direct ones failed. With none known, the most direct refusal is the answer, and remembers the others.
 */
export function bestOf<T>(answers: readonly (Fact<T> | undefined)[]): Fact<T> | undefined {
  const ranked = answers.filter((fact): fact is Fact<T> => fact !== undefined).sort((a, b) => rungOf(a) - rungOf(b));
  const winner = ranked.find((fact): fact is KnownFact<T> => isKnown(fact));
  if (!winner) return refusalOf(ranked.flatMap((fact) => (isKnown(fact) ? [] : [fact, ...(fact.further ?? [])])));
  const refused = ranked.slice(0, ranked.indexOf(winner)).filter((fact): fact is UnknownFact => !isKnown(fact));
  const better = refused.flatMap(refusals);
  return better.length === 0 ? winner : { ...winner, better };
}

/** A refusal and those behind it, each for itself. */
export function refusals({ further = [], ...first }: UnknownFact): readonly UnknownFact[] {
  return [first, ...further];
}

/** Whether the engine could hand config.json over through a reader container, which the user would have to ask for. */
export function awaitsReader(fact: Fact<unknown>): boolean {
  const reasons = isKnown(fact) ? (fact.better ?? []) : refusals(fact);
  return reasons.some(({ route }) => route === 'reader-container');
}

/** One refusal for all of them; what says the same again is left out. */
function refusalOf([first, ...others]: readonly UnknownFact[]): UnknownFact | undefined {
  if (!first) return undefined;
  const said = new Set([first.unavailable]);
  const further = others.filter(({ unavailable }) => !said.has(unavailable) && said.add(unavailable));
  const { further: _, ...alone } = first;
  return further.length === 0 ? alone : { ...alone, further: further.map(({ further: __, ...one }) => one) };
}

function rungOf(fact: { readonly route?: Route }): number {
  const index = fact.route === undefined ? -1 : ROUTES.indexOf(fact.route);
  return index < 0 ? ROUTES.length : index;
}
