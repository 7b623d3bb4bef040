import type { Container } from '../../model/container';
import { shortId } from '../../util/text';

/** True for the 64 hex digits that engines draw at random: they may be shortened, ids that people chose may not. */
export function isRandomId(id: string): boolean {
  return /^[0-9a-f]{64}$/.test(id);
}

/** A runtime id as people read it. */
export function readableId(runtimeId: string): string {
  return isRandomId(runtimeId) ? shortId(runtimeId) : runtimeId;
}

/** A container's id as people read it. */
export function idOf(container: Container): string {
  return readableId(container.runtimeId);
}

/** What to call a container: its name, else its id. */
export function nameOf(container: Container): string {
  return container.name || idOf(container);
}
