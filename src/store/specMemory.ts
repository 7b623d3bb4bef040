import type { Container } from '../model/container';
import { isKnown, refusals, type Fact, type KnownFact } from '../model/fact';
import type { ContainerFacts } from '../model/inspection';
import { predictSpec } from '../model/predictedSpec';

/** How many specs are remembered; a spec is about 10 KB, more with many mounts. */
const CAPACITY = 200;

/**
 * Remembers the config.json of containers that we saw running: Docker deletes it with the bundle when they stop.
 * In memory alone, because a spec holds the container's environment.
 */
export class SpecMemory {
  private readonly seen = new Map<string, KnownFact<unknown>>();

  /**
   * Notes a spec that was read, and answers with the best that is left when none could be: the last one seen, marked
   * with its time, else one predicted from the engine's record, marked as such.
   */
  complete(container: Container, facts: ContainerFacts): ContainerFacts {
    const spec = facts.ociConfig;
    if (isKnown(spec)) {
      this.remember(container.id, spec);
      return facts;
    }
    const substitute = this.recall(container.id, container.state) ?? predicted(facts);
    return substitute ? { ...facts, ociConfig: { ...substitute, better: refusals(spec) } } : facts;
  }

  private remember(id: string, spec: KnownFact<unknown>): void {
    this.seen.delete(id);
    this.seen.set(id, spec);
    const oldest = this.seen.keys().next().value;
    if (this.seen.size > CAPACITY && oldest !== undefined) this.seen.delete(oldest);
  }

  private recall(id: string, state: string): KnownFact<unknown> | undefined {
    const spec = this.seen.get(id);
    if (!spec) return undefined;
    return {
      ...spec,
      route: 'memory',
      source: `${spec.source}, as last seen`,
      note: `The container is ${state} now. This is the config.json as we last read it, at ${spec.observedAt}.`,
    };
  }
}

function predicted(facts: ContainerFacts): KnownFact<unknown> | undefined {
  const record: Fact<unknown> = facts.engineRecord;
  if (!isKnown(record)) return undefined;
  const spec = predictSpec(record.value);
  if (!spec) return undefined;
  return {
    value: spec,
    route: 'derived',
    source: `Reconstructed from ${record.source}`,
    how: record.how,
    observedAt: record.observedAt,
    note: 'Reconstructed: there is no config.json of this container now. This is what its engine record asks for; the engine adds more when it starts it.',
  };
}
