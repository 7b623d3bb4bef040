import { readableId } from '../../util/text';
import { childrenEvidence, processEvidence, taskEvidence } from './evidence';
import type { Evidence, Finding, FindingKind, Severity } from './finding';
import { startedAtMs, type Observation, type ObservedShim } from './observation';
import { caresFor, endsItsTasks, isDead, isStopped, livingChildren, namespaceOf, processKey, youngest } from './places';

/** What is wrong, or only looks so, with shims and monitors as processes. */
export function checkShims(seen: Observation): Finding[] {
  return [...seen.shims.flatMap((shim) => checkShim(shim, seen)), ...duplicates(seen)];
}

function checkShim(shim: ObservedShim, seen: Observation): Finding[] {
  const found: Finding[] = [];
  const add = (kind: FindingKind, severity: Severity, ...more: readonly Evidence[]): void =>
    void found.push(finding(kind, severity, shim, seen, more));
  if (shim.serves.length > 1) add('pod-shim', 'normal');
  // Who is stopped answers nobody: nothing else that is seen of it means anything.
  if (isStopped(shim.process)) add('shim-stopped', 'attention');
  else if (livingChildren(seen, shim.process).length === 0) add(...childless(shim, seen));
  else if (isUnknown(shim, seen)) add('shim-unknown', 'attention');
  return found;
}

function childless(shim: ObservedShim, seen: Observation): [FindingKind, Severity] {
  if (shim.kind === 'conmon') return ['conmon-without-container', 'attention'];
  const where = namespaceOf(seen, shim.containerd, shim.namespace);
  const task = where?.tasks.get(shim.id);
  if (where && task?.status === 'stopped') return ['ended-task', endsItsTasks(where.namespace) ? 'leftover' : 'normal'];
  return ['shim-without-child', 'attention'];
}

/** Its containerd answers, and holds no task of it. */
function isUnknown(shim: ObservedShim, seen: Observation): boolean {
  if (shim.kind === 'conmon' || !shim.containerd || !seen.answered.has(shim.containerd)) return false;
  const where = namespaceOf(seen, shim.containerd, shim.namespace);
  return ![shim.id, ...shim.serves].some((id) => where?.tasks.has(id));
}

function duplicates(seen: Observation): Finding[] {
  const groups = new Map<string, ObservedShim[]>();
  for (const shim of seen.shims) {
    const key = JSON.stringify([shim.kind, shim.containerd ?? '', shim.namespace ?? '', shim.id]);
    groups.set(key, [...(groups.get(key) ?? []), shim]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first, ...others] = group.sort((a, b) => a.process.startTicks - b.process.startTicks);
    if (!first || others.length === 0) return [];
    const more = others.flatMap(({ process }) => [
      processEvidence('Another for the same id', process, seen),
      childrenEvidence(process, seen),
    ]);
    const keys = group.map(({ process }) => processKey(process)).join(' ');
    const one = finding('duplicate-shims', 'attention', first, seen, more);
    return [
      {
        ...one,
        key: `duplicate-shims ${keys}`,
        ...youngest(...group.map(({ process }) => startedAtMs(seen, process))),
      },
    ];
  });
}

function finding(
  kind: FindingKind,
  severity: Severity,
  shim: ObservedShim,
  seen: Observation,
  more: readonly Evidence[],
): Finding {
  const { process, id, namespace, containerd } = shim;
  const where = namespaceOf(seen, containerd, namespace);
  const task = where?.tasks.get(id);
  const ids = kind === 'pod-shim' ? [...new Set([id, ...shim.serves])] : [id];
  const program = shim.kind === 'conmon' ? 'conmon' : 'shim';
  const place = namespace === undefined ? '' : `${namespace}/`;
  return {
    key: `${kind} ${processKey(process)}`,
    kind,
    severity,
    subject: `${program} ${process.pid} of ${place}${readableId(id)}`,
    runtimeId: id,
    where: containerd ?? (shim.kind === 'conmon' ? 'conmon' : 'a containerd that cannot be reached from here'),
    evidence: [
      processEvidence(shim.kind === 'conmon' ? 'The monitor' : 'The shim', process, seen),
      childrenEvidence(process, seen),
      ...(where ? ids.map((one) => withId(taskEvidence(where, one, seen), ids.length > 1 ? one : undefined)) : []),
      ...more,
    ],
    ...youngest(startedAtMs(seen, process), task?.exitedAtMs),
  };
}

function withId(evidence: Evidence, id: string | undefined): Evidence {
  return id === undefined ? evidence : { ...evidence, label: `containerd knows of ${readableId(id)}` };
}

/** Init processes that have ended and that their shim has not collected: their exit code is not told to anybody. */
export function checkZombies(seen: Observation): Finding[] {
  return seen.shims.flatMap((shim) =>
    seen.processes
      .childrenOf(shim.process.pid)
      .filter(({ state }) => isDead(state))
      .map((zombie): Finding => {
        const base = finding('zombie-init', 'attention', shim, seen, [
          processEvidence('The ended process', zombie, seen),
        ]);
        return { ...base, key: `zombie-init ${processKey(zombie)}`, ...youngest(startedAtMs(seen, zombie)) };
      }),
  );
}

/** The shim or monitor that is the parent of a process. */
export function caretakerOf(seen: Observation, parentPid: number): ObservedShim | undefined {
  return seen.shims.find(({ process }) => process.pid === parentPid);
}

/** Whether some shim of a containerd's namespace answers for a container. */
export function isServed(seen: Observation, namespace: string, id: string): boolean {
  return seen.shims.some((shim) => shim.namespace === namespace && caresFor(shim, id));
}
