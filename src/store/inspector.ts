import type { InspectContext, RuntimeAdapter } from '../adapters/adapter';
import type { Container } from '../model/container';
import { bestOf, unknown, type Fact } from '../model/fact';
import type { ContainerFacts, FactName, Findings, Inspection } from '../model/inspection';
import type { ApiCall } from '../model/apiCall';
import type { ProcessTable } from '../model/process';
import { RuntimeError } from '../model/problem';
import { withDeadline } from '../util/deadline';
import type { SpecMemory } from './specMemory';

/** The net below the adapters' own deadlines. */
const LIMIT_MS = 15_000;

/** What an unanswered question says: nobody was there to ask. */
const UNASKED: Readonly<Record<FactName, string>> = {
  initPid: 'No layer that knows this container names an init process.',
  shimPid: 'No layer that knows this container names a shim or monitor.',
  cgroupPaths: 'Cgroup paths belong to a running process, and none is known.',
  namespaces: 'Namespaces belong to a running process, and none is known.',
  ociConfig: 'No layer that can be read holds a config.json of this container.',
  bundlePath: 'No bundle of this container can be found.',
  runtime: 'No layer names the OCI runtime of this container.',
  processes: 'No running process of this container is known.',
  shim: 'No layer that knows this container names a shim or monitor.',
  cgroups: 'Cgroup limits belong to a running process, and none is known.',
  engineRecord: 'No engine knows this container: it was not made through Docker.',
  engineImage: 'No engine knows this container: it was not made through Docker.',
  engineEvents: 'No engine knows this container: it was not made through Docker.',
  engine: 'No engine knows this container: it was not made through Docker.',
  runtimeState: 'No state of an OCI runtime can be read for this container.',
  containerdRecord: 'No containerd that can be asked holds this container.',
  criRecord: 'It was not made through CRI, so no kubelet is behind it.',
};

/** The names of all facts. */
export const FACT_NAMES = Object.keys(UNASKED) as readonly FactName[];

/**
 * Asks every adapter about one container, in stages: those of a stage at once, a later stage with what the earlier ones
 * found. Of several answers to one question the most direct route wins, and remembers why the better ones did not answer.
 */
export class Inspector {
  constructor(
    private readonly stages: readonly (readonly RuntimeAdapter[])[],
    private readonly memory: SpecMemory,
    private readonly buildCalls: (container: Container, facts: ContainerFacts) => readonly ApiCall[],
  ) {}

  async inspect(container: Container, processes: ProcessTable, signal?: AbortSignal): Promise<Inspection> {
    const answers: Findings[] = [];
    for (const stage of this.stages) {
      const context: InspectContext = { container, processes, found: merge(answers) };
      answers.push(...(await Promise.all(stage.map((adapter) => ask(adapter, context, signal)))));
    }
    const facts = this.memory.complete(container, complete(merge(answers)));
    const { buildCalls } = this;
    let calls: readonly ApiCall[] | undefined;
    return {
      id: container.id,
      name: container.name ?? container.runtimeId,
      observedAt: new Date().toISOString(),
      facts,
      // Most who inspect never look at them.
      get apiCalls() {
        return (calls ??= buildCalls(container, facts));
      },
    };
  }
}

/** An inspection of a container that nobody could be asked about, each fact with the reason. */
export function emptyInspection(id: string, name: string, reason: string, remedy: string): Inspection {
  const facts = Object.fromEntries(FACT_NAMES.map((fact) => [fact, unknown(reason, remedy)]));
  // Every name of a fact is a key: the mapped type cannot say so.
  return { id, name, observedAt: new Date().toISOString(), facts: facts as unknown as ContainerFacts, apiCalls: [] };
}

async function ask(adapter: RuntimeAdapter, context: InspectContext, signal?: AbortSignal): Promise<Findings> {
  const what = `Asking ${adapter.id} about ${context.container.name ?? context.container.runtimeId}`;
  try {
    return await withDeadline(what, LIMIT_MS, signal, (inner) => adapter.inspect(context, inner));
  } catch (error) {
    const wrapped = RuntimeError.from(error, what);
    if (wrapped.problem.code === 'cancelled') throw wrapped;
    return {};
  }
}

function merge(answers: readonly Findings[]): Findings {
  const found: Record<string, Fact<unknown>> = {};
  for (const name of FACT_NAMES) {
    const best = bestOf<unknown>(answers.map((findings) => findings[name]));
    if (best) found[name] = best;
  }
  // Each value came from the same name in `answers`, so the types still match; the mapped type cannot say so.
  return found;
}

/** Every fact in one order, whoever answered first: documents show them so. */
function complete(found: Findings): ContainerFacts {
  const facts: Partial<Record<FactName, Fact<unknown>>> = {};
  for (const name of FACT_NAMES) facts[name] = found[name] ?? unasked(name);
  // Every name of a fact is a key, with the value of the same name: the mapped type cannot say so.
  return facts as ContainerFacts;
}

function unasked(name: FactName): Fact<never> {
  return unknown(
    UNASKED[name],
    'Look at the layers of this container in the tree: each says whether it could be asked.',
  );
}
