import { RuntimeError } from '../../model/problem';
import type { UnixChannel } from '../grpc/channel';
import type { MessageOf } from '../grpc/message';
import {
  type ContainerRecord,
  type ListedContainerRecord,
  type PluginRecord,
  type ServerResponse,
  type TaskRecord,
  type VersionResponse,
} from './messages';
import { METHODS } from './methods';

export const DETAIL_MS = 3_000;
export const LIST_MS = 10_000;

/** The containers of a namespace, and how many could not be decoded. */
export interface ContainerList {
  readonly containers: readonly ListedContainerRecord[];
  readonly malformed: number;
}

/** The questions we ask containerd, over one connection. All reject with RuntimeError. */
export class ContainerdClient {
  constructor(
    private readonly channel: UnixChannel,
    private readonly signal?: AbortSignal,
  ) {}

  version(): Promise<MessageOf<typeof VersionResponse.fields>> {
    return this.channel.unary(METHODS.version, {}, this.options(undefined, DETAIL_MS));
  }

  server(): Promise<MessageOf<typeof ServerResponse.fields>> {
    return this.channel.unary(METHODS.server, {}, this.options(undefined, DETAIL_MS));
  }

  async plugins(): Promise<readonly PluginRecord[]> {
    const { plugins } = await this.channel.unary(METHODS.plugins, {}, this.options(undefined, DETAIL_MS));
    return plugins;
  }

  /** Names of the namespaces, in containerd's order. */
  async namespaces(): Promise<readonly string[]> {
    const { namespaces } = await this.channel.unary(METHODS.namespaces, {}, this.options(undefined, DETAIL_MS));
    return namespaces.map(({ name }) => name).filter((name) => name !== '');
  }

  /**
   * All containers of a namespace, one message each: a list in one message fails from some hundred containers on,
   * because every record carries its whole spec. Servers without the stream are asked for the list.
   */
  async containers(namespace: string): Promise<ContainerList> {
    const containers: ListedContainerRecord[] = [];
    let malformed = 0;
    try {
      await this.channel.stream(
        METHODS.containers,
        {},
        {
          ...this.options(namespace, LIST_MS),
          onMessage: ({ container }) => container && containers.push(container),
          onMalformed: () => malformed++,
        },
      );
      return { containers, malformed };
    } catch (error) {
      if (!(error instanceof RuntimeError) || error.problem.code !== 'unsupported') throw error;
      const list = await this.channel.unary(METHODS.containersAtOnce, {}, this.options(namespace, LIST_MS));
      return { containers: list.containers, malformed: 0 };
    }
  }

  /** The tasks of a namespace. */
  async tasks(namespace: string): Promise<readonly TaskRecord[]> {
    const { tasks } = await this.channel.unary(METHODS.tasks, {}, this.options(namespace, LIST_MS));
    return tasks;
  }

  /** @throws RuntimeError `absent` when containerd does not know it */
  async container(namespace: string, id: string): Promise<ContainerRecord> {
    const { container } = await this.channel.unary(METHODS.container, { id }, this.options(namespace, DETAIL_MS));
    if (container) return container;
    throw new RuntimeError({ code: 'malformed', what: `Reading container ${id}`, reason: 'The answer is empty.' });
  }

  /** One container as the list has it; undefined when containerd does not know it. */
  async listed(namespace: string, id: string): Promise<ListedContainerRecord | undefined> {
    try {
      const { container } = await this.channel.unary(
        METHODS.listedContainer,
        { id },
        this.options(namespace, DETAIL_MS),
      );
      return container;
    } catch (error) {
      if (error instanceof RuntimeError && error.problem.code === 'absent') return undefined;
      throw error;
    }
  }

  /** The task of a container; undefined when it has none. */
  async task(namespace: string, containerId: string): Promise<TaskRecord | undefined> {
    try {
      const { process } = await this.channel.unary(METHODS.task, { containerId }, this.options(namespace, DETAIL_MS));
      return process;
    } catch (error) {
      if (error instanceof RuntimeError && error.problem.code === 'absent') return undefined;
      throw error;
    }
  }

  private options(namespace: string | undefined, timeoutMs: number): ReturnType<typeof callOptions> {
    return callOptions(namespace, timeoutMs, this.signal);
  }
}

/** How containerd is called: it takes the namespace from a header. */
export function callOptions(
  namespace: string | undefined,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): { timeoutMs: number; signal: AbortSignal | undefined; metadata: Record<string, string> } {
  return { timeoutMs, signal, metadata: namespace === undefined ? {} : { 'containerd-namespace': namespace } };
}
