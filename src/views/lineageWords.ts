import { shownSetting } from '../model/lineage/lookup';
import type { LineageGroup, LineageRow } from '../model/lineage/row';
import { said } from './l10n';

/** Groups whose values are numbers and words of ours; in the others people's own words stand, and stay as they are. */
const OURS: ReadonlySet<LineageGroup> = new Set<LineageGroup>([
  ...(['Memory', 'CPU', 'Processes', 'Disk', 'Devices', 'Privileges', 'Limits', 'Namespaces'] as const),
]);
const OUR_SETTINGS = new Set([
  'Root file system',
  'Terminal',
  'Stop signal',
  'Masked paths',
  'Read-only paths',
  'Size of /dev/shm',
]);

/** A value of a setting as it may be shown, in the language of the window where its words are ours. */
export function settingValue({ group, setting }: LineageRow, value: string, reveal: boolean): string {
  const shown = shownSetting(setting, value, reveal);
  return OURS.has(group) || OUR_SETTINGS.has(setting) ? said(shown) : shown;
}
