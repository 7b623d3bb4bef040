import { valueOf } from '../fact';
import { maskNamed, maskText } from '../secrets';
import type { LineageRow, Place } from './row';

/** What a lineage says of one place in config.json. */
export interface PlaceLineage {
  /** The settings that stand there, or of whose value the place is a part. */
  readonly rows: readonly LineageRow[];
  /** The settings that stand below it. */
  readonly below: readonly LineageRow[];
}

/** Finds what is known of a place in config.json: one key of `process.user`, or one word of `process.args`. */
export function lineageAt(rows: readonly LineageRow[], place: Place): PlaceLineage {
  const placed = rows.map((row) => ({ row, places: valueOf(row.specified)?.places ?? [] }));
  const lengthOf = (places: readonly Place[]): number =>
    Math.max(0, ...places.filter((one) => begins(place, one)).map(({ length }) => length));
  // Of a list and its member, the member's row alone is meant.
  const deepest = Math.max(0, ...placed.map(({ places }) => lengthOf(places)));
  return {
    rows: deepest === 0 ? [] : placed.filter(({ places }) => lengthOf(places) === deepest).map(({ row }) => row),
    below: placed
      .filter(({ places }) => places.some((one) => one.length > place.length && begins(one, place)))
      .map(({ row }) => row),
  };
}

/** The settings whose value in force stands in this file of the kernel. */
export function lineageOfFile(rows: readonly LineageRow[], file: string): readonly LineageRow[] {
  return rows.filter(({ enforced }) => {
    const value = valueOf(enforced);
    return value !== undefined && (value.file === file || value.besides?.includes(file) === true);
  });
}

/** The settings that were asked for by this field of an engine's record: `HostConfig.Memory`, or a part of it. */
export function lineageOfRequest(rows: readonly LineageRow[], place: Place): readonly LineageRow[] {
  return rows.filter(({ setting, requested }) => {
    const field = valueOf(requested)?.field;
    // What no field of the API asks for names the whole of it.
    if (field === undefined || field === 'HostConfig' || !requestPlaces(field).some((one) => begins(place, one)))
      return false;
    // Of a list of variables the one that is meant is known by its name alone.
    return field !== 'Config.Env' || place.length < 3 || place[2]?.split('=', 1)[0] === setting;
  });
}

/** "HostConfig.CapAdd, CapDrop" → both fields: what has no dot stands beside the one before it. */
export function requestPlaces(field: string): readonly Place[] {
  let parent: Place = [];
  return field.split(', ').map((name) => {
    const keys = name.split('.');
    if (keys.length > 1) parent = keys.slice(0, -1);
    return keys.length > 1 ? keys : [...parent, name];
  });
}

/** A value of a setting as it may be shown: a secret is masked by the setting's name as well as by its form. */
export function shownSetting(setting: string, value: string, reveal: boolean): string {
  return reveal ? value : maskText(maskNamed(setting, value));
}

function begins(place: Place, start: Place): boolean {
  return start.length > 0 && start.length <= place.length && start.every((key, index) => place[index] === key);
}
