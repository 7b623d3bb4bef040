import { constants } from 'node:fs';
import { open, readFile } from '../../util/files';
import { dirname, join } from 'node:path';
import type { CgroupController, CgroupNumber, CgroupReading, CgroupReport } from '../../model/cgroup';
import { RuntimeError } from '../../model/problem';
import { V1_FILES, V2_FILES, type CgroupFile } from './cgroupFiles';
import { folderOf, readCgroupMounts, type CgroupMounts } from './cgroupMounts';
import { containerCgroupOf, parseCgroup, type CgroupLine } from './parse/cgroup';

/** No file that is shown is longer; a device list or io.stat of a large machine is cut there. */
const LONGEST_TEXT_BYTES = 4 * 1024;
/** cgroup v1 writes "no limit" as the largest multiple of the page size; the page size differs, so anything above counts. */
const UNLIMITED_V1 = 2 ** 62;

/** Everything the cgroup files of a process say now. @throws what reading /proc/PID/cgroup throws */
export async function readCgroupReport(procRoot: string, pid: number): Promise<CgroupReport> {
  const [text, mounts] = await Promise.all([
    readFile(join(procRoot, String(pid), 'cgroup'), 'utf8'),
    readCgroupMounts(procRoot),
  ]);
  const lines = parseCgroup(text);
  const controllers = await Promise.all(lines.map((line) => readLine(mounts, line)));
  return { mode: mounts.mode, controllers: controllers.flat().sort((a, b) => rank(a) - rank(b)) };
}

/** Those that people look for come first. */
const ORDER = ['memory', 'cpu', 'cpuacct', 'cpuset', 'pids', 'io', 'blkio', 'hugetlb', 'devices', 'freezer'];

function rank({ name }: CgroupController): number {
  const at = ORDER.indexOf(name);
  return at < 0 ? ORDER.length : at;
}

/**
 * Reads the usage and event files of a report again: what a live chart needs.
 *
 * @throws RuntimeError `gone` when none of them is there any more: the cgroup goes with its last process
 */
export async function rereadUsage(report: CgroupReport): Promise<CgroupReport> {
  let asked = 0;
  let answered = 0;
  const controllers = await Promise.all(
    report.controllers.map(async (controller): Promise<CgroupController> => {
      const readings = await Promise.all(
        controller.readings.map(async (reading): Promise<CgroupReading> => {
          if (reading.role === 'limit') return reading;
          const file = fileOf(controller, reading);
          const raw = await readShort(reading.path);
          asked++;
          if (raw !== undefined) answered++;
          return (file && raw !== undefined && readingOf(file, reading.path, raw)) || reading;
        }),
      );
      return { ...controller, readings };
    }),
  );
  if (asked > 0 && answered === 0) {
    throw new RuntimeError({
      code: 'gone',
      what: 'Reading the cgroup files again',
      reason: 'They are gone: the container has ended, and its cgroup with it.',
      remedy: 'Refresh to see its state.',
    });
  }
  return { ...report, controllers };
}

function fileOf(controller: CgroupController, reading: CgroupReading): CgroupFile | undefined {
  const table = controller.version === 1 ? V1_FILES : V2_FILES;
  return table[controller.name]?.find(({ file, label }) => file === reading.file && label === reading.label);
}

async function readLine(mounts: CgroupMounts, line: CgroupLine): Promise<CgroupController[]> {
  // Limits stand at the cgroup that was made for the container; its processes may sit deeper.
  const place = folderOf(mounts, { ...line, path: containerCgroupOf(line.path) });
  const base = {
    controllers: line.controllers,
    cgroupPath: line.path,
    ...('folder' in place ? { directory: place.folder } : { problem: place.missing }),
  };
  if (line.controllers !== '') {
    return Promise.all(
      line.controllers.split(',').map(async (name): Promise<CgroupController> => ({
        ...base,
        name,
        version: 1,
        readings: 'folder' in place ? await readFiles(V1_FILES[name] ?? [], place.folder, place.mountPoint) : [],
      })),
    );
  }
  // One folder holds all controllers of v2 that are switched on there.
  const names = 'folder' in place ? await enabledControllers(place.folder) : [];
  const rows = await Promise.all(
    ['', ...names].map(async (name): Promise<CgroupController> => ({
      ...base,
      name,
      version: 2,
      readings: 'folder' in place ? await readFiles(V2_FILES[name] ?? [], place.folder, place.mountPoint) : [],
    })),
  );
  return rows;
}

async function enabledControllers(folder: string): Promise<readonly string[]> {
  return ((await readShort(join(folder, 'cgroup.controllers'))) ?? '').split(/\s+/).filter(Boolean);
}

async function readFiles(files: readonly CgroupFile[], folder: string, mountPoint: string): Promise<CgroupReading[]> {
  const readings = await Promise.all(
    files.map(async (file): Promise<CgroupReading | undefined> => {
      const path = join(folder, file.file);
      const raw = await readShort(path);
      if (raw === undefined) return undefined;
      const reading = readingOf(file, path, raw);
      if (!file.inherited) return reading;
      const effective = await strictest(file, folder, mountPoint, reading.value);
      return effective ? { ...reading, effective } : reading;
    }),
  );
  return readings.filter((reading) => reading !== undefined);
}

function readingOf(file: CgroupFile, path: string, raw: string): CgroupReading {
  const value = file.unit === 'text' || file.unit === 'cpus' ? undefined : numberIn(raw, file.key);
  const { label, unit, role } = file;
  return { label, file: file.file, path, raw, unit, role, ...(value === undefined ? {} : { value }) };
}

/** A single number, `max`, or the field of a flat keyed file. */
function numberIn(raw: string, key: string | undefined): CgroupNumber | undefined {
  const text = key === undefined ? raw : keyed(raw, key);
  if (text === undefined) return undefined;
  if (text === 'max') return 'max';
  const value = text === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) return undefined;
  return value >= UNLIMITED_V1 || value === -1 ? 'max' : value;
}

/** Flat keyed files have the key first; v1's blkio files end with a line of their own for the total. */
function keyed(raw: string, key: string): string | undefined {
  for (const line of raw.split('\n')) {
    const fields = line.split(/\s+/);
    if (fields[0] === key && fields[1] !== undefined) return fields[1];
  }
  return undefined;
}

/** A stricter value in a cgroup above, which holds for all below it. */
async function strictest(
  file: CgroupFile,
  folder: string,
  mountPoint: string,
  own: CgroupNumber | undefined,
): Promise<CgroupReading['effective']> {
  let strictestSoFar: { value: number; path: string } | undefined;
  const bound = typeof own === 'number' ? own : Number.POSITIVE_INFINITY;
  for (
    let above = dirname(folder);
    above.length > mountPoint.length && above.startsWith(mountPoint);
    above = dirname(above)
  ) {
    const path = join(above, file.file);
    const value = numberIn((await readShort(path)) ?? '', file.key);
    if (typeof value === 'number' && value < (strictestSoFar?.value ?? bound)) strictestSoFar = { value, path };
  }
  return strictestSoFar;
}

/** The text of a small kernel file, without blanks around it; undefined when it is not there or may not be read. */
async function readShort(path: string): Promise<string | undefined> {
  let handle;
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const buffer = Buffer.alloc(LONGEST_TEXT_BYTES);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    return buffer.toString('utf8', 0, bytesRead).trim();
  } catch {
    // A controller that is not switched on has no files, and some kernels have files that they cannot fill.
    return undefined;
  } finally {
    await handle?.close();
  }
}
