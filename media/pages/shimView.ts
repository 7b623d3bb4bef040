import type { ShimPage } from '../../src/protocol/pages';
import { copyButton } from '../components/copyButton';
import { explanationCard } from '../components/explanation';
import { factList, unknownNote } from '../components/facts';
import { processTree } from '../components/processTree';
import { countBadge } from '../components/toolkit';
import type { View, ViewContext } from '../context';
import { h, icon } from '../dom';
import { l10n } from '../l10n';

const NAMES: Readonly<Record<ShimPage['shimKind'], string>> = {
  'containerd-shim': l10n.t('The shim'),
  conmon: l10n.t('The monitor (conmon)'),
  unknown: l10n.t('The shim or monitor'),
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
      h('div', { class: 'fact-label' }, l10n.t('Command line')),
      h(
        'div',
        { class: 'fact-body' },
        h(
          'div',
          { class: 'words' },
          ...wordGroups(argv).map((words) => h('code', {}, words)),
          copyButton(this.context, argvCopy, l10n.t('Copy the command line'), 'argv'),
        ),
      ),
    );
  }

  private serves({ serves }: ShimPage): HTMLElement | undefined {
    if (serves.length === 0) return undefined;
    return h(
      'section',
      { class: 'card' },
      h('h2', {}, l10n.t('Containers it serves'), countBadge(serves.length)),
      h(
        'ul',
        { class: 'plain-list' },
        ...serves.map(({ runtimeId, name, isThis }) =>
          h(
            'li',
            {},
            icon('package'),
            h('span', { class: 'strong' }, name ?? l10n.t('without a name')),
            isThis && h('span', { class: 'badge tone-blue' }, l10n.t('this one')),
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
      h(
        'h2',
        {},
        shimKind === 'unknown' ? l10n.t('Processes of the container') : l10n.t('Process tree'),
        countBadge(processes.length),
      ),
      processes.length > 0
        ? processTree(processes, l10n.t('Process tree'))
        : unknownNote(
            processesUnknown ?? { why: l10n.t('No process runs below it.'), remedy: l10n.t('Start the container.') },
          ),
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
