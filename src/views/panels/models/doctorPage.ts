import { findingWords, severityWord } from '../../../explain/doctor';
import type { DoctorReport, Finding } from '../../../model/doctor/finding';
import type { DoctorPage, FindingView } from '../../../protocol/hostPages';
import { counted } from '../../../util/text';
import { formatDuration } from '../../../util/units';
import type { CopyTable } from './copyTable';
import { factView } from './factViews';

/** Each is a card of its own: what is worst comes first. */
const MOST_SHOWN = 200;

/** The page "Shim Doctor". */
export function doctorPage(report: DoctorReport, copies: CopyTable): DoctorPage {
  const { findings, normal, looks, overMs, observedAt } = report;
  const attention = findings.filter(({ severity }) => severity === 'attention').length;
  const left = findings.length - attention;
  const found = [
    ...(attention > 0 ? [`${counted(attention, 'thing')} ${attention === 1 ? 'needs' : 'need'} attention`] : []),
    ...(left > 0 ? [`${counted(left, 'thing')} left over`] : []),
  ];
  return {
    kind: 'doctor',
    subtitle: found.join(', ') || 'Nothing is wrong',
    observedAt,
    method:
      looks === 1
        ? 'One look found nothing, so no second was needed.'
        : `Containers that are being made or removed look broken for a moment. So each finding was there at each of ${looks} looks within ${formatDuration(overMs * 1_000)}, and nothing in it is younger than 10 s.`,
    more: Math.max(0, findings.length - MOST_SHOWN),
    findings: findings.slice(0, MOST_SHOWN).map((finding) => findingView(finding, observedAt, copies)),
    normal: normal.map((finding) => findingView(finding, observedAt, copies)),
    examined: report.examined.map(({ label, fact }) => factView(label, fact, copies, String)),
    gaps: report.gaps.map(({ what, reason, remedy }) => ({
      why: `${what}: ${reason}`,
      remedy: remedy ?? 'Examine again.',
    })),
  };
}

function findingView(finding: Finding, observedAt: string, copies: CopyTable): FindingView {
  const { title, meaning, whatToDo, references } = findingWords(finding.kind);
  const { key, kind, severity, subject, runtimeId, where, evidence, sinceMs } = finding;
  const age = sinceMs === undefined ? undefined : Date.parse(observedAt) - sinceMs;
  return {
    key,
    findingKind: kind,
    severity,
    severityWord: severityWord(severity),
    title,
    subject,
    where,
    ...(runtimeId === undefined ? {} : { runtimeId }),
    ...(age === undefined || age < 0 ? {} : { age: formatDuration(age * 1_000) }),
    meaning,
    whatToDo,
    evidence: evidence.map(({ label, fact }) => factView(label, fact, copies, String, { style: 'mono' })),
    references,
  };
}
