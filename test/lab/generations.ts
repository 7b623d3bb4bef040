// Which versions of the stack a lab runs: this machine's own packages, or those of another Debian suite.

export interface Generation {
  /** As named on command lines and in CRE_GENERATION. */
  readonly name: string;
  /** The Debian suite whose packages run, in a file tree of their own; absent: the machine's. */
  readonly suite?: string;
  /** Cgroup v2 alone is mounted, where the machine mounts both versions: nothing in it has controllers then. */
  readonly unified?: boolean;
}

/** Oldest first. What they hold: DEVELOPERS.md. */
export const GENERATIONS: readonly Generation[] = [
  { name: 'host' },
  { name: 'trixie', suite: 'trixie' },
  { name: 'sid', suite: 'sid' },
  { name: 'sid-unified', suite: 'sid', unified: true },
];

/** The generation of that name; the machine's own without one. Throws, naming all, when there is none. */
export function generationNamed(name: string | undefined): Generation {
  const found = GENERATIONS.find((generation) => generation.name === (name || 'host'));
  if (found) return found;
  const names = GENERATIONS.map((generation) => generation.name);
  throw new Error(`no generation ${name}; there are: ${names.join(', ')}`);
}

/** The one that this run is about. */
export function currentGeneration(): Generation {
  return generationNamed(process.env.CRE_GENERATION);
}
