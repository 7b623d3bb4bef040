import { basename } from 'node:path';
import { ERAS, GONE, STACK_PARTS, type PathStep, type StackPart } from '../../../explain/history';
import { known, type Fact, isKnown } from '../../../model/fact';
import type { Inventory } from '../../../model/inventory';
import type { Layer } from '../../../model/layer';
import type { ProcessRecord } from '../../../model/process';
import type { HistoryPage, PathPartView } from '../../../protocol/hostPages';
import { counted, shellLine } from '../../../util/text';
import type { CopyTable } from './copyTable';
import { provenanceView } from './factViews';

/** The page "How Did We Get Here": the call paths of each era, with the parts lit that this machine has now. */
export function historyPage(inventory: Inventory, copies: CopyTable): HistoryPage {
  const seen = new Map<StackPart, Presence>();
  const presenceOf = (part: StackPart): Presence => {
    const found = seen.get(part) ?? lookFor(part, inventory);
    seen.set(part, found);
    return found;
  };
  const partView = ({ part, speaks }: PathStep): PathPartView => {
    const { presence, text, fact } = presenceOf(part);
    return {
      id: part,
      ...STACK_PARTS[part],
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
    subtitle: `${counted(lit, 'part')} of the story ${lit === 1 ? 'is' : 'are'} on this machine now`,
    observedAt: inventory.observedAt,
    eras,
  };
}

interface Presence {
  readonly presence: PathPartView['presence'];
  readonly text: string;
  readonly fact?: Fact<string>;
}

const AWAY: Presence = { presence: 'away', text: 'not seen on this machine' };

/** What of this machine's inventory is this part, by layers that answered and by processes that run. */
function lookFor(part: StackPart, inventory: Inventory): Presence {
  switch (part) {
    case 'docker':
      return process(inventory, /^docker$/, 'no docker command runs at this moment');
    case 'dockerd':
      return layer(inventory, ({ kind, name }) => kind === 'engine' && !/podman/i.test(name), 'docker version');
    case 'podman':
      return layer(inventory, ({ kind, name }) => kind === 'engine' && /podman/i.test(name), 'podman version');
    case 'containerd':
      return layer(inventory, ({ kind }) => kind === 'containerd', 'ctr version');
    case 'criPlugin':
      return layer(inventory, ({ kind, name }) => kind === 'cri' && /containerd/.test(name), 'crictl version');
    case 'crio':
      return layer(inventory, ({ kind, name }) => kind === 'cri' && /cri-?o/i.test(name), 'crictl version');
    case 'criDockerd': {
      const served = layer(inventory, ({ kind, name }) => kind === 'cri' && /docker/.test(name), 'crictl version');
      return served.presence === 'here' ? served : process(inventory, /^cri-dockerd$/);
    }
    case 'runc':
    case 'crun':
      return layer(inventory, ({ kind, name }) => kind === 'oci-runtime' && name === part, `${part} --version`);
    case 'shimV2':
      return process(inventory, /^containerd-shim-\w+-v2$/);
    case 'shimV1':
      return process(inventory, /^containerd-shim$/);
    case 'conmon':
      return process(inventory, /^conmon$/);
    case 'kubelet':
      return process(inventory, /^kubelet$/);
    case 'criContainerd':
      return process(inventory, /^cri-containerd$/);
    case 'kernel':
      return layer(inventory, ({ kind }) => kind === 'kernel', 'uname -r');
    case 'lxc':
      return process(inventory, /^lxc-start$/);
    case 'dockerDaemon':
    case 'libcontainer':
    case 'kubeletDocker':
    case 'dockershim':
      return { presence: 'away', text: 'a part inside another program, which its successors have replaced' };
  }
}

function layer(inventory: Inventory, matches: (layer: Layer) => boolean, how: string): Presence {
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
  return denied ? { presence: 'hidden', text: denied.problem?.reason ?? 'it does not answer' } : AWAY;
}

function process(inventory: Inventory, program: RegExp, otherwise = AWAY.text): Presence {
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
