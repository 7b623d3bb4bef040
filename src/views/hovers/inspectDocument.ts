import { getNodeValue, findNodeAtLocation, type Node } from 'jsonc-parser';
import { asString } from '../../util/records';
import type { JsonPlace } from './jsonPath';

/** A place in what `docker inspect` printed: of which container, and which field of its record. */
export interface InspectPlace {
  readonly containerId: string;
  /** Keys from the root of the record: `['HostConfig', 'Memory']`. */
  readonly path: readonly string[];
  readonly value: unknown;
}

/** The beginning of a text that may be a record, or a list of them: to pass over all others without parsing them. */
export function mayBeInspect(beginning: string): boolean {
  return /^\s*(?:\[\s*)?\{/.test(beginning) && /"Id"\s*:\s*"[0-9a-f]{64}"/.test(beginning);
}

/** Recognises a container's record by its content; undefined for the place of anything else. */
export function inspectPlace(root: Node | undefined, place: JsonPlace | undefined): InspectPlace | undefined {
  if (!root || !place) return undefined;
  const [first = '', ...rest] = place.path;
  const isList = root.type === 'array';
  const record = isList ? findNodeAtLocation(root, [Number(first)]) : root;
  if (record?.type !== 'object') return undefined;
  const at = (...keys: string[]): Node | undefined => findNodeAtLocation(record, keys);
  if (at('HostConfig')?.type !== 'object' || at('Config')?.type !== 'object') return undefined;
  const id = at('Id');
  const containerId = id && asString(getNodeValue(id));
  if (containerId === undefined || !/^[0-9a-f]{64}$/.test(containerId)) return undefined;
  const path = isList ? rest : place.path;
  // A variable is known by its name, not by its index.
  const named = path[0] === 'Config' && path[1] === 'Env' && typeof place.value === 'string';
  return { containerId, path: named ? ['Config', 'Env', place.value] : path, value: place.value };
}
