import { findNodeAtOffset, getNodePath, getNodeValue, parseTree, type Node } from 'jsonc-parser';
import { asRecord, asString } from '../../util/records';

/** The place in a JSON text that an offset is at. */
export interface JsonPlace {
  /** Keys from the root; array indices as decimal digits. */
  readonly path: readonly string[];
  readonly value: unknown;
  /** The extent of the value (with its key, when the offset is on that). */
  readonly start: number;
  readonly end: number;
}

/** Finds the place at an offset: of a key, the value that it names. Undefined outside of any value, and at the root. */
export function placeAt(root: Node | undefined, offset: number): JsonPlace | undefined {
  if (!root) return undefined;
  const found = findNodeAtOffset(root, offset);
  if (!found) return undefined;
  const property = found.parent?.type === 'property' ? found.parent : found.type === 'property' ? found : undefined;
  const value = property && (found === property || found === property.children?.[0]) ? property.children?.[1] : found;
  if (!value) return undefined;
  const path = getNodePath(value).map(String);
  if (path.length === 0) return undefined;
  // Brackets of a large object would light up the whole text.
  const lit = value === found ? found : (property ?? found);
  const extent = value.type === 'object' || value.type === 'array' ? (property?.children?.[0] ?? found) : lit;
  return { path, value: getNodeValue(value), start: extent.offset, end: extent.offset + extent.length };
}

/** Parses a text once; lenient, so that a broken file still explains what can be read. */
export function parseDocument(text: string): Node | undefined {
  return parseTree(text);
}

/** True for what looks like an OCI runtime spec, whatever its file is called. */
export function looksLikeSpec(root: Node | undefined): boolean {
  if (root?.type !== 'object') return false;
  const value = asRecord(getNodeValue(root));
  return asString(value?.ociVersion) !== undefined && (asRecord(value?.process) ?? asRecord(value?.root)) !== undefined;
}
