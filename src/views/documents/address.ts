import type { Side } from '../../store/comparisons';
import { visible } from '../../util/text';

/**
 * What of a container can be opened as a document. `calls` and `inspection` are opened from pages, `environment` and `lineage`
 * where two containers are compared.
 */
export const DOCUMENTS = [
  'config',
  'engine',
  'containerd',
  'cri',
  'state',
  'calls',
  'inspection',
  'environment',
  'lineage',
] as const;
export type DocumentName = (typeof DOCUMENTS)[number];

/** Which document it is. */
export interface DocumentAddress {
  readonly document: DocumentName;
  readonly containerId: string;
  /** `earlier`: as the container was before it last changed. */
  readonly when?: 'earlier';
  /** What it is compared with: secrets that are others there are marked. */
  readonly against?: Side;
  /** Which of the two it is. */
  readonly side?: 'left' | 'right';
}

/** What a document's address is made of: the rest is the editor's. */
export interface UriParts {
  readonly path: string;
  readonly query: string;
}

const FILE_NAMES: Readonly<Record<DocumentName, string>> = {
  config: 'config.json',
  engine: 'inspect.json',
  containerd: 'containerd.json',
  cri: 'cri.json',
  state: 'state.json',
  calls: 'api-calls.json',
  inspection: 'facts.json',
  environment: 'environment.json',
  lineage: 'lineage.json',
};

/** The path (what tabs show: the container's name and a file name) and the query (what counts: the id) of a document. */
export function toUriParts(address: DocumentAddress, name: string): UriParts {
  const { document, containerId, when, against, side } = address;
  const folder = visible(name, 80).replace(/[^\w.-]/g, '_') || '_';
  const query = new URLSearchParams({ document, containerId });
  if (when) query.set('when', when);
  if (against) {
    query.set('against', against.containerId);
    query.set('againstWhen', against.when);
    query.set('side', side ?? 'left');
  }
  return { path: `/${folder}/${FILE_NAMES[document]}`, query: query.toString() };
}

/** The document that an address names; undefined for what is none of ours. */
export function fromUriParts({ query }: { readonly query: string }): DocumentAddress | undefined {
  const values = new URLSearchParams(query);
  const document = DOCUMENTS.find((name) => name === values.get('document'));
  const containerId = values.get('containerId');
  if (!document || !containerId) return undefined;
  const against = values.get('against');
  return {
    document,
    containerId,
    ...(values.get('when') === 'earlier' ? { when: 'earlier' } : {}),
    ...(against
      ? {
          against: { containerId: against, when: values.get('againstWhen') === 'earlier' ? 'earlier' : 'now' },
          side: values.get('side') === 'right' ? 'right' : 'left',
        }
      : {}),
  };
}
