import type { Evidence } from '../apiCall';
import type { BirthStep, Lane, LayerTime } from './birth';
import { CLOCKS } from './observation';

/** The moments between which layers worked, in their order, and what was done up to each. */
const PHASES: readonly { readonly step: string; readonly lane: Lane; readonly does: string }[] = [
  { step: 'start', lane: 'client', does: '' },
  { step: 'containers-create', lane: 'dockerd', does: 'mounts the root file system, joins networks, writes the spec' },
  { step: 'shim', lane: 'containerd', does: 'makes the bundle and starts the shim' },
  { step: 'runtime-create', lane: 'shim', does: 'comes up, and is asked to create the task' },
  { step: 'init', lane: 'runtime', does: 'create: reads config.json and clones the init process' },
  { step: 'tasks-create', lane: 'runtime', does: 'create: namespaces, cgroup, mounts; ends' },
  { step: 'runtime-start', lane: 'containerd', does: 'hands the task back, and is asked to start it' },
  { step: 'tasks-start', lane: 'runtime', does: 'start: lets the init process go on to execve' },
  { step: 'event-start', lane: 'dockerd', does: 'notes that it runs' },
];

const WEAKEST: readonly Evidence[] = ['reconstructed', 'observed', 'recorded'];

/** The time each layer took, between the steps whose moment is known. A moment that is not known joins two layers' times. */
export function layerTimes(steps: readonly BirthStep[]): LayerTime[] {
  const timed = PHASES.flatMap((phase, index) => {
    const step = steps.find(({ id, atUs }) => id === phase.step && atUs !== undefined);
    return step ? [{ index, step }] : [];
  });
  const times = timed.slice(1).map(({ index, step }, at): LayerTime => {
    const from = timed[at] ?? { index: 0, step };
    const phases = PHASES.slice(from.index + 1, index + 1);
    const label = phases.map(({ lane, does }) => `${lane === 'runtime' ? 'OCI runtime' : lane}: ${does}`).join('; ');
    return between(`${from.step.id} ${step.id}`, phases[0]?.lane ?? 'dockerd', label, from.step, step);
  });
  const first = timed[0]?.step;
  const last = timed.at(-1)?.step;
  return first && last && timed.length > 2 ? [...times, between('all', 'client', 'all together', first, last)] : times;
}

function between(id: string, lane: Lane, label: string, from: BirthStep, to: BirthStep): LayerTime {
  const clocks = [from, to].flatMap(({ source }) => (source ? [CLOCKS[source]] : []));
  return {
    id,
    lane,
    label,
    fromStep: from.id,
    toStep: to.id,
    ...duration(from, to),
    evidence: WEAKEST.find((evidence) => from.evidence === evidence || to.evidence === evidence) ?? 'reconstructed',
    clocks: clocks[0] === clocks[1] ? clocks.slice(0, 1) : clocks,
  };
}

/** From the middle of one interval to the middle of the other, and how far the truth can be from that. */
function duration(from: BirthStep, to: BirthStep): { readonly us: number; readonly precisionUs: number } {
  const [fromPrecision, toPrecision] = [from.precisionUs ?? 0, to.precisionUs ?? 0];
  const us = (to.atUs ?? 0) + toPrecision / 2 - ((from.atUs ?? 0) + fromPrecision / 2);
  return { us: Math.max(0, Math.round(us)), precisionUs: Math.ceil((fromPrecision + toPrecision) / 2) };
}
