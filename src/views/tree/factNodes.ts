import { isKnown, type Fact } from '../../model/fact';
import type { FactName } from '../../model/inspection';
import { visible } from '../../util/text';
import { l10n, said } from '../l10n';
import { childId, type TreeNode } from './node';

/** A row for one fact: its label and value, or why there is none. `show` may return undefined where the value lacks it. */
export function factNode<T>(
  parentId: string,
  label: string,
  containerId: string,
  name: FactName,
  fact: Fact<T>,
  show: (value: T) => string | undefined,
): TreeNode[] {
  const id = childId(parentId, 'fact', label);
  if (!isKnown(fact)) {
    const why = visible(said(fact.unavailable), 300);
    return [
      {
        id,
        label,
        description: l10n.t('not known: {0}', why),
        icon: { id: 'question', color: 'disabledForeground' },
        spoken: l10n.t('{0}: not known: {1}', label, why),
        subject: { kind: 'fact', containerId, name, fact },
        context: ['fact'],
      },
    ];
  }
  const value = show(fact.value);
  if (value === undefined) return [];
  const shown = visible(value, 300);
  return [
    {
      id,
      label,
      description: shown,
      icon: { id: 'circle-small' },
      spoken: `${label}: ${shown}`,
      subject: { kind: 'fact', containerId, name, fact, shown },
      context: ['fact', 'checkable'],
    },
  ];
}

/** The beginning of a description for an aspect: the value, or that there is none. */
export function summary<T>(fact: Fact<T>, show: (value: T) => string): string {
  return visible(isKnown(fact) ? show(fact.value) : l10n.t('not known: {0}', said(fact.unavailable)), 200);
}
