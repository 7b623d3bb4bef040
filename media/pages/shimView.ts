import type { ShimPage } from '../../src/protocol/pages';
import { copyButton } from '../components/copyButton';
import { explanationCard } from '../components/explanation';
import { factList, unknownNote } from '../components/facts';
import { processTree } from '../components/processTree';
import { countBadge } from '../components/toolkit';
import type { View, ViewContext } from '../context';
import { h, icon } from '../dom';

const NAMES: Readonly<Record<ShimPage['shimKind'], string>> = {
  'containerd-shim': 'The shim',
  conmon: 'The monitor (conmon)',
  unknown: 'The shim or monitor',
};

/** The page "Shim": what it is, whom it serves, what runs below it. */
export class ShimView implements View<ShimPage> {
  constructor(private readonly context: ViewContext) {}

  draw(page: ShimPage): HTMLElement {
    return h(
      'div',
      { class: 'stack' },
      h('section', { class: 'card why' }, icon('lightbulb'), explanationCard(this.context, page.why, 'why')),
      h(
        'section',
        { class: 'card' },
        h('h2', {}, NAMES[page.shimKind]),
        factList(this.context, page.facts, 'shim'),
        this.commandLine(page),
      ),
      this.serves(page),
      this.processes(page),
    );
  }

  private commandLine({ argv, argvCopy }: ShimPage): HTMLElement | undefined {
    if (!argvCopy) return undefined;
    return h(
      'div',
      { class: 'fact' },
      h('div', { class: 'fact-label' }, 'Command line'),
      h(
        'div',
        { class: 'fact-body' },
        h(
          'div',
          { class: 'words' },
          ...wordGroups(argv).map((words) => h('code', {}, words)),
          copyButton(this.context, argvCopy, 'Copy the command line', 'argv'),
        ),
      ),
    );
  }

  private serves({ serves }: ShimPage): HTMLElement | undefined {
    if (serves.length === 0) return undefined;
    return h(
      'section',
      { class: 'card' },
      h('h2', {}, 'Containers it serves', countBadge(serves.length)),
      h(
        'ul',
        { class: 'plain-list' },
        ...serves.map(({ runtimeId, name, isThis }) =>
          h(
            'li',
            {},
            icon('package'),
            h('span', { class: 'strong' }, name ?? 'without a name'),
            isThis && h('span', { class: 'badge tone-blue' }, 'this one'),
            h('span', { class: 'mono muted wrap' }, runtimeId),
          ),
        ),
      ),
    );
  }

  private processes({ processes, processesUnknown, shimKind }: ShimPage): HTMLElement {
    return h(
      'section',
      { class: 'card' },
      h('h2', {}, shimKind === 'unknown' ? 'Processes of the container' : 'Process tree', countBadge(processes.length)),
      processes.length > 0
        ? processTree(processes, 'Process tree')
        : unknownNote(processesUnknown ?? { why: 'No process runs below it.', remedy: 'Start the container.' }),
    );
  }
}

/** A command line's words with each flag beside its value: easier to read than one long line. */
export function wordGroups(argv: readonly string[]): readonly string[] {
  const groups: string[] = [];
  argv.forEach((word, index) => {
    const before = argv[index - 1];
    if (index > 1 && before?.startsWith('-') && !before.includes('=') && !word.startsWith('-'))
      groups[groups.length - 1] += ` ${word}`;
    else groups.push(word);
  });
  return groups;
}
