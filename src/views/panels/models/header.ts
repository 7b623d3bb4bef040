import { hasInit } from '../../../model/container';
import type { PageHeader } from '../../../protocol/pages';
import { shortId } from '../../../util/text';
import type { PageInput } from './input';

/** What every page says of its container. */
export function pageHeader({ inspection, container }: PageInput): PageHeader {
  const runtimeId = container?.runtimeId ?? inspection.id.slice(inspection.id.lastIndexOf('/') + 1);
  return {
    containerId: inspection.id,
    name: container?.name ?? inspection.name,
    shortId: /^[0-9a-f]{64}$/.test(runtimeId) ? shortId(runtimeId) : runtimeId,
    ...(container?.image === undefined ? {} : { image: container.image }),
    liveness: container === undefined ? 'ended' : hasInit(container.state) ? 'live' : 'stopped',
    stateText: container === undefined ? 'gone: this is what was last read' : (container.stateText ?? container.state),
    observedAt: inspection.observedAt,
  };
}
