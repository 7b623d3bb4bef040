import { parentPort } from 'node:worker_threads';
import { RuntimeError } from '../../model/problem';
import type { ContainerdEvent, DockerEvent, Observation } from '../../model/trace/observation';
import { asNumber, memberAt } from '../../util/records';
import { measureBootClock, microsecondClock } from './bootClock';
import type { FromTracer, TraceTargets } from './messages';
import { ProcessSampler } from './processSampler';
import { readContainerdEvents, readDockerEvents } from './streams';

/*
 * Watches for the birth of a container, in a thread of its own: a reader that falls behind slows the daemons that it reads
 * from, and looking at /proc every few milliseconds would hold up everything else. It runs only while somebody waits.
 */

/** Between two looks at /proc, while a container starts. */
const LOOK_EVERY_MS = 2;
/** For so long after the last sign of a birth /proc is looked at. */
const LOOK_FOR_MS = 5_000;
/** Once the task runs, what is left to see is its execve and the end of `runc start`. */
const LOOK_AFTER_START_MS = 150;
const TELL_EVERY_MS = 20;

const post = (message: FromTracer): void => parentPort?.postMessage(message);
const nowUs = microsecondClock();
const boot = measureBootClock(nowUs);
const sampler = boot && new ProcessSampler(boot, nowUs);
let waiting: Observation[] = [];
let lookUntil = 0;
let looking = false;

function tell(observations: readonly Observation[]): void {
  if (observations.length === 0) return;
  if (waiting.length === 0) setTimeout(flush, TELL_EVERY_MS);
  waiting.push(...observations);
}

function flush(): void {
  const observations = waiting;
  waiting = [];
  post({ kind: 'observations', observations });
}

function lookFor(milliseconds: number): void {
  lookUntil = performance.now() + milliseconds;
  if (looking || !sampler) return;
  looking = true;
  const look = (): void => {
    tell(sampler.look());
    if (performance.now() < lookUntil) setTimeout(look, LOOK_EVERY_MS);
    else looking = false;
  };
  look();
}

function onDocker(event: DockerEvent): void {
  tell([event]);
  if (event.type === 'container' && event.action === 'create') lookFor(LOOK_FOR_MS);
}

function onContainerd(event: ContainerdEvent): void {
  tell([event]);
  switch (event.topic) {
    case '/snapshot/prepare':
    case '/containers/create':
      return lookFor(LOOK_FOR_MS);
    case '/tasks/create': {
      const pid = asNumber(memberAt(event.payload, 'pid'));
      if (pid !== undefined && pid > 0 && event.containerId !== undefined) sampler?.expectInit(pid, event.containerId);
      return lookFor(LOOK_FOR_MS);
    }
    case '/tasks/start':
      return lookFor(LOOK_AFTER_START_MS);
  }
}

function follow(targets: TraceTargets): void {
  sampler?.begin();
  const { signal } = new AbortController();
  const watch = (name: string, read: (connected: () => void) => Promise<void>): void => {
    read(() => post({ kind: 'stream', name, state: 'connected' })).then(
      () => post({ kind: 'stream', name, state: 'lost', reason: 'The daemon has ended the stream.' }),
      (error: unknown) => {
        const { problem } = RuntimeError.from(error, name);
        post({ kind: 'stream', name, state: 'lost', reason: problem.reason });
      },
    );
  };
  for (const { name, connection } of targets.engines) {
    watch(name, (connected) => readDockerEvents(connection, connected, onDocker, signal));
  }
  for (const { name, socketPath } of targets.containerds) {
    watch(name, (connected) => readContainerdEvents(socketPath, connected, onContainerd, signal));
  }
  if (!sampler)
    post({
      kind: 'stream',
      name: '/proc',
      state: 'lost',
      reason: 'There is no /proc with start times on this machine.',
    });
  else post({ kind: 'stream', name: '/proc', state: 'connected' });
}

parentPort?.once('message', follow);
