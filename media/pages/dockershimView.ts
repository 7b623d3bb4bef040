import type { DockershimContextView, DockershimNodeView, DockershimPage } from '../../src/protocol/hostPages';
import { commandLine } from '../components/copyButton';
import type { View, ViewContext } from '../context';
import { h, icon } from '../dom';
import { problemBanner } from '../shell';
import { l10n } from '../l10n';

/** Icons beside the verdict's words: colour alone says nothing to many. */
const VERDICT_ICONS: Readonly<Record<DockershimNodeView['verdict'], string>> = {
  works: 'warning',
  removed: 'error',
  migrated: 'pass',
  'cri-dockerd': 'pass',
  unknown: 'question',
};

/** The page "Dockershim Check": cluster by cluster and node by node, the verdict, its evidence, and the way on. */
export class DockershimView implements View<DockershimPage> {
  constructor(private readonly context: ViewContext) {}

  draw({ contexts, kubelets }: DockershimPage): HTMLElement {
    return h(
      'div',
      { class: 'stack' },
      h(
        'p',
        { class: 'muted' },
        l10n.t(
          'Kubernetes 1.24 took dockershim, its built-in bridge to Docker Engine, out of the kubelet. docker:// is reported by dockershim and by cri-dockerd alike, so each verdict names its evidence.',
        ),
      ),
      contexts.length === 0 &&
        h(
          'p',
          {},
          l10n.t(
            'There is no Kubernetes context to ask. Name your kubeconfig in KUBECONFIG or in the setting containerRuntime.kubernetes.kubeconfigs.',
          ),
        ),
      ...contexts.map((one, index) => this.cluster(one, index)),
      kubelets.length > 0 &&
        h(
          'section',
          { class: 'card', attributes: { 'aria-label': l10n.t('Kubelets on this machine') } },
          h('h2', {}, l10n.t('Kubelets on this machine')),
          ...kubelets.map(({ text, how }, index) =>
            h('div', {}, h('code', { class: 'wrap' }, text), commandLine(this.context, how, `kubelet:${index}`)),
          ),
        ),
    );
  }

  private cluster({ name, server, current, nodes, problem }: DockershimContextView, index: number): HTMLElement {
    return h(
      'section',
      { class: 'stack', attributes: { 'aria-label': l10n.t('Context {0}', name), 'data-context': name } },
      h(
        'div',
        { class: 'cluster-head' },
        h('h2', {}, name),
        current && h('span', { class: 'badge' }, 'current'),
        server !== undefined && h('span', { class: 'muted mono' }, server),
      ),
      problem && problemBanner(problem),
      nodes === undefined &&
        problem === undefined &&
        h(
          'p',
          { class: 'muted' },
          l10n.t('Not asked. Expand it in Runtime Layers, or choose it in the command Dockershim Check.'),
        ),
      ...(nodes ?? []).map((node, at) => this.node(node, `${index}:${at}`)),
    );
  }

  private node(node: DockershimNodeView, key: string): HTMLElement {
    const { name, verdict, verdictText, because, here, notes, steps, links } = node;
    return h(
      'section',
      {
        class: `card verdict-${verdict}`,
        attributes: { 'aria-label': l10n.t('Node {0}: {1}', name, verdictText), 'data-node': name },
      },
      h(
        'div',
        { class: 'cluster-head' },
        h('h3', {}, name),
        h('span', { class: 'badge verdict' }, icon(VERDICT_ICONS[verdict]), verdictText),
        here && h('span', { class: 'badge' }, l10n.t('this machine')),
      ),
      h('p', {}, because),
      ...notes.map((note) => h('div', { class: 'banner attention' }, icon('warning'), h('span', {}, note))),
      this.disclosure(`evidence:${key}`, l10n.t('Evidence'), verdict === 'unknown', () => this.evidence(node, key)),
      this.disclosure(`way:${key}`, l10n.t('The way on'), verdict === 'works' || verdict === 'removed', () => [
        h(
          'ol',
          { class: 'steps' },
          ...steps.map(({ text, command }, index) =>
            h('li', {}, h('span', {}, text), command && commandLine(this.context, command, `step:${key}:${index}`)),
          ),
        ),
        h(
          'ul',
          { class: 'references' },
          ...links.map(({ label, url }, index) =>
            h(
              'li',
              {},
              h(
                'a',
                { key: `link:${key}:${index}`, title: url, attributes: { href: url } },
                icon('link-external'),
                h('span', {}, label),
              ),
            ),
          ),
        ),
      ]),
    );
  }

  private evidence({ evidence }: DockershimNodeView, key: string): HTMLElement[] {
    return [
      h(
        'div',
        { class: 'facts' },
        ...evidence.map(({ what, value, found, says, how }, index) =>
          h(
            'div',
            { class: 'fact' },
            h('div', { class: 'fact-label' }, what),
            h(
              'div',
              { class: 'fact-body' },
              h('div', { class: found ? 'fact-value mono' : 'fact-value muted' }, value),
              h('div', { class: 'fact-help' }, says),
              commandLine(this.context, how, `evidence:${key}:${index}`),
            ),
          ),
        ),
      ),
    ];
  }

  /** A part that opens; what the reader opened or closed stays so. */
  private disclosure(key: string, label: string, openAtFirst: boolean, make: () => HTMLElement[]): HTMLElement {
    const kept = this.context.memory.get(key);
    const open = typeof kept === 'boolean' ? kept : openAtFirst;
    return h(
      'div',
      { class: 'disclosure' },
      h(
        'button',
        {
          class: 'disclosure-toggle',
          key,
          attributes: { type: 'button', 'aria-expanded': String(open) },
          onclick: () => {
            this.context.memory.set(key, !open);
            this.context.redraw();
          },
        },
        icon(open ? 'chevron-down' : 'chevron-right'),
        label,
      ),
      ...(open ? make() : []),
    );
  }
}
