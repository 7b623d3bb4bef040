import type { DockerEndpoint } from './endpoints';

/** An engine at a socket of this machine that runs somewhere else, as inside a VM. */
export interface EngineElsewhere {
  readonly endpoint: DockerEndpoint;
  /** What proves it, for people. */
  readonly why: string;
}

/**
 * Which of the sockets that were found here lead elsewhere, by what their engines say of themselves. It holds for a socket as
 * long as the socket is the same file, so that such an engine is asked once and then left alone.
 */
export class Elsewhere {
  private known = new Map<string, EngineElsewhere>();

  /**
   * @param whyElsewhere what an engine's `GET /info` proves; undefined: nothing
   * @param onChange told when one came or went
   */
  constructor(
    private readonly whyElsewhere: (info: unknown) => string | undefined,
    private readonly onChange: () => void,
  ) {}

  get all(): readonly EngineElsewhere[] {
    return [...this.known.values()];
  }

  /** True for one that need not be asked again. */
  has(endpoint: DockerEndpoint): boolean {
    const known = this.known.get(endpoint.url);
    return known !== undefined && mayBe(endpoint) && known.endpoint.file === endpoint.file;
  }

  /** Those that are there no more, or that somebody has chosen meanwhile, are forgotten. */
  keepOnly(endpoints: readonly DockerEndpoint[]): void {
    const there = new Set(endpoints.filter(mayBe).map(({ url }) => url));
    const kept = [...this.known].filter(([url]) => there.has(url));
    if (kept.length === this.known.size) return;
    this.known = new Map(kept);
    this.onChange();
  }

  /**
   * Whether the engine of an endpoint is elsewhere. While it says nothing of itself, what was known of this path holds.
   * @param info undefined: not known
   */
  judge(endpoint: DockerEndpoint, info: unknown): boolean {
    if (!mayBe(endpoint)) return false;
    const isKnown = this.known.has(endpoint.url);
    if (info === undefined) return isKnown;
    const why = this.whyElsewhere(info);
    if (why === undefined) this.known.delete(endpoint.url);
    else this.known.set(endpoint.url, { endpoint, why });
    if (isKnown !== (why !== undefined)) this.onChange();
    return why !== undefined;
  }
}

/** What somebody has chosen is shown where the choice shows it, wherever it runs. */
function mayBe({ address, named, current }: DockerEndpoint): boolean {
  return address?.kind === 'unix' && !named && !current;
}
