import { ASPECTS, type Aspect } from '../model/compare/aspects';
import type { Problem } from '../model/problem';
import { asArray, asNumber, asRecord, asString, type UnknownRecord } from '../util/records';
import { EXPORT_FORMATS, EXPORT_TARGETS, type ExportFormat, type ExportTarget } from './birthPage';
import { isHostPageModel, type HostPageModel } from './hostPages';
import {
  isPageKind,
  type ExplanationView,
  type PageKind,
  type PageModel,
  type PlaceLineageView,
  type UsageSample,
} from './pages';

/*
 * Every message between a page and the extension host. A page names neither commands nor files: what it asks for is one
 * of the words below, an id that the host looks up in its own table, or a place in a document that the host holds.
 */

/** What a page may ask, with the answer: the type of one follows from the other. Every request can fail with a Problem. */
export interface Requests {
  /** The page, read anew. */
  readonly page: { readonly params: { readonly reveal: boolean }; readonly answer: PageModel | HostPageModel };
  /** What the value at this place of config.json means. */
  readonly explain: { readonly params: { readonly path: readonly string[] }; readonly answer: ExplanationView | null };
  /** Who set the value at this place of config.json, and whether it is in force. */
  readonly lineage: { readonly params: { readonly path: readonly string[] }; readonly answer: PlaceLineageView };
  /** Puts a text of the page's model on the clipboard, by its id. */
  readonly copy: { readonly params: { readonly copyId: string }; readonly answer: null };
  /** Puts the value at this place of config.json on the clipboard, as masked or revealed as the page is. */
  readonly copyValue: { readonly params: { readonly path: readonly string[] }; readonly answer: null };
  /** Opens another page of the same container. */
  readonly openPage: { readonly params: { readonly page: PageKind }; readonly answer: null };
  /** Opens what the page shows as a read-only document. */
  readonly openDocument: { readonly params: { readonly document: DocumentKind }; readonly answer: null };
  /** Asks the user whether config.json may be read through a reader container, and reads it so. */
  readonly readThroughContainer: { readonly params: Readonly<Record<string, never>>; readonly answer: null };
  /** Opens one aspect of what is compared in the editor's own view of differences. */
  readonly openDiff: { readonly params: { readonly aspect: Aspect }; readonly answer: null };
  /** Writes the sequence that the page shows to a file that the user chooses, or opens it as a new document. */
  readonly exportBirth: {
    readonly params: { readonly format: ExportFormat; readonly to: ExportTarget };
    readonly answer: null;
  };
}
export type Method = keyof Requests;

/** The documents that can be opened from pages. */
export const DOCUMENT_KINDS = ['config', 'calls', 'inspection'] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];

/** What the host tells unasked. */
export interface HostEvents {
  /** The container, or the machine, changed: this is the page now. */
  readonly changed: PageModel | HostPageModel;
  readonly usage: UsageSample;
}
export type EventName = keyof HostEvents;

/** Page → host. */
export type PageMessage =
  | { readonly type: 'ready' }
  | {
      [M in Method]: {
        readonly type: 'request';
        readonly id: number;
        readonly method: M;
        readonly params: Requests[M]['params'];
      };
    }[Method];

/** Host → page. */
export type HostMessage =
  | {
      [M in Method]: {
        readonly type: 'answer';
        readonly id: number;
        readonly method: M;
        readonly answer: Requests[M]['answer'];
      };
    }[Method]
  | { readonly type: 'error'; readonly id: number; readonly problem: Problem }
  | { [E in EventName]: { readonly type: 'event'; readonly name: E; readonly value: HostEvents[E] } }[EventName];

/** More than any document nests, and than any key is long. */
const MAX_PATH_KEYS = 100;
const MAX_KEY_LENGTH = 4096;
const MAX_COPY_ID_LENGTH = 32;

type Check = (value: UnknownRecord) => boolean;

const PARAMS: Readonly<Record<Method, Check>> = {
  page: (params) => typeof params.reveal === 'boolean',
  explain: (params) => isPath(params.path),
  lineage: (params) => isPath(params.path),
  copy: (params) => isText(params.copyId, MAX_COPY_ID_LENGTH),
  copyValue: (params) => isPath(params.path),
  openPage: (params) => isPageKind(params.page),
  openDocument: (params) => (DOCUMENT_KINDS as readonly unknown[]).includes(params.document),
  readThroughContainer: () => true,
  openDiff: (params) => (ASPECTS as readonly unknown[]).includes(params.aspect),
  exportBirth: ({ format, to }) =>
    (EXPORT_FORMATS as readonly unknown[]).includes(format) && (EXPORT_TARGETS as readonly unknown[]).includes(to),
};

const ANSWERS: Readonly<Record<Method, (value: unknown) => boolean>> = {
  page: isPageModel,
  explain: (value) => value === null || isExplanation(value),
  lineage: (value) => Array.isArray(asRecord(value)?.rows) && Array.isArray(asRecord(value)?.below),
  copy: isNull,
  copyValue: isNull,
  openPage: isNull,
  openDocument: isNull,
  readThroughContainer: isNull,
  openDiff: isNull,
  exportBirth: isNull,
};

const EVENTS: Readonly<Record<EventName, (value: unknown) => boolean>> = {
  changed: isPageModel,
  usage: (value) => asNumber(asRecord(value)?.atMs) !== undefined && Array.isArray(asRecord(value)?.values),
};

/** True for a well-formed message of a page; total: nothing makes it throw. */
export function isPageMessage(value: unknown): value is PageMessage {
  const message = asRecord(value);
  if (message?.type === 'ready') return true;
  if (message?.type !== 'request' || !isId(message.id)) return false;
  const check = ownCheck(PARAMS, message.method);
  const params = asRecord(message.params);
  return check !== undefined && params !== undefined && check(params);
}

/** True for a well-formed message of the host; total. */
export function isHostMessage(value: unknown): value is HostMessage {
  const message = asRecord(value);
  switch (message?.type) {
    case 'answer':
      return isId(message.id) && (ownCheck(ANSWERS, message.method)?.(message.answer) ?? false);
    case 'error': {
      const problem = asRecord(message.problem);
      return isId(message.id) && asString(problem?.what) !== undefined && asString(problem?.reason) !== undefined;
    }
    case 'event':
      return ownCheck(EVENTS, message.name)?.(message.value) ?? false;
    default:
      return false;
  }
}

/** The id of something that looks like a request, so that a malformed one can still be refused by name. */
export function requestIdOf(value: unknown): number | undefined {
  const message = asRecord(value);
  return message?.type === 'request' && isId(message.id) ? message.id : undefined;
}

function ownCheck<C>(table: Readonly<Record<string, C>>, key: unknown): C | undefined {
  return typeof key === 'string' && Object.hasOwn(table, key) ? table[key] : undefined;
}

function isId(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function isText(value: unknown, limit: number): boolean {
  return typeof value === 'string' && value.length <= limit;
}

function isPath(value: unknown): boolean {
  return (
    Array.isArray(value) && value.length <= MAX_PATH_KEYS && asArray(value).every((key) => isText(key, MAX_KEY_LENGTH))
  );
}

function isNull(value: unknown): boolean {
  return value === null;
}

function isPageModel(value: unknown): boolean {
  const page = asRecord(value);
  if (isHostPageModel(value)) return true;
  return isPageKind(page?.kind) && asString(asRecord(page?.header)?.containerId) !== undefined;
}

function isExplanation(value: unknown): boolean {
  const explanation = asRecord(value);
  return asString(explanation?.meaning) !== undefined && Array.isArray(explanation?.references);
}
