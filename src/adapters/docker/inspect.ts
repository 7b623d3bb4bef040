import type { Container } from '../../model/container';
import { known, unknown, unknownFrom, type Fact } from '../../model/fact';
import type { EngineContext, Findings, RuntimeFacts } from '../../model/inspection';
import { RuntimeError } from '../../model/problem';
import { asNumber, asString, memberAt } from '../../util/records';
import { shellLine } from '../../util/text';
import type { DockerClient } from './client';

/** What is known of an engine before one of its containers is looked at. */
export interface EngineKnowledge {
  readonly info: unknown;
  readonly version: string | undefined;
  /** The engine's own time now, unix milliseconds, where it has told its clock: asking again costs it dearly. */
  readonly nowMs?: number;
}

/** Asks an engine about one container; each question fails for itself. Rejects only when cancelled. */
export async function inspectWith(
  client: DockerClient,
  engine: EngineKnowledge,
  container: Container,
  signal?: AbortSignal,
): Promise<Findings> {
  const id = container.runtimeId;
  const path = `/containers/${id}/json`;
  const source = `Docker API GET ${path}`;
  const how = shellLine(['docker', '--host', client.endpoint.url, 'inspect', '--type=container', id]);
  const record = await answerOf(() => client.inspect(id, signal), source, how);
  if (!('value' in record)) {
    return {
      engineRecord: record,
      engineImage: record,
      engineEvents: record,
      initPid: record,
      runtime: record,
      engine: client.hasAgreed ? contextOf(client, engine) : record,
    };
  }
  const [image, events] = await Promise.all([
    imageOf(client, record.value, signal),
    eventsOf(client, engine, id, signal),
  ]);
  return {
    engineRecord: record,
    engineImage: image,
    engineEvents: events,
    engine: contextOf(client, engine),
    initPid: initPidOf(record.value, source, how),
    runtime: runtimeOf(record.value, engine.info, source, how),
  };
}

async function answerOf<T>(ask: () => Promise<T>, source: string, how: string): Promise<Fact<T>> {
  try {
    return known('docker-api', await ask(), source, how);
  } catch (error) {
    const wrapped = RuntimeError.from(error, source);
    if (wrapped.problem.code === 'cancelled') throw wrapped;
    return unknownFrom(wrapped.problem, 'docker-api');
  }
}

/** An image is named by the hash of what it is; only its tags can change, for so long this may go unnoticed. */
const IMAGE_HOLDS_MS = 60_000;
const IMAGES_KEPT = 200;
const images = new WeakMap<DockerClient, Map<string, { readonly fact: Fact<unknown>; readonly readAtMs: number }>>();

/** Many containers have one image: it is asked for once a minute, and the fact says when. */
async function imageOf(client: DockerClient, record: unknown, signal?: AbortSignal): Promise<Fact<unknown>> {
  const id = asString(memberAt(record, 'Image'));
  const kept = images.get(client) ?? new Map<string, { fact: Fact<unknown>; readAtMs: number }>();
  images.set(client, kept);
  const last = id === undefined ? undefined : kept.get(id);
  if (last && Date.now() - last.readAtMs < IMAGE_HOLDS_MS) return last.fact;
  const fact = await askForImage(client, record, signal);
  if (id === undefined) return fact;
  kept.delete(id);
  if ('value' in fact) kept.set(id, { fact, readAtMs: Date.now() });
  const oldest = kept.keys().next().value;
  if (kept.size > IMAGES_KEPT && oldest !== undefined) kept.delete(oldest);
  return fact;
}

async function askForImage(client: DockerClient, record: unknown, signal?: AbortSignal): Promise<Fact<unknown>> {
  const image = asString(memberAt(record, 'Image')) ?? asString(memberAt(record, 'Config', 'Image')) ?? '';
  const how = shellLine(['docker', '--host', client.endpoint.url, 'image', 'inspect', image]);
  return answerOf(() => client.inspectImage(image, signal), `Docker API GET /images/${image}/json`, how);
}

async function eventsOf(
  client: DockerClient,
  engine: EngineKnowledge,
  id: string,
  signal?: AbortSignal,
): Promise<Fact<readonly unknown[]>> {
  // The engine ends its answer when its own clock has reached `until`: one of ours that is ahead would keep it open, so
  // the time comes from the engine where it tells it.
  const now = engine.nowMs ?? systemTime(await client.info(signal).catch(() => undefined)) ?? Date.now();
  const until = (now / 1_000).toFixed(3);
  const how = shellLine([
    'docker',
    '--host',
    client.endpoint.url,
    'events',
    '--since=0',
    `--until=${until}`,
    '--filter',
    `container=${id}`,
  ]);
  return answerOf(() => client.pastEvents(id, until, signal), 'Docker API GET /events', how);
}

/** The engine's clock in its answer to `GET /info`, unix milliseconds. */
export function systemTime(info: unknown): number | undefined {
  const at = Date.parse(asString(memberAt(info, 'SystemTime')) ?? '');
  return Number.isNaN(at) ? undefined : at;
}

function contextOf(client: DockerClient, engine: EngineKnowledge): Fact<EngineContext> {
  const value = {
    endpoint: client.endpoint.url,
    apiVersion: client.apiVersion,
    serverVersion: engine.version ?? 'unknown',
    info: engine.info,
  };
  return known('docker-api', value, 'Docker API GET /_ping, GET /version, GET /info', client.curl('/version'));
}

function initPidOf(record: unknown, source: string, how: string): Fact<number> {
  const pid = asNumber(memberAt(record, 'State', 'Pid')) ?? 0;
  const status = asString(memberAt(record, 'State', 'Status')) ?? 'not running';
  const isRunning = status === 'running' || status === 'paused';
  if (pid > 0)
    return known('docker-api', pid, `${source} State.Pid`, how, {
      note: "Counted in the PID namespace of the engine's own machine.",
    });
  if (isRunning)
    return unknown(`It is ${status}, but the engine names no PID.`, `See the record: ${how}`, 'docker-api');
  const ended =
    status === 'created'
      ? 'It has never been started'
      : `It is ${status} (exit code ${asNumber(memberAt(record, 'State', 'ExitCode')) ?? '?'})`;
  return unknown(`${ended}, so it has no init process.`, 'Start the container.', 'docker-api');
}

function runtimeOf(record: unknown, info: unknown, source: string, how: string): Fact<RuntimeFacts> {
  const name = asString(memberAt(record, 'HostConfig', 'Runtime')) || asString(memberAt(info, 'DefaultRuntime'));
  if (!name) return unknown('The engine names no runtime for it.', `See the record: ${how}`, 'docker-api');
  const path = asString(memberAt(info, 'Runtimes', name, 'path'));
  const driver = asString(memberAt(info, 'CgroupDriver'));
  const facts: RuntimeFacts = {
    binary: path || name,
    ...(name.startsWith('io.containerd.') ? { runtimeName: name } : {}),
    ...(driver === 'cgroupfs' || driver === 'systemd' || driver === 'none' ? { cgroupDriver: driver } : {}),
  };
  return known('docker-api', facts, `${source} HostConfig.Runtime, and GET /info`, how);
}
