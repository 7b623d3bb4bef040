import { asString, memberAt } from '../../util/records';

/** A path of the engine's API without its version and query, in parts: `/v1.41/containers/x/start?t=1` → containers, x, start. */
export function pathParts(path: string): readonly string[] {
  const [withoutQuery = ''] = path.split('?');
  return withoutQuery
    .replace(/^\/v\d+\.\d+(?=\/)/, '')
    .split('/')
    .filter((part) => part !== '')
    .map(decoded);
}

/** Words after `/containers/` that are no containers. */
const COLLECTIONS = new Set(['create', 'json', 'prune']);

/** The container that a path names, as the client named it. */
export function containerOfPath(path: string): string | undefined {
  const [collection, name] = pathParts(path);
  return collection === 'containers' && name !== undefined && !COLLECTIONS.has(name) ? name : undefined;
}

/** The exec instance that a path names: `/exec/ID/start`. */
export function execOfPath(path: string): string | undefined {
  const [collection, id] = pathParts(path);
  return collection === 'exec' ? id : undefined;
}

/** True for `POST /containers/create` (a container comes to be) with the response that says its id. */
export function createdContainer(method: string, path: string, response: unknown): string | undefined {
  const [collection, verb] = pathParts(path);
  return method === 'POST' && collection === 'containers' && verb === 'create'
    ? asString(memberAt(response, 'Id'))
    : undefined;
}

/** True for calls whose answer turns the connection into the streams of a process, with or without an Upgrade header. */
export function mayTakeOver(method: string, path: string): boolean {
  const parts = pathParts(path);
  const last = parts.at(-1);
  return (
    method === 'POST' && ((parts[0] === 'containers' && last === 'attach') || (parts[0] === 'exec' && last === 'start'))
  );
}

/** True for calls whose bodies are credentials by their nature: they are counted, never kept. */
export function carriesCredentials(path: string): boolean {
  const [first] = pathParts(path);
  return first === 'auth' || first === 'session' || first === 'secrets' || first === 'swarm';
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
