import type { Container } from '../../model/container';
import { readableId } from '../../util/text';

/** A container's id as people read it. */
export function idOf(container: Container): string {
  return readableId(container.runtimeId);
}

/** What to call a container: its name, else its id. */
export function nameOf(container: Container): string {
  return container.name || idOf(container);
}
