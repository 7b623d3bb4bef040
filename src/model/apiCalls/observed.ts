import { asNumber, asString, memberAt } from '../../util/records';
import { isKnown, type Fact } from '../fact';

/** An event that shows that a call was made. */
export interface ObservedEvent {
  readonly action: string;
  /** ISO 8601, the engine's clock, to the millisecond. */
  readonly at: string;
  readonly because: string;
}

/** The events of a container that are still known, oldest first. Those that our own reading makes are left out. */
export function observedEvents(events: Fact<readonly unknown[]>): readonly ObservedEvent[] {
  if (!isKnown(events)) return [];
  return events.value.flatMap((event): ObservedEvent[] => {
    const action = asString(memberAt(event, 'Action')) ?? asString(memberAt(event, 'status'));
    const nanoseconds = memberAt(event, 'timeNano');
    const milliseconds =
      typeof nanoseconds === 'string' ? Number(nanoseconds) / 1e6 : (asNumber(nanoseconds) ?? 0) / 1e6;
    if (
      !action ||
      !(milliseconds > 0) ||
      milliseconds > 8.64e15 ||
      action === 'top' ||
      action.startsWith('archive-path')
    )
      return [];
    const at = new Date(milliseconds).toISOString();
    return [
      { action, at, because: `Event container/${action.split(':')[0] ?? action} of the engine at ${at} (its clock).` },
    ];
  });
}

/** The last event of an action: a container that was restarted has been started several times. */
export function lastEvent(events: readonly ObservedEvent[], action: string): ObservedEvent | undefined {
  return events.filter((event) => event.action === action).at(-1);
}
