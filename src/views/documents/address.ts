import { visible } from '../../util/text';

/** What of a container can be opened as a document. `calls` and `inspection` are opened from pages. */
export const DOCUMENTS = ['config', 'engine', 'containerd', 'state', 'calls', 'inspection'] as const;
export type DocumentName = (typeof DOCUMENTS)[number];

/** Which document it is. */
export interface DocumentAddress {
  readonly document: DocumentName;
  readonly containerId: string;
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
  state: 'state.json',
  calls: 'api-calls.json',
  inspection: 'facts.json',
};

/** The path (what tabs show: the container's name and a file name) and the query (what counts: the id) of a document. */
export function toUriParts({ document, containerId }: DocumentAddress, name: string): UriParts {
  const folder = visible(name, 80).replace(/[^\w.-]/g, '_') || '_';
  return {
    path: `/${folder}/${FILE_NAMES[document]}`,
    query: new URLSearchParams({ document, containerId }).toString(),
  };
}

/** The document that an address names; undefined for what is none of ours. */
export function fromUriParts({ query }: { readonly query: string }): DocumentAddress | undefined {
  const values = new URLSearchParams(query);
  const document = DOCUMENTS.find((name) => name === values.get('document'));
  const containerId = values.get('containerId');
  return document && containerId ? { document, containerId } : undefined;
}
