import type { CgroupController, CgroupMode, CgroupReading, CgroupReport } from '../../../model/cgroup';
import { isKnown } from '../../../model/fact';
import { lineageOfFile } from '../../../model/lineage/lookup';
import type { LineageRow } from '../../../model/lineage/row';
import type { CgroupsPage, ControllerView, ReadingView, UnknownView, UsageSample } from '../../../protocol/pages';
import { shellLine } from '../../../util/text';
import { factView } from './factViews';
import { said } from '../../l10n';
import { formatReading } from './format';
import { pageHeader } from './header';
import type { PageInput } from './input';
import { lineageRowView } from './lineagePage';

const MODES: Readonly<Record<CgroupMode, string>> = {
  unified: 'Unified (v2): one hierarchy holds all controllers.',
  hybrid: 'Hybrid: the controllers are mounted as v1 hierarchies, and an empty v2 hierarchy stands beside them.',
  legacy: 'Legacy (v1): each controller has a hierarchy of its own.',
};

/** The page "Cgroups". `lineage` is what is known of where the limits come from. */
export function cgroupsPage(input: PageInput, lineage: readonly LineageRow[]): CgroupsPage {
  const { cgroups } = input.inspection.facts;
  const report = isKnown(cgroups) ? cgroups.value : undefined;
  return {
    kind: 'cgroups',
    header: pageHeader(input),
    fact: factView('Cgroups', cgroups, input.copies, ({ mode }) => said(MODES[mode])),
    ...(report ? { mode: report.mode, modeMeaning: MODES[report.mode] } : {}),
    controllers: (report?.controllers ?? []).map((controller) => controllerView(controller, input, lineage)),
  };
}

/** The uses of a report, for the live charts. */
export function usageSample(report: CgroupReport, atMs: number): UsageSample {
  const readings = report.controllers.flatMap((controller) => controller.readings);
  return {
    atMs,
    values: readings.flatMap((reading) => {
      const { role, value, unit } = reading;
      return role !== 'limit' && typeof value === 'number'
        ? [{ key: keyOf(reading), value, shown: formatReading(value, unit) }]
        : [];
    }),
  };
}

/** What is sent to the charts when there is nothing to read. */
export function noUsage(problem: UnknownView, atMs: number): UsageSample {
  return { atMs, values: [], problem };
}

function controllerView(
  { name, controllers, version, cgroupPath, directory, readings }: CgroupController,
  input: PageInput,
  lineage: readonly LineageRow[],
): ControllerView {
  return {
    name,
    controllers,
    version,
    cgroupPath,
    ...(directory === undefined ? {} : { directory }),
    readings: readings.map((reading) => readingView(reading, input, lineage)),
  };
}

/** One file may have several numbers, each a row of its own. */
function keyOf({ path, label }: CgroupReading): string {
  return `${path} ${label}`;
}

function readingView(reading: CgroupReading, input: PageInput, lineage: readonly LineageRow[]): ReadingView {
  const { copies, explain } = input;
  const [setting] = lineageOfFile(lineage, reading.path);
  const { label, file, path, raw, value, unit, role, effective } = reading;
  const meaning = explain.cgroupFile(file, value)?.meaning;
  return {
    key: keyOf(reading),
    path,
    label,
    file,
    raw,
    shown: shownReading(file, raw, value, unit),
    ...(typeof value === 'number' ? { value } : {}),
    unit,
    role,
    ...(effective ? { effective: { shown: formatReading(effective.value, unit), path: effective.path } } : {}),
    how: copies.add(shellLine(['cat', path])),
    ...(meaning === undefined ? {} : { meaning }),
    ...(setting && reading.role === 'limit' ? { lineage: lineageRowView(setting, input) } : {}),
  };
}

/** A value for people; of files with several lines all of them, in one. */
function shownReading(file: string, raw: string, value: CgroupReading['value'], unit: CgroupReading['unit']): string {
  if (value !== undefined) return formatReading(value, unit);
  // cpu.max holds two numbers: so many µs in each period of so many µs.
  const quota = file === 'cpu.max' ? /^(\d+|max) (\d+)$/.exec(raw) : null;
  if (quota?.[1] === 'max') return 'unlimited';
  if (quota) return formatReading(Number(quota[1]) / Number(quota[2]), 'cpus');
  return raw === '' ? 'empty' : raw.split('\n').join(' · ');
}
