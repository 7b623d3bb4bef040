import { hasInit } from '../../../model/container';
import { valueOf } from '../../../model/fact';
import type { PageHeader, SnapshotView } from '../../../protocol/pages';
import type { SnapshotAbout } from '../../../store/snapshotStore';
import { asString, memberAt } from '../../../util/records';
import { shortId } from '../../../util/text';
import type { PageInput } from './input';

/** What every page says of its container. */
export function pageHeader({ inspection, container, snapshot, far }: PageInput): PageHeader {
  const runtimeId = container?.runtimeId ?? inspection.id.slice(inspection.id.lastIndexOf('/') + 1);
  // Of a container that has gone only the engine's last record still names the image.
  const image = container?.image ?? asString(memberAt(valueOf(inspection.facts.engineRecord), 'Config', 'Image'));
  return {
    containerId: inspection.id,
    name: container?.name ?? inspection.name,
    shortId: /^[0-9a-f]{64}$/.test(runtimeId) ? shortId(runtimeId) : runtimeId,
    ...(image === undefined ? {} : { image }),
    liveness: container === undefined ? 'ended' : hasInit(container.state) ? 'live' : 'stopped',
    stateText: container === undefined ? 'gone' : (container.stateText ?? container.state),
    observedAt: inspection.observedAt,
    ...(snapshot ? { snapshot: snapshotView(snapshot) } : {}),
    ...(far ? { far: { host: far.name, endpoint: far.endpoint } } : {}),
  };
}

/** What a page of a snapshot says of it. */
export function snapshotView({ name, takenAt, secrets }: SnapshotAbout): SnapshotView {
  return { host: name, takenAt, redacted: secrets.redacted };
}
