import { asBoolean, asNumber, asString, memberAt } from '../../util/records';
import type { ApiCall } from '../apiCall';
import { isKnown, valueOf } from '../fact';
import type { ContainerFacts } from '../inspection';
import { maskPayload } from '../secrets';
import { createCopies, createPath, curl, rawHttp, type CallTarget } from './copies';
import { daemonDefaults, rebuildCreateRequest } from './createRequest';
import { dockerodeCall } from './replay';
import { lastEvent, observedEvents, type ObservedEvent } from './observed';

/** A call before it gets its number. */
export type Call = Omit<ApiCall, 'seq'>;

/** What the client asked of dockerd, in the order of `docker run`. Empty when no engine has a record of the container. */
export function engineCalls(facts: ContainerFacts, reveal: boolean): Call[] {
  const record = valueOf(facts.engineRecord);
  const engine = valueOf(facts.engine);
  if (record === undefined || engine === undefined) return [];
  const target: CallTarget = { endpoint: engine.endpoint, apiVersion: engine.apiVersion };
  const events = observedEvents(facts.engineEvents);
  return [
    ping(target),
    ...createCall(facts, record, engine.info, target, events, reveal),
    ...startCalls(record, target, events),
    ...endCalls(record, target, events),
  ];
}

/** What the evidence of a call is: the event that shows it, else the record that it led to. */
function evidence(
  event: ObservedEvent | undefined,
  reconstructed: string,
  at?: string,
): Pick<Call, 'evidence' | 'because' | 'at'> {
  if (event) return { evidence: 'observed', because: event.because, at: event.at };
  return { evidence: 'reconstructed', because: reconstructed, ...(at ? { at } : {}) };
}

function http(
  target: CallTarget,
  method: string,
  path: string,
  meaning: string,
  proof: Pick<Call, 'evidence' | 'because' | 'at'>,
): Call {
  const dockerode = dockerodeCall(target, method, path);
  return {
    from: 'client',
    to: 'dockerd',
    protocol: 'http',
    method,
    target: path,
    meaning,
    copies: {
      curl: curl(target, method, path),
      'Raw HTTP': rawHttp(method, path),
      ...(dockerode ? { dockerode } : {}),
    },
    ...proof,
  };
}

function ping(target: CallTarget): Call {
  return http(
    target,
    'HEAD',
    '/_ping',
    'The client asks whether the engine is there and which version of the API it speaks.',
    evidence(undefined, 'Every Docker client begins like this; no record of it is kept.'),
  );
}

function createCall(
  facts: ContainerFacts,
  record: unknown,
  info: unknown,
  target: CallTarget,
  events: readonly ObservedEvent[],
  reveal: boolean,
): Call[] {
  const image = isKnown(facts.engineImage) ? facts.engineImage.value : undefined;
  const request = rebuildCreateRequest(record, image, daemonDefaults(info));
  if (!request) return [];
  const shown = (value: unknown): unknown => (reveal ? value : maskPayload(value).value);
  const proof = evidence(
    lastEvent(events, 'create'),
    'The record of the container, minus what the image and the engine fill in.',
    time(record, 'Created'),
  );
  const notes = request.undecidable.length > 0 ? ` ${request.undecidable.join(' ')}` : '';
  return [
    {
      ...http(
        target,
        'POST',
        createPath(request, target),
        'dockerd checks the request, fills in defaults, makes the writable layer and stores the record. No process is started.',
        {
          ...proof,
          because: `${proof.because} Its body is reconstructed from the record.${notes}`,
        },
      ),
      payload: shown(request.body),
      defaults: shown(request.defaults),
      copies: createCopies(request, target, reveal),
    },
  ];
}

function startCalls(record: unknown, target: CallTarget, events: readonly ObservedEvent[]): Call[] {
  const startedAt = time(record, 'State', 'StartedAt');
  if (!startedAt) return [];
  const path = `/v${target.apiVersion}/containers/${asString(memberAt(record, 'Id')) ?? ''}`;
  const calls: Call[] = [];
  const attached =
    asBoolean(memberAt(record, 'Config', 'AttachStdout')) === true ||
    asBoolean(memberAt(record, 'Config', 'AttachStdin')) === true;
  const attach = lastEvent(events, 'attach');
  if (attached || attach) {
    const input = asBoolean(memberAt(record, 'Config', 'AttachStdin')) === true ? '&stdin=1' : '';
    calls.push(
      http(
        target,
        'POST',
        `${path}/attach?stream=1${input}&stdout=1&stderr=1`,
        'The client attaches to the streams before the start, so that no output is lost. The connection is taken over: it carries the streams from here on.',
        evidence(attach, 'The record says that streams were attached, as docker run does without --detach.'),
      ),
    );
  }
  const condition = asBoolean(memberAt(record, 'HostConfig', 'AutoRemove')) === true ? 'removed' : 'next-exit';
  calls.push(
    http(
      target,
      'POST',
      `${path}/wait?condition=${condition}`,
      'The client asks to be told the exit code. It asks before the start: a short process could end in between.',
      evidence(
        undefined,
        'docker run asks for it; the engine keeps no record of it. Other clients may not have asked.',
      ),
    ),
    http(
      target,
      'POST',
      `${path}/start`,
      'dockerd mounts the root file system, writes the OCI spec and hands the container to containerd.',
      evidence(
        lastEvent(events, 'start'),
        'The record says when it was started. A restart by the policy needs no call.',
        startedAt,
      ),
    ),
  );
  return calls;
}

/** Calls that ended or paused it, where events show them: an exit by itself needs none. */
function endCalls(record: unknown, target: CallTarget, events: readonly ObservedEvent[]): Call[] {
  const path = `/v${target.apiVersion}/containers/${asString(memberAt(record, 'Id')) ?? ''}`;
  const status = asString(memberAt(record, 'State', 'Status'));
  const seen: readonly (readonly [action: string, holds: boolean, meaning: string])[] = [
    [
      'pause',
      status === 'paused',
      'Its processes are frozen through the freezer of its cgroup: they keep their memory and get no CPU time.',
    ],
    ['stop', status === 'exited', 'dockerd sends the stop signal, waits, and kills what is left.'],
    ['kill', status === 'exited' && !lastEvent(events, 'stop'), 'dockerd has a signal sent to the init process.'],
  ];
  return seen.flatMap(([action, holds, meaning]) => {
    const event = lastEvent(events, action);
    return event && holds ? [http(target, 'POST', `${path}/${action}`, meaning, evidence(event, ''))] : [];
  });
}

/** A time of the record; Docker writes the year 1 for "never". */
function time(record: unknown, ...path: string[]): string | undefined {
  const text = asString(memberAt(record, ...path)) ?? '';
  const at = Date.parse(text);
  return Number.isNaN(at) || at <= 0 ? undefined : new Date(at).toISOString();
}

/** Whether the container has ever been started. */
export function wasStarted(record: unknown): boolean {
  return time(record, 'State', 'StartedAt') !== undefined;
}

/** When it ended; undefined while it runs or has never run. */
export function endedAt(record: unknown): string | undefined {
  const runs = (asNumber(memberAt(record, 'State', 'Pid')) ?? 0) > 0;
  return runs ? undefined : time(record, 'State', 'FinishedAt');
}

/** When it was last started. */
export function startedAt(record: unknown): string | undefined {
  return time(record, 'State', 'StartedAt');
}
