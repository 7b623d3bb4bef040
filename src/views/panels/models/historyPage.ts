import { basename } from 'node:path';
import { ERAS, GONE, STACK_PARTS, type PathStep, type StackPart } from '../../../explain/history';
import { known, type Fact, isKnown } from '../../../model/fact';
import type { Inventory } from '../../../model/inventory';
import type { Layer } from '../../../model/layer';
import type { ProcessRecord } from '../../../model/process';
import type { HistoryPage, PathPartView } from '../../../protocol/hostPages';
import type { SnapshotAbout } from '../../../store/snapshotStore';
import { counted, shellLine } from '../../../util/text';
import type { CopyTable } from './copyTable';
import { provenanceView } from './factViews';
import { snapshotView } from './header';
import { said } from '../../l10n';

/** The page "How Did We Get Here": the call paths of each era, with the parts lit that this machine has now, or a snapshot's had. */
export function historyPage(
  inventory: Inventory,
  copies: CopyTable,
  { snapshot }: { readonly snapshot?: SnapshotAbout } = {},
): HistoryPage {
  const words = snapshot ? THEN : NOW;
  const seen = new Map<StackPart, Presence>();
  const presenceOf = (part: StackPart): Presence => {
    const found = seen.get(part) ?? lookFor(part, inventory, words);
    seen.set(part, found);
    return found;
  };
  const partView = ({ part, speaks }: PathStep): PathPartView => {
    const { presence, text, fact } = presenceOf(part);
    return {
      id: part,
      ...STACK_PARTS[part],
      name: said(STACK_PARTS[part].name),
      presence,
      presenceText: text,
      gone: GONE.has(part),
      ...(speaks === undefined ? {} : { speaks }),
      ...(fact && isKnown(fact) ? { provenance: provenanceView(fact, copies) } : {}),
    };
  };
  const eras = ERAS.map(({ id, when, title, text, paths, references }) => ({
    id,
    when,
    title,
    text,
    references,
    paths: paths.map((path) => ({ title: path.title, parts: path.steps.map(partView) })),
  }));
  const lit = [...seen.values()].filter(({ presence }) => presence === 'here').length;
  return {
    kind: 'history',
    subtitle: snapshot
      ? `${counted(lit, 'part')} of the story ${lit === 1 ? 'was' : 'were'} on that machine then`
      : `${counted(lit, 'part')} of the story ${lit === 1 ? 'is' : 'are'} on this machine now`,
    observedAt: inventory.observedAt,
    ...(snapshot ? { snapshot: snapshotView(snapshot) } : {}),
    eras,
  };
}

interface Presence {
  readonly presence: PathPartView['presence'];
  readonly text: string;
  readonly fact?: Fact<string>;
}

/** What is said of a part that is not there. */
interface Words {
  readonly away: string;
  readonly noClient: string;
}

const NOW: Words = { away: 'not seen on this machine', noClient: 'no docker command runs at this moment' };
const THEN: Words = { away: 'not seen on that machine', noClient: 'no docker command ran at that moment' };

/** What of an inventory is this part, by layers that answered and by processes that ran. */
function lookFor(part: StackPart, inventory: Inventory, words: Words): Presence {
  const layer = (matches: (layer: Layer) => boolean, how: string): Presence =>
    layerOf(inventory, matches, how, words.away);
  const process = (program: RegExp, otherwise = words.away): Presence => processOf(inventory, program, otherwise);
  switch (part) {
    case 'docker':
      return process(/^docker$/, words.noClient);
    case 'dockerd':
      return layer(({ kind, name }) => kind === 'engine' && !/podman/i.test(name), 'docker version');
    case 'podman':
      return layer(({ kind, name }) => kind === 'engine' && /podman/i.test(name), 'podman version');
    case 'containerd':
      return layer(({ kind }) => kind === 'containerd', 'ctr version');
    case 'criPlugin':
      return layer(({ kind, name }) => kind === 'cri' && /containerd/.test(name), 'crictl version');
    case 'crio':
      return layer(({ kind, name }) => kind === 'cri' && /cri-?o/i.test(name), 'crictl version');
    case 'criDockerd': {
      const served = layer(({ kind, name }) => kind === 'cri' && /docker/.test(name), 'crictl version');
      return served.presence === 'here' ? served : process(/^cri-dockerd$/);
    }
    case 'runc':
    case 'crun':
      return layer(({ kind, name }) => kind === 'oci-runtime' && name === part, `${part} --version`);
    case 'shimV2':
      return process(/^containerd-shim-\w+-v2$/);
    case 'shimV1':
      return process(/^containerd-shim$/);
    case 'conmon':
      return process(/^conmon$/);
    case 'kubelet':
      return process(/^kubelet$/);
    case 'criContainerd':
      return process(/^cri-containerd$/);
    case 'kernel':
      return layer(({ kind }) => kind === 'kernel', 'uname -r');
    case 'lxc':
      return process(/^lxc-start$/);
    case 'dockerDaemon':
    case 'libcontainer':
    case 'kubeletDocker':
    case 'dockershim':
      return { presence: 'away', text: 'a part inside another program, which its successors have replaced' };
  }
}

function layerOf(inventory: Inventory, matches: (layer: Layer) => boolean, how: string, away: string): Presence {
  const found = inventory.layers.filter(matches);
  const answering = found.filter(({ status }) => status === 'ok' || status === 'partly');
  const [first] = answering;
  if (first) {
    const versions = [...new Set(answering.map(({ version }) => version).filter((version) => version !== undefined))];
    const text = versions.join(', ') || 'answers';
    const source = first.endpoint ?? `what ${first.name} says of itself`;
    const { observedAt } = inventory;
    return { presence: 'here', text, fact: known('derived', text, source, how, { observedAt }) };
  }
  const denied = found.find(({ status }) => status === 'failed');
  return denied
    ? { presence: 'hidden', text: denied.problem?.reason ?? 'it does not answer' }
    : { presence: 'away', text: away };
}

function processOf(inventory: Inventory, program: RegExp, otherwise: string): Presence {
  // comm is cut at 15 bytes, so the command line is asked first.
  const named = (record: ProcessRecord): string => basename(record.argv[0] ?? '') || record.comm;
  const found = [...inventory.processes.byPid.values()].filter((record) => program.test(named(record)));
  const [first] = found;
  if (!first) return { presence: 'away', text: otherwise };
  const text = found.length === 1 ? `PID ${first.pid}` : counted(found.length, 'process', 'processes');
  const how = shellLine([
    'ps',
    '-ww',
    '-o',
    'pid,ppid,args',
    '-p',
    found
      .slice(0, 20)
      .map(({ pid }) => pid)
      .join(','),
  ]);
  const { observedAt } = inventory.processes;
  return { presence: 'here', text, fact: known('procfs', text, '/proc/*/cmdline', how, { observedAt }) };
}
