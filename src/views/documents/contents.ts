import type { ApiCall } from '../../model/apiCall';
import { isKnown, type Fact } from '../../model/fact';
import type { Inspection } from '../../model/inspection';
import { maskPayload } from '../../model/secrets';
import { l10n, said } from '../l10n';
import type { DocumentName } from './address';

/** Builds the calls that made a container, secrets masked unless `reveal`. */
export type BuildCalls = (inspection: Inspection, reveal: boolean) => readonly ApiCall[];

/** A document as it is shown. */
export interface Contents {
  /** JSON, or plain text that says why there is none. */
  readonly text: string;
  readonly language: 'json' | 'plaintext';
}

/** What a document says now: the source's own JSON, indented, secrets masked unless revealed; or why it is not known. */
export function contentsOf(
  document: DocumentName,
  inspection: Inspection,
  reveal: boolean,
  buildCalls: BuildCalls,
): Contents {
  const { facts } = inspection;
  switch (document) {
    case 'config':
      return ofFact(facts.ociConfig, reveal);
    case 'engine':
      return ofFact(facts.engineRecord, reveal);
    case 'containerd':
      return ofFact(facts.containerdRecord, reveal);
    case 'state':
      return ofFact(facts.runtimeState, reveal);
    case 'calls':
      return json(buildCalls(inspection, reveal), true);
    case 'inspection':
      return json({ ...inspection, apiCalls: buildCalls(inspection, reveal) }, reveal);
  }
}

function ofFact(fact: Fact<unknown>, reveal: boolean): Contents {
  if (isKnown(fact)) return json(fact.value, reveal);
  return {
    text: `${l10n.t('Not known: {0}', said(fact.unavailable))}\n${l10n.t('Remedy: {0}', said(fact.remedy))}\n`,
    language: 'plaintext',
  };
}

function json(value: unknown, reveal: boolean): Contents {
  const shown = reveal ? value : maskPayload(value).value;
  return { text: `${JSON.stringify(shown, undefined, 2)}\n`, language: 'json' };
}
