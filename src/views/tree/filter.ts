import { CONTAINER_STATES, type Container } from '../../model/container';

/** One condition of a filter. */
export type Term =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'name'; readonly text: string }
  | { readonly kind: 'image'; readonly text: string }
  | { readonly kind: 'state'; readonly text: string }
  | { readonly kind: 'label'; readonly key: string; readonly value?: string };

/** All terms must hold. Empty: everything is shown. */
export type Filter = readonly Term[];

/**
 * Reads a filter as people type it: words, or `name:`, `image:`, `state:`, `label:key` and `label:key=value`; a value with
 * spaces stands in double quotes. Everything is a filter: what is not understood is a word to look for.
 */
export function parseFilter(text: string): Filter {
  const terms: Term[] = [];
  for (const [, key, quoted, bare, word] of text.matchAll(/(?:(\w{1,32}):(?:"([^"]*)"|(\S+)))|(\S+)/g)) {
    const value = quoted ?? bare;
    terms.push(
      key !== undefined && value !== undefined ? keyed(key, value) : { kind: 'text', text: lower(word ?? '') },
    );
  }
  return terms;
}

function keyed(key: string, value: string): Term {
  switch (key.toLowerCase()) {
    case 'name':
      return { kind: 'name', text: lower(value) };
    case 'image':
      return { kind: 'image', text: lower(value) };
    case 'state':
    case 'status':
      return { kind: 'state', text: lower(value) };
    case 'label': {
      const equals = value.indexOf('=');
      return equals < 0
        ? { kind: 'label', key: value }
        : { kind: 'label', key: value.slice(0, equals), value: value.slice(equals + 1) };
    }
    default:
      // An image such as `nginx:1.27` looks like a key with a value.
      return { kind: 'text', text: lower(`${key}:${value}`) };
  }
}

/** What is wrong with a filter, in words for the input box; undefined when nothing is. */
export function filterProblem(filter: Filter): { readonly state: string; readonly states: string } | undefined {
  const odd = filter.find(
    (term) => term.kind === 'state' && !CONTAINER_STATES.some((state) => state.startsWith(term.text)),
  );
  return odd?.kind === 'state' ? { state: odd.text, states: CONTAINER_STATES.join(', ') } : undefined;
}

/** True when a container meets all terms. Names and images by a part of them, ids and states by their beginning. */
export function matches(container: Container, filter: Filter): boolean {
  return filter.every((term) => matchesTerm(container, term));
}

function matchesTerm(container: Container, term: Term): boolean {
  switch (term.kind) {
    case 'text':
      return (
        has(container.name, term.text) ||
        has(container.image, term.text) ||
        has(container.compose?.project, term.text) ||
        container.runtimeId.toLowerCase().startsWith(term.text)
      );
    case 'name':
      return container.sightings.some(({ name }) => has(name, term.text)) || has(container.name, term.text);
    case 'image':
      return has(container.image, term.text);
    case 'state':
      return container.state.startsWith(term.text);
    case 'label': {
      const label = container.labels.get(term.key);
      return label !== undefined && (term.value === undefined || label === term.value);
    }
  }
}

function has(text: string | undefined, part: string): boolean {
  return text !== undefined && text.toLowerCase().includes(part);
}

function lower(text: string): string {
  return text.toLowerCase();
}
