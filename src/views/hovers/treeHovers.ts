import { COMMANDS } from '../../contributions';
import { findingWords, severityWord } from '../../explain/doctor';
import { historyOfLayer } from '../../explain/history';
import { sightingIn, type Container } from '../../model/container';
import type { CgroupReading } from '../../model/cgroup';
import { findingsOf } from '../../model/containerFindings';
import { isKnown } from '../../model/fact';
import type { Inspection } from '../../model/inspection';
import type { Inventory } from '../../model/inventory';
import { lineageOfFile } from '../../model/lineage/lookup';
import type { LineageRow } from '../../model/lineage/row';
import { isWithoutEngine } from '../../model/inventory';
import type { Layer } from '../../model/layer';
import type { FarAbout } from '../../store/farHost';
import type { SnapshotAbout } from '../../store/snapshotStore';
import { l10n, said } from '../l10n';
import type { Subject, TreeNode } from '../tree/node';
import { kindWord, layerWord, stateWord } from '../tree/states';
import type { HoverExplanations } from './explanations';
import { explanationParts, provenanceParts, type HoverPart } from './hoverParts';
import { lineageParts } from './lineageParts';

/** What a hover over a row may use: all of it is in memory, so it answers at once. */
export interface HoverContext {
  readonly inventory: Inventory | undefined;
  readonly peek: (containerId: string) => Inspection | undefined;
  readonly explain: HoverExplanations;
  /** What is known of the lineage of a container's settings. */
  readonly lineage: (containerId: string) => readonly LineageRow[] | undefined;
  /** The snapshot that the row is part of; absent for rows of this machine. */
  readonly snapshot?: SnapshotAbout | undefined;
  /** The live host that the row is part of; absent for rows of this machine. */
  readonly far?: FarAbout | undefined;
}

/** What a row of the tree means: who started it, who watches it, what survives what; of a fact, where it comes from. */
export function treeHover(node: TreeNode, context: HoverContext): HoverPart[] {
  const { snapshot } = context;
  const parts = rowParts(node, context);
  if (!snapshot || ABOUT_TREE.has(node.subject.kind)) return parts;
  return [...parts, { kind: 'line' }, ...capturedParts(snapshot)];
}

/** Rows that say nothing of the host itself. */
const ABOUT_TREE: ReadonlySet<Subject['kind']> = new Set(['group', 'more', 'host']);

/** That it is not so now, but was so then. */
function capturedParts({ name, takenAt }: SnapshotAbout): HoverPart[] {
  return [
    pair(l10n.t('Snapshot'), l10n.t('{0}, taken at {1}', name, takenAt)),
    text(
      l10n.t('This was so when the snapshot was taken. A command shows it only on the machine that it was taken on.'),
    ),
  ];
}

function rowParts({ subject, label, description }: TreeNode, context: HoverContext): HoverPart[] {
  switch (subject.kind) {
    case 'layer': {
      const layer = context.inventory?.layers.find(({ id }) => id === subject.layerId);
      return layer ? layerParts(layer, context) : [title(label)];
    }
    case 'container': {
      const container = context.inventory?.containers.find(({ id }) => id === subject.containerId);
      return container ? containerParts(container, subject.layerId, context) : [title(label)];
    }
    case 'shim':
      return shimParts(subject.pid, subject.layerId, label, context);
    case 'fact': {
      if (subject.reading) return readingParts(label, subject, subject.reading, context);
      const explanation = context.explain.fact(subject.name);
      return [
        title(subject.shown === undefined ? label : `${label}: ${subject.shown}`),
        ...(explanation ? explanationParts({ ...explanation, references: [] }, false).slice(0, 1) : []),
        { kind: 'line' },
        ...provenanceParts(subject.fact),
      ];
    }
    case 'namespace': {
      const explanation = context.explain.namespaceType(subject.type);
      return [
        title(`${label}: ${subject.shown}`),
        ...(explanation ? explanationParts(explanation, false) : []),
        { kind: 'line' },
        ...lineageParts(
          (context.lineage(subject.containerId) ?? []).filter(({ enforced }) =>
            isKnown(enforced) ? enforced.value.file.endsWith(`/ns/${subject.type}`) : false,
          ),
        ),
        ...provenanceParts(subject.fact),
      ];
    }
    case 'call':
      return [title(label), text(subject.text)];
    case 'detail':
      return [title(`${label}: ${description ?? ''}`), ...provenanceParts(subject.detail.fact)];
    case 'letGo':
      return [title(label), text(said(subject.letGo.because))];
    case 'kube':
      return kubeParts(label, subject, context);
    case 'problem': {
      const { what, reason, remedy } = subject.problem;
      return [title(said(what)), text(said(reason)), ...(remedy ? [pair(l10n.t('Remedy'), said(remedy))] : [])];
    }
    case 'finding': {
      const { meaning, whatToDo } = findingWords(subject.finding.kind);
      return [
        title(label),
        pair(said(severityWord(subject.finding.severity)), said(subject.finding.subject)),
        text(said(meaning)),
        ...whatToDo.slice(0, 1).map((first) => pair(l10n.t('What people do about it'), said(first))),
        { kind: 'line' },
        { kind: 'action', label: l10n.t('Shim Doctor'), command: COMMANDS.shimDoctor, argument: undefined },
      ];
    }
    case 'host':
      return [
        title(label),
        ...(context.snapshot ? [text(context.snapshot.description ?? ''), ...capturedParts(context.snapshot)] : []),
        ...(context.far
          ? [
              text(said(context.far.why)),
              text(l10n.t('Only its engine is asked: files and processes of that host cannot be read from here.')),
            ]
          : []),
      ];
    case 'group':
      return [title(label), text(subject.text)];
    case 'more':
      return [title(label), text(description ?? '')];
  }
}

/** A cgroup file: what the kernel means by it, where its value comes from, and how it came to be. */
function readingParts(
  label: string,
  { containerId, shown, fact }: Extract<Subject, { kind: 'fact' }>,
  { file, path, value }: Pick<CgroupReading, 'file' | 'path' | 'value'>,
  { explain, lineage }: HoverContext,
): HoverPart[] {
  const explanation = explain.cgroupFile(file, value);
  const rows = lineageOfFile(lineage(containerId) ?? [], path);
  return [
    title(`${label}: ${shown ?? ''}`),
    ...(explanation ? explanationParts(explanation, false) : []),
    ...(rows.length > 0 ? [{ kind: 'line' } as const, ...lineageParts(rows)] : []),
    { kind: 'line' },
    ...provenanceParts(fact),
  ];
}

function layerParts(layer: Layer, { explain, snapshot, far }: HoverContext): HoverPart[] {
  const explanation = explain.layer(layer);
  const history = historyOfLayer(layer.kind);
  return [
    title([said(layer.name), layer.version].filter(Boolean).join(' ')),
    pair(kindWord(layer.kind), layerWord(layer.status)),
    ...(layer.endpoint === undefined ? [] : [pair(l10n.t('Endpoint'), layer.endpoint)]),
    ...(layer.problem === undefined
      ? []
      : [
          pair(l10n.t('Reason'), said(`${layer.problem.what}: ${layer.problem.reason}`)),
          ...(layer.problem.remedy === undefined ? [] : [pair(l10n.t('Remedy'), said(layer.problem.remedy))]),
        ]),
    ...(explanation ? [{ kind: 'line' } as const, ...explanationParts(explanation, false)] : []),
    ...(history === undefined ? [] : [pair(l10n.t('How it came to be'), said(history))]),
    // Which parts a live host elsewhere has is told by its processes, which nobody can read from here.
    ...(far
      ? []
      : [
          {
            kind: 'action',
            label: l10n.t('How Did We Get Here'),
            command: COMMANDS.showHistory,
            argument: snapshot && { hostKey: snapshot.key },
          } as const,
        ]),
  ];
}

function containerParts(container: Container, layerId: string | undefined, context: HoverContext): HoverPart[] {
  const layers = context.inventory?.layers ?? [];
  const layer = layers.find(({ id }) => id === (layerId ?? container.layers[0]));
  const sighting = layerId === undefined ? undefined : sightingIn(container, layerId);
  const inspection = context.peek(container.id);
  const explanation = layer ? context.explain.container(container, layer.kind) : undefined;
  const known = container.layers.map((id) => layers.find((candidate) => candidate.id === id)?.name ?? id);
  const action = (label: string, command: (typeof COMMANDS)[keyof typeof COMMANDS]): HoverPart => ({
    kind: 'action',
    label,
    command,
    argument: container.id,
  });
  return [
    title(container.name ?? container.runtimeId),
    ...(container.image === undefined ? [] : [pair(l10n.t('Image'), container.image)]),
    pair(l10n.t('State'), sighting?.stateText ?? container.stateText ?? stateWord(container.state)),
    pair(l10n.t('Id'), container.runtimeId),
    pair(l10n.t('Known to'), known.map(said).join(' → ')),
    ...(isWithoutEngine(container, layers)
      ? [
          text(
            l10n.t(
              'No engine that answers knows it: somebody has called the OCI runtime by hand, or who made it is gone.',
            ),
          ),
        ]
      : []),
    ...(inspection && isKnown(inspection.facts.shimPid)
      ? [pair(l10n.t('Shim'), l10n.t('PID {0}', inspection.facts.shimPid.value))]
      : []),
    ...(inspection ? findingsOf(inspection.facts) : [])
      .slice(0, 6)
      .map((finding) => pair(l10n.t('Worth knowing'), said(finding.title))),
    ...container.letGo.map(({ layerId: id, because }) =>
      pair(l10n.t('Not in {0}', said(layers.find((candidate) => candidate.id === id)?.name ?? id)), said(because)),
    ),
    ...(explanation ? [{ kind: 'line' } as const, ...explanationParts(explanation, false)] : []),
    { kind: 'line' },
    action(l10n.t('OCI Config'), COMMANDS.showConfig),
    action(l10n.t('Shim'), COMMANDS.showShim),
    action(l10n.t('Cgroups'), COMMANDS.showCgroups),
    action(l10n.t('API Calls'), COMMANDS.showCalls),
    action(l10n.t('Runtime Chain'), COMMANDS.showChain),
    action(l10n.t('Lineage'), COMMANDS.showLineage),
  ];
}

/** A container for documents that are not ours: what the tree says of it, without links that run commands. */
export function containerHover(container: Container, context: HoverContext): HoverPart[] {
  const parts = containerParts(container, undefined, context).filter(({ kind }) => kind !== 'action');
  return parts.at(-1)?.kind === 'line' ? parts.slice(0, -1) : parts;
}

function kubeParts(
  label: string,
  { topic, details }: Extract<Subject, { kind: 'kube' }>,
  context: HoverContext,
): HoverPart[] {
  const explanation = context.explain.kubernetes(topic);
  return [
    title(label),
    ...details.map(({ label: name, fact }) =>
      pair(name, isKnown(fact) ? fact.value : l10n.t('not known: {0} {1}', said(fact.unavailable), said(fact.remedy))),
    ),
    { kind: 'line' },
    ...explanationParts(explanation, false),
  ];
}

function shimParts(pid: number, layerId: string, label: string, context: HoverContext): HoverPart[] {
  const layer = context.inventory?.layers.find(({ id }) => id === layerId);
  const record = context.inventory?.processes.byPid.get(pid);
  const explanation = layer && context.explain.layer(layer);
  return [
    title(label),
    ...(record === undefined
      ? []
      : [
          pair(l10n.t('Command line'), record.argv.join(' ')),
          pair(l10n.t('Parent'), l10n.t('PID {0}', record.parentPid)),
        ]),
    { kind: 'command', text: `ps -ww -o pid,ppid,lstart,args -p ${pid}` },
    ...(explanation ? [{ kind: 'line' } as const, ...explanationParts(explanation, false)] : []),
  ];
}

function title(value: string): HoverPart {
  return { kind: 'title', text: value };
}

function text(value: string): HoverPart {
  return { kind: 'text', text: value };
}

function pair(label: string, value: string): HoverPart {
  return { kind: 'pair', label, value };
}
