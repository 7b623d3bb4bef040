import { isKnown, valueOf } from '../../../model/fact';
import type { ShimFacts } from '../../../model/inspection';
import { maskArgs } from '../../../model/secrets';
import type { ExplanationView, FactView, ShimPage } from '../../../protocol/pages';
import { shellLine } from '../../../util/text';
import { factView, unknownView } from './factViews';
import { pageHeader } from './header';
import { explanationView, type PageInput } from './input';
import { processRows } from './processRows';

const WHY: Readonly<Record<ShimPage['shimKind'], Pick<ExplanationView, 'title' | 'meaning'>>> = {
  'containerd-shim': {
    title: 'Why there is a shim',
    meaning:
      'runc makes the container and exits. Somebody must stay as the parent of its processes, keep their terminal and pipes open, collect their exit codes and answer for them. The shim does that, so containerd and dockerd can be restarted or upgraded without a container noticing.',
  },
  conmon: {
    title: 'Why there is a monitor',
    meaning:
      'Podman and CRI-O have no daemon that would have to stay for a container: conmon does. It holds the terminal and the log, waits for the container to end, and writes down its exit code.',
  },
  unknown: {
    title: 'Why there is a shim or monitor',
    meaning:
      'The OCI runtime exits once the container runs. A shim (containerd) or monitor (Podman, CRI-O) stays as the parent of its processes and collects their exit codes.',
  },
};

/** The page "Shim". */
export function shimPage(input: PageInput): ShimPage {
  const { inspection, copies, container, inventory } = input;
  const { shim, processes } = inspection.facts;
  const value = valueOf(shim);
  const argv = maskArgs(value?.argv ?? []);
  const known = value
    ? processRows(shimRow(value, argv), value.processes)
    : processRows(undefined, valueOf(processes) ?? []);
  return {
    kind: 'shim',
    header: pageHeader(input),
    shimKind: value?.kind ?? 'unknown',
    why: whyOf(input, value?.kind ?? 'unknown'),
    facts: shimFacts(input),
    argv,
    ...(argv.length > 0 ? { argvCopy: copies.add(shellLine(argv)) } : {}),
    serves: (value?.serves ?? []).map((runtimeId) => {
      const served = inventory?.containers.find((candidate) => candidate.runtimeId === runtimeId);
      return {
        runtimeId,
        ...(served?.name === undefined ? {} : { name: served.name }),
        isThis: runtimeId === (container?.runtimeId ?? inspection.id),
      };
    }),
    processes: known,
    ...(known.length === 0 && !isKnown(processes) ? { processesUnknown: unknownView(processes) } : {}),
  };
}

function whyOf({ explain, copies }: PageInput, kind: ShimPage['shimKind']): ExplanationView {
  const explanation = explain.fact('shim');
  const references = explanation ? explanationView(explanation, copies).references : [];
  return { ...WHY[kind], references };
}

function shimFacts(input: PageInput): readonly FactView[] {
  const { copies, explain } = input;
  const { shim, shimPid } = input.inspection.facts;
  // Of a shim whose own facts cannot be read the PID may still be known.
  const pid = isKnown(shim)
    ? factView('PID', shim, copies, ({ pid: own }) => String(own), { style: 'mono' })
    : factView('PID', shimPid, copies, String, { style: 'mono' });
  return [
    { ...pid, ...(explain.fact('shimPid') ? { help: explain.fact('shimPid')?.meaning ?? '' } : {}) },
    factView('Started', shim, copies, ({ startedAt }) => startedAt, { style: 'time' }),
    factView('Parent', shim, copies, parentOf, {
      style: 'mono',
      help: 'The shim cuts itself loose from containerd at birth, so its parent is PID 1 or the nearest subreaper.',
    }),
    factView('Socket', shim, copies, ({ socket }) => socket, {
      style: 'mono',
      help: 'Here containerd speaks ttRPC with it: create, start, kill, wait.',
      without: {
        why: 'The bundle names no socket, or may not be read.',
        remedy:
          'Bundles belong to root: run as root to read its file `address` or `bootstrap.json`. conmon has no such socket.',
      },
    }),
  ];
}

function parentOf({ parentPid, parentComm }: ShimFacts): string {
  return parentComm === undefined ? String(parentPid) : `${parentPid} (${parentComm})`;
}

function shimRow({ pid, startedAt }: ShimFacts, argv: readonly string[]): Parameters<typeof processRows>[0] {
  return { pid, command: argv.join(' '), role: 'shim', ...(startedAt === undefined ? {} : { startedAt }) };
}
