import type { ApiCall } from '../../model/apiCall';
import { aspectOf, type Aspect, type Subject } from '../../model/compare/aspects';
import { markHidden } from '../../model/compare/hidden';
import { isKnown, type Fact, type UnknownFact } from '../../model/fact';
import type { Inspection } from '../../model/inspection';
import { maskPayload } from '../../model/secrets';
import { l10n, said } from '../l10n';
import type { DocumentName } from './address';

/** Builds the calls that made a container, secrets masked unless `reveal`. */
export type BuildCalls = (inspection: Inspection, reveal: boolean) => readonly ApiCall[];

/** A document that is made from an inspection alone. */
export type PlainDocument = Exclude<DocumentName, 'environment' | 'lineage'>;

/** A document as it is shown. */
export interface Contents {
  /** JSON, or plain text that says why there is none. */
  readonly text: string;
  readonly language: 'json' | 'plaintext';
}

/** What a document says now: the source's own JSON, indented, secrets masked unless revealed; or why it is not known. */
export function contentsOf(
  document: PlainDocument,
  inspection: Inspection,
  reveal: boolean,
  buildCalls: BuildCalls,
): Contents {
  const { id, name, observedAt, facts } = inspection;
  switch (document) {
    case 'config':
      return ofFact(facts.ociConfig, reveal);
    case 'engine':
      return ofFact(facts.engineRecord, reveal);
    case 'containerd':
      return ofFact(facts.containerdRecord, reveal);
    case 'cri':
      return ofFact(facts.criRecord, reveal);
    case 'state':
      return ofFact(facts.runtimeState, reveal);
    case 'calls':
      return json(buildCalls(inspection, reveal), true);
    case 'inspection':
      return json({ id, name, observedAt, facts, apiCalls: buildCalls(inspection, reveal) }, reveal);
  }
}

/**
 * One side of a comparison: secrets that are others on the other side are marked unless all are revealed.
 *
 * @param mark which side it is, in words
 */
export function comparedContents(
  aspect: Aspect,
  own: Subject,
  other: Subject | undefined,
  mark: string,
  reveal: boolean,
): Contents {
  const mine = aspectOf(aspect, own, reveal);
  const theirs = other && aspectOf(aspect, other, reveal);
  if (!isKnown(mine)) return notKnown(mine);
  return toJson(isKnown(theirs) ? markHidden(mine.value, theirs.value, mark) : mine.value.shown);
}

function ofFact(fact: Fact<unknown>, reveal: boolean): Contents {
  return isKnown(fact) ? json(fact.value, reveal) : notKnown(fact);
}

function notKnown(fact: UnknownFact): Contents {
  return {
    text: `${l10n.t('Not known: {0}', said(fact.unavailable))}\n${l10n.t('Remedy: {0}', said(fact.remedy))}\n`,
    language: 'plaintext',
  };
}

function json(value: unknown, reveal: boolean): Contents {
  return toJson(reveal ? value : maskPayload(value).value);
}

function toJson(shown: unknown): Contents {
  return { text: `${JSON.stringify(shown, undefined, 2)}\n`, language: 'json' };
}
