import { toInteger } from '../../util/units';
import { asArray, asNumber, asRecord, asString, asStrings, memberAt } from '../../util/records';
import { isKnown, valueOf } from '../fact';
import { enforcedReading, requestedValue, requestOf, specified, type Column, type Sources } from './columns';
import type { Setting } from './judge';
import { idInside, type IdRange } from './readings';
import type { Origin, RequestedValue } from './row';

/** User, groups and file mask. */
export function userSettings(sources: Sources): readonly Setting[] {
  const config = valueOf(sources.facts.ociConfig);
  const primary = asNumber(memberAt(config, 'process', 'user', 'gid'));
  return [
    identity(sources, 'User', 'uid', 0),
    identity(sources, 'Group', 'gid', 1),
    {
      setting: 'Additional groups',
      group: 'User',
      requested: requestedGroups(sources),
      specified: specified(sources, 'process.user.additionalGids', (value) =>
        listOf(asArray(value).filter((gid) => typeof gid === 'number')),
      ),
      enforced: enforcedReading(
        sources.readings?.status,
        ({ groups }) => `Groups: ${groups.join(' ')}`,
        ({ groups }) => listOf(groups.flatMap((gid) => inside(sources, 'gidMap', gid) ?? [])),
      ),
      accepts: (wanted, now) => {
        // Whether the primary group is in the list differs between engines, and makes no difference.
        const without = (text: string | undefined): string =>
          (text ?? '')
            .split(', ')
            .filter((gid) => gid !== '' && gid !== String(primary))
            .join();
        return without(wanted) === without(now)
          ? { verdict: 'in-force', why: 'The kernel has the groups that were asked for.' }
          : undefined;
      },
      unsetWhy: 'Nobody asked for further groups; the list holds what the runtime itself had.',
    },
    {
      setting: 'File mask (umask)',
      group: 'User',
      requested: requestedMask(sources),
      specified: specified(sources, 'process.user.umask', (value) => {
        const mask = asNumber(value);
        return mask === undefined ? undefined : mask.toString(8).padStart(4, '0');
      }),
      enforced: enforcedReading(
        sources.readings?.status,
        ({ umask }) => `Umask: ${umask ?? '?'}`,
        ({ umask }) => umask?.padStart(4, '0'),
      ),
      byDefault: '0022',
      unsetWhy: 'Nobody asked for it: the process set it itself, or it is the runtime’s own.',
    },
  ];
}

/** Podman alone can be asked for a mask. */
function requestedMask(sources: Sources): Column<RequestedValue> {
  const record = requestOf(sources);
  const mask = isKnown(record) && !record.cri ? asString(memberAt(record.value, 'Config', 'Umask')) : undefined;
  if (!isKnown(record) || mask === undefined)
    return requestedNothing(sources, 'HostConfig', 'The API has no field for it.');
  return requestedValue(record, 'Config.Umask', mask.padStart(4, '0'));
}

function identity(sources: Sources, setting: 'User' | 'Group', key: 'uid' | 'gid', part: 0 | 1): Setting {
  const map = key === 'uid' ? 'uidMap' : 'gidMap';
  return {
    setting,
    group: 'User',
    requested: requestedIdentity(sources, part),
    specified: specified(sources, `process.user.${key}`, (value) =>
      asNumber(value) === undefined ? undefined : String(asNumber(value)),
    ),
    enforced: enforcedReading(
      sources.readings?.status,
      (status) => `${key === 'uid' ? 'Uid' : 'Gid'}: ${(key === 'uid' ? status.uids : status.gids).join(' ')}`,
      (status) => {
        const outside = (key === 'uid' ? status.uids : status.gids)[1];
        const own = outside === undefined ? undefined : inside(sources, map, outside);
        return own === undefined ? undefined : String(own);
      },
    ),
    byDefault: '0',
    explains: () =>
      `The process changed its ${setting.toLowerCase()} itself after it started, as servers do that begin as root.`,
    remark: mapped(sources, map),
  };
}

function inside(sources: Sources, map: 'uidMap' | 'gidMap', outside: number): number | undefined {
  const ranges: readonly IdRange[] | undefined = valueOf(sources.readings?.[map]);
  return ranges ? idInside(ranges, outside) : outside;
}

function mapped(sources: Sources, map: 'uidMap' | 'gidMap'): string | undefined {
  const first = valueOf(sources.readings?.[map])?.[0];
  return first && first.outside !== first.inside
    ? `A user namespace maps IDs: ${first.inside} inside is ${first.outside} on the host.`
    : undefined;
}

function requestedIdentity(sources: Sources, part: 0 | 1): Column<RequestedValue> {
  const record = requestOf(sources);
  if (!isKnown(record)) return { fact: record };
  if (record.cri) {
    const key = part === 0 ? 'run_as_user' : 'run_as_group';
    const context = memberAt(record.value, 'linux', 'security_context');
    const name = part === 0 ? asString(memberAt(context, 'run_as_username')) || undefined : undefined;
    if (name !== undefined)
      return { fact: requestedValue(record, 'linux.security_context.run_as_username', name).fact };
    const asked = asRecord(memberAt(context, key));
    // In Go's JSON a zero is left out.
    const id = asked ? (asNumber(asked.value) ?? 0) : undefined;
    return requestedValue(record, `linux.security_context.${key}`, id === undefined ? undefined : String(id));
  }
  const user = asString(memberAt(record.value, 'Config', 'User')) ?? '';
  const text = user.split(':')[part] || undefined;
  const origin = originOf(sources, 'User', user);
  if (text === undefined) {
    return part === 0
      ? requestedValue(record, 'Config.User', '0', { show: () => 'root, as nothing else is said', origin: 'engine' })
      : { fact: requestedValue(record, 'Config.User', undefined).fact };
  }
  const column = requestedValue(record, 'Config.User', text, { origin });
  // A name stands for a number that only the container's own /etc/passwd knows.
  return /^\d+$/.test(text) ? column : { fact: column.fact };
}

/** Whether a member of `Config` is what the image brings. */
export function originOf(sources: Sources, member: string, value: unknown): Origin {
  const image = memberAt(valueOf(sources.facts.engineImage), 'Config', member);
  return image !== undefined && image !== '' && JSON.stringify(image) === JSON.stringify(value) ? 'image' : 'request';
}

function requestedGroups(sources: Sources): Column<RequestedValue> {
  const record = requestOf(sources);
  if (!isKnown(record)) return { fact: record };
  const groups = record.cri
    ? asArray(memberAt(record.value, 'linux', 'security_context', 'supplemental_groups')).flatMap(
        (gid) => toInteger(gid)?.toString() ?? [],
      )
    : asStrings(memberAt(record.value, 'HostConfig', 'GroupAdd'));
  // The spec adds the user's own groups, so the lists cannot be compared.
  return {
    fact: requestedValue(
      record,
      record.cri ? 'linux.security_context.supplemental_groups' : 'HostConfig.GroupAdd',
      groups.length > 0 ? groups.join(', ') : undefined,
    ).fact,
  };
}

/** A requested column for what no API has a field for. */
export function requestedNothing(sources: Sources, field: string, note: string): Column<RequestedValue> {
  const record = requestOf(sources);
  if (!isKnown(record)) return { fact: record };
  return { fact: { ...requestedValue(record, field, undefined).fact, note } };
}

function listOf(ids: readonly unknown[]): string | undefined {
  const sorted = [...new Set(ids.map(Number))].sort((a, b) => a - b);
  return sorted.length > 0 ? sorted.join(', ') : undefined;
}
