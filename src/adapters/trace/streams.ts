import { dockerEventOf } from '../../model/trace/dockerEvent';
import type { ContainerdEvent, DockerEvent } from '../../model/trace/observation';
import { RuntimeError } from '../../model/problem';
import { parseJsonExact } from '../../util/json';
import { observedEvent } from '../containerd/events';
import { METHODS } from '../containerd/methods';
import { openRequest, type Connection } from '../docker/connection';
import { EventLines } from '../docker/eventLines';
import { UnixChannel } from '../grpc/channel';

const HEAD_MS = 10_000;
const ANSWER_MS = 5_000;

/** Networks are joined before the task is made: that takes its share of the time. */
const DOCKER_FILTER = encodeURIComponent(JSON.stringify({ type: ['container', 'network', 'volume'] }));

/** What a container's birth shows of containerd. Execs are left out at the server. */
const TOPICS = [
  ...['create', 'update', 'delete'].map((name) => `/containers/${name}`),
  ...['create', 'start', 'exit', 'delete', 'oom'].map((name) => `/tasks/${name}`),
  ...['prepare', 'commit'].map((name) => `/snapshot/${name}`),
];

/** Reads an engine's events until aborted or the engine ends them. @throws RuntimeError */
export function readDockerEvents(
  connection: Connection,
  onConnected: () => void,
  onEvent: (event: DockerEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const lines = new EventLines(readDockerEvent);
    const fail = (error: unknown): void => {
      clearTimeout(patience);
      call.destroy();
      reject(RuntimeError.from(error, "Reading the engine's events"));
    };
    const call = openRequest(connection, `/events?filters=${DOCKER_FILTER}`, { agent: false, signal });
    const patience = setTimeout(() => fail(new Error('No answer in time.')), HEAD_MS);
    call.on('response', (response) => {
      clearTimeout(patience);
      if (response.statusCode !== 200) return fail(new Error(`The engine answered ${response.statusCode ?? 0}.`));
      onConnected();
      response.on('data', (chunk: Buffer) => lines.push(chunk).forEach(onEvent));
      response.on('error', fail);
      response.on('end', resolve);
    });
    call.on('error', fail);
    call.end();
  });
}

/** One event of an engine, as its stream or its ring tells it; undefined for what is about no container. */
export function readDockerEvent(line: string): DockerEvent | undefined {
  try {
    return dockerEventOf(parseJsonExact(line));
  } catch {
    return undefined;
  }
}

/** Reads containerd's events until aborted or containerd ends them. @throws RuntimeError */
export async function readContainerdEvents(
  socketPath: string,
  onConnected: () => void,
  onEvent: (event: ContainerdEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const channel = await UnixChannel.open(socketPath, signal);
  try {
    const ended = channel.stream(
      METHODS.subscribe,
      { filters: TOPICS.map((topic) => `topic=="${topic}"`) },
      {
        signal,
        onMessage: (envelope) => {
          const event = observedEvent(envelope);
          if (event) onEvent(event);
        },
      },
    );
    // Awaited below; a failure in between must not count as unhandled.
    ended.catch(() => undefined);
    // The stream says nothing until something happens: a question asked after it tells that it stands.
    await channel.unary(METHODS.version, {}, { timeoutMs: ANSWER_MS, signal });
    onConnected();
    await ended;
  } finally {
    channel.close();
  }
}
