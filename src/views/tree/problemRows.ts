import type { Problem } from '../../model/problem';
import { visible } from '../../util/text';
import { l10n, said } from '../l10n';
import { childId, type TreeNode } from './node';

/** Why somebody did not answer, or not wholly: where, why, what to do. */
export function problemRows(parentId: string, problem: Problem, endpoint?: string): TreeNode[] {
  const row = (key: string, label: string, text: string, icon: string, color?: string): TreeNode => ({
    id: childId(parentId, 'problem', key),
    label,
    description: visible(text, 500),
    icon: { id: icon, ...(color ? { color } : {}) },
    spoken: `${label}: ${visible(text, 500)}`,
    subject: { kind: 'problem', problem },
    context: ['problem'],
  });
  return [
    ...(endpoint === undefined ? [] : [row('endpoint', l10n.t('Endpoint'), endpoint, 'plug')]),
    row('reason', l10n.t('Reason'), said(`${problem.what}: ${problem.reason}`), 'error', 'charts.red'),
    ...(problem.remedy === undefined ? [] : [row('remedy', l10n.t('Remedy'), said(problem.remedy), 'lightbulb')]),
  ];
}
