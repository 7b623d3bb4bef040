import { hasInit, type Container } from '../../../model/container';
import { isKnown, known, unknown, valueOf, type KnownFact } from '../../../model/fact';
import type { ContainerFacts, Findings } from '../../../model/inspection';
import { RuntimeError } from '../../../model/problem';
import type { ReaderJournal } from '../../../model/readerJournal';
import { asString, memberAt } from '../../../util/records';
import { shellLine, shellQuote, shortId } from '../../../util/text';
import type { InspectContext, Report, RuntimeAdapter } from '../../adapter';
import type { DockerClient } from '../client';
import { bundlePlaces } from './places';
import { readThroughContainer, removeLeftovers } from './readThrough';

export interface ReaderOptions {
  /** The engine of a container. */
  readonly clientOf: (layerIds: readonly string[]) => DockerClient | undefined;
  readonly journal: ReaderJournal;
  /** Something that other machines do not have. */
  readonly machine: () => Promise<string>;
}

/** Reads config.json through the engine where no more direct route is open; only when it is told to. */
export interface ConfigReader extends RuntimeAdapter {
  /**
   * Makes a reader container for this one and keeps what it reads, which the next inspection tells. Only to be called when
   * the user has said so.
   *
   * @throws RuntimeError with the reason and a remedy
   */
  read(container: Container, facts: ContainerFacts, signal?: AbortSignal): Promise<void>;
  /** An engine answers: what a reading that was cut off has left there is removed now. Nobody waits for it. */
  engineAnswered(client: DockerClient): void;
}

/** A config.json is written once, at start: what was read holds until the container is started again. */
interface Kept {
  readonly startedAt: string;
  readonly config: KnownFact<unknown>;
  readonly bundle: KnownFact<string>;
}

const KEPT = 200;
const SOURCE = 'a reader container’s archive endpoint';
export const ASK_FOR_READER =
  'Run the command “Read config.json Through a Reader Container…”: it asks first, and says what it does.';

export function createConfigReader(options: ReaderOptions): ConfigReader {
  return new Reader(options);
}

class Reader implements ConfigReader {
  readonly id = 'reader-container';
  private readonly kept = new Map<string, Kept>();
  private readonly removing = new Set<string>();

  constructor(private readonly options: ReaderOptions) {}

  async look(): Promise<Report> {
    return { layers: [], sightings: [] };
  }

  engineAnswered(client: DockerClient): void {
    const { url } = client.endpoint;
    if (this.removing.has(url) || this.options.journal.entries().length === 0) return;
    this.removing.add(url);
    void this.options
      .machine()
      .then((machine) => removeLeftovers(client, this.options.journal, machine))
      .catch(() => undefined)
      .finally(() => this.removing.delete(url));
  }

  async inspect({ container, found }: InspectContext): Promise<Findings> {
    const client = this.options.clientOf(container.layers);
    if (!client || client.isPodman || !hasInit(container.state)) return {};
    const kept = this.kept.get(container.id);
    if (kept && kept.startedAt === startedAt(found)) return { ociConfig: kept.config, bundlePath: kept.bundle };
    if (isKnown(found.ociConfig)) return {};
    const reason = 'The engine can hand it over through a reader container, which is only made when you ask for it.';
    return { ociConfig: unknown(reason, ASK_FOR_READER, 'reader-container') };
  }

  async read(container: Container, facts: ContainerFacts, signal?: AbortSignal): Promise<void> {
    const { journal, machine } = this.options;
    const client = this.options.clientOf(container.layers);
    const what = `Reading the config.json of ${container.name ?? shortId(container.runtimeId)} through a reader container`;
    if (!client || client.isPodman) {
      throw new RuntimeError({
        code: 'unsupported',
        what,
        reason: 'No Docker Engine that can be asked knows this container.',
        remedy: 'This works for containers of Docker alone.',
      });
    }
    const started = startedAt(facts);
    if (!hasInit(container.state) || started === undefined) {
      throw new RuntimeError({
        code: 'absent',
        what,
        reason: 'dockerd deletes the bundle, config.json with it, when the container ends.',
        remedy: 'Start the container.',
      });
    }
    const shimPid = valueOf(facts.shimPid);
    const target = {
      containerId: container.runtimeId,
      bundles: bundlePlaces(container, facts, client.endpoint.url),
      ...(shimPid === undefined ? {} : { shimPid }),
    };
    const reading = await readThroughContainer(client, journal, await machine(), target, signal);
    const { bundle, config, left } = reading;
    const how = howToCheck(client.endpoint.url, bundle);
    const note = left === undefined ? {} : { note: `What was made for it is still there, and removed later. ${left}` };
    this.keep(container.id, {
      startedAt: started,
      config: known('reader-container', config, `${bundle}/config.json by ${SOURCE}`, how, note),
      bundle: known('reader-container', bundle, `the folder that ${SOURCE} read`, how),
    });
  }

  watch(): { dispose(): void } {
    return { dispose: () => undefined };
  }

  dispose(): void {
    this.kept.clear();
  }

  private keep(id: string, kept: Kept): void {
    this.kept.delete(id);
    this.kept.set(id, kept);
    const oldest = this.kept.keys().next().value;
    if (this.kept.size > KEPT && oldest !== undefined) this.kept.delete(oldest);
  }
}

function startedAt(facts: Findings): string | undefined {
  return asString(memberAt(valueOf(facts.engineRecord), 'State', 'StartedAt'));
}

/** The same by the docker command line alone, for a person who wants to see it. */
function howToCheck(endpoint: string, bundle: string): string {
  const docker = shellLine(['docker', '--host', endpoint]);
  const bind = shellQuote(`${bundle}:/read:ro`);
  return [
    `image="$(head -c 1024 /dev/zero | ${docker} import -)"`,
    `reader="$(${docker} create --network none --volume ${bind} "$image" never-started)"`,
    `${docker} cp "$reader":/read/config.json - | tar -xO`,
    `${docker} rm "$reader" >/dev/null; ${docker} rmi "$image" >/dev/null`,
  ].join('; ');
}
