import { COMMANDS } from '../../contributions';
import { findingWords, severityWord } from '../../explain/doctor';
import type { DoctorReport, Evidence, Finding, Severity } from '../../model/doctor/finding';
import { isKnown } from '../../model/fact';
import type { Problem } from '../../model/problem';
import { counted, visible } from '../../util/text';
import { l10n, said } from '../l10n';
import { detailNode } from './detailNode';
import { childId, now, type Icon, type TreeNode } from './node';

const ID = 'shimDoctor';

/** The row of the shim doctor. It examines when it is opened, never before. */
export function doctorNode(): TreeNode {
  const label = l10n.t('Shim Doctor');
  const text = l10n.t(
    'Compares processes, tasks, bundles, runtime state and sockets of all shims and monitors, and says what does not fit together. It examines when this row is opened; it changes nothing.',
  );
  return {
    id: ID,
    label,
    description: l10n.t('examines when opened'),
    icon: { id: 'pulse' },
    spoken: l10n.t('Shim Doctor, examines when opened'),
    subject: { kind: 'group', text },
    context: ['doctor'],
    children: { when: 'examined', make: reportNodes },
  };
}

/** What was found, as rows: the summary first, then what needs attention. */
export function reportNodes(report: DoctorReport): TreeNode[] {
  return [
    summaryNode(report),
    ...report.findings.map(findingNode),
    ...(report.normal.length > 0 ? [normalNode(report.normal)] : []),
    ...report.gaps.map(gapNode),
  ];
}

function summaryNode(report: DoctorReport): TreeNode {
  const { findings, observedAt, examined } = report;
  const label = findings.length === 0 ? l10n.t('Nothing is wrong') : said(counted(findings.length, 'finding'));
  const time = new Date(observedAt).toLocaleTimeString(undefined, { hour12: false });
  const numbers = examined
    .map(({ label: what, fact }) => `${said(what)}: ${isKnown(fact) ? fact.value : '?'}`)
    .join(', ');
  const description = l10n.t('examined at {0} · {1}', time, numbers);
  return {
    id: childId(ID, 'summary'),
    label,
    description,
    icon:
      findings.length === 0 ? { id: 'pass', color: 'charts.green' } : { id: 'checklist', color: 'charts.foreground' },
    spoken: `${label}, ${description}`,
    subject: { kind: 'group', text: l10n.t('Opens the report, with evidence, meaning and what people do about it.') },
    context: ['doctor'],
    command: { id: COMMANDS.shimDoctor, argument: undefined },
  };
}

function findingNode(finding: Finding): TreeNode {
  const id = childId(ID, 'finding', finding.key);
  const title = said(findingWords(finding.kind).title);
  const description = visible(`${said(severityWord(finding.severity))} · ${said(finding.subject)}`, 200);
  return {
    id,
    label: title,
    description,
    icon: severityIcon(finding.severity),
    spoken: `${title}, ${description}`,
    subject: { kind: 'finding', finding },
    context: ['finding', 'doctor'],
    children: now(() => finding.evidence.map((evidence, index) => evidenceNode(id, evidence, index))),
  };
}

function evidenceNode(parentId: string, evidence: Evidence, index: number): TreeNode {
  return detailNode(parentId, evidence, index);
}

function normalNode(normal: readonly Finding[]): TreeNode {
  const label = l10n.t('Looks odd and is right');
  const description = String(normal.length);
  return {
    id: childId(ID, 'normal'),
    label,
    description,
    icon: { id: 'info' },
    spoken: `${label}, ${description}`,
    subject: { kind: 'group', text: l10n.t('What people take for a fault, and is none.') },
    children: now(() => normal.map(findingNode)),
  };
}

function gapNode(problem: Problem): TreeNode {
  const label = l10n.t('Not looked at');
  const description = visible(said(`${problem.what}: ${problem.reason}`), 300);
  return {
    id: childId(ID, 'gap', problem.what),
    label,
    description,
    icon: { id: 'question', color: 'disabledForeground' },
    spoken: `${label}: ${description}`,
    subject: { kind: 'problem', problem },
    context: ['problem'],
  };
}

function severityIcon(severity: Severity): Icon {
  switch (severity) {
    case 'attention':
      return { id: 'warning', color: 'charts.red' };
    case 'leftover':
      return { id: 'archive', color: 'charts.yellow' };
    case 'normal':
      return { id: 'info', color: 'charts.blue' };
  }
}
