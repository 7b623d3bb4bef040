import type { ApiCall, Evidence } from '../../model/apiCall';
import type { Inspection } from '../../model/inspection';
import { COMMANDS } from '../../contributions';
import { visible } from '../../util/text';
import { l10n, said } from '../l10n';
import { childId, type TreeNode } from './node';

/** The calls that made the container, in their order. Payloads may hold secrets: the page shows them, masked. */
export function callNodes(id: string, containerId: string, { apiCalls }: Inspection): TreeNode[] {
  return apiCalls.map((call): TreeNode => {
    const label = l10n.t('{0}. {1} → {2}', call.seq, said(call.from), said(call.to));
    const what = visible(shortMethod(call), 120);
    const description = `${what} · ${evidenceWord(call.evidence)}`;
    return {
      id: childId(id, 'call', String(call.seq)),
      label,
      description,
      icon: { id: evidenceIcon(call.evidence) },
      spoken: `${label}, ${description}`,
      subject: {
        kind: 'call',
        containerId,
        text: `${said(call.meaning)}\n\n${what}\n\n${evidenceWord(call.evidence)}: ${said(call.because)}`,
      },
      command: { id: COMMANDS.showCalls, argument: containerId },
    };
  });
}

function shortMethod({ protocol, method, target }: ApiCall): string {
  switch (protocol) {
    case 'http':
      return `${method} ${target.split('?')[0] ?? target}`;
    case 'exec':
      return method;
    case 'grpc':
    case 'ttrpc':
    case 'syscall':
      return method.slice(method.lastIndexOf('.') + 1);
  }
}

function evidenceWord(evidence: Evidence): string {
  switch (evidence) {
    case 'recorded':
      return l10n.t('recorded');
    case 'observed':
      return l10n.t('observed');
    case 'reconstructed':
      return l10n.t('reconstructed');
  }
}

function evidenceIcon(evidence: Evidence): string {
  return evidence === 'recorded' ? 'record' : evidence === 'observed' ? 'eye' : 'tools';
}
