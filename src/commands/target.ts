import { asRecord, asString } from '../util/records';
import type { Subject, TreeNode } from '../views/tree/node';

/** What a command was called on. */
export interface Target {
  readonly containerId?: string;
  readonly layerId?: string;
}

/** The container (and layer) that an argument means: a row of the tree, or a container's id from a link or another extension. */
export function targetOf(argument: unknown): Target {
  if (typeof argument === 'string' && argument !== '') return { containerId: argument };
  const subject = subjectOf(argument);
  if (!subject) {
    const containerId = asString(asRecord(argument)?.containerId);
    const layerId = asString(asRecord(argument)?.layerId);
    return { ...(containerId ? { containerId } : {}), ...(layerId ? { layerId } : {}) };
  }
  switch (subject.kind) {
    case 'container':
      return {
        containerId: subject.containerId,
        ...(subject.layerId === undefined ? {} : { layerId: subject.layerId }),
      };
    case 'fact':
    case 'namespace':
    case 'call':
      return { containerId: subject.containerId };
    case 'layer':
    case 'shim':
      return { layerId: subject.layerId };
    case 'host':
    case 'group':
    case 'detail':
    case 'letGo':
    case 'kube':
    case 'problem':
    case 'finding':
    case 'more':
      return {};
  }
}

/** What a row of the tree is about; undefined for anything that is no row. */
export function subjectOf(argument: unknown): Subject | undefined {
  const node = asRecord(asRecord(argument)?.node);
  const subject = asRecord(node?.subject);
  // Only rows carry a node with a subject: nothing from outside has this shape.
  return typeof subject?.kind === 'string' ? (node as unknown as TreeNode).subject : undefined;
}
