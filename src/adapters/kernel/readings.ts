import { lstat, open, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { known, unknown, unknownFrom, type Fact } from '../../model/fact';
import type { IdRange, KernelReadings, LimitReading, StatusReading } from '../../model/lineage/readings';
import { RuntimeError } from '../../model/problem';
import type { ProcessRef } from '../../model/process';
import { shellLine, withoutEnd } from '../../util/text';
import { readNamespaces } from './namespaces';
import { parseMountinfo } from './parse/mountinfo';
import { numbersOf, parseStatus } from './parse/status';
import { withProcess } from './procTable';

/** A container with many mounts has a few hundred KiB of mountinfo; a program may put megabytes in its environment. */
const LONGEST_BYTES = 4 * 1024 * 1024;

/**
 * Reads what the kernel says of a container's first process, for the lineage.
 *
 * @param kernelPaths paths below /proc and /sys of which is asked whether this kernel has them
 */
export async function readKernelReadings(
  procRoot: string,
  init: ProcessRef,
  kernelPaths: readonly string[] = [],
): Promise<KernelReadings> {
  const folder = join(procRoot, String(init.pid));
  const ask = async <T>(file: string, read: (path: string) => Promise<T>): Promise<Fact<T>> => {
    const path = join(folder, file);
    try {
      return known('procfs', await withProcess(procRoot, init, `Reading ${path}`, () => read(path)), path, howTo(path));
    } catch (error) {
      const { problem } = RuntimeError.from(error, `Reading ${path}`);
      return problem.code === 'denied'
        ? unknown(`Only root and the process's own user may read ${path}.`, `As root: ${howTo(path)}`, 'procfs')
        : unknownFrom(problem, 'procfs');
    }
  };
  const text = <T>(file: string, parse: (content: string) => T): Promise<Fact<T>> =>
    ask(file, async (path) => parse(await readText(path)));
  const [status, limits, mounts, oomScoreAdj, securityLabel, uidMap, gidMap] = await Promise.all([
    text('status', parseRights),
    text('limits', parseLimits),
    text('mountinfo', parseMountinfo),
    text('oom_score_adj', Number),
    securityLabelOf(text),
    text('uid_map', parseIdMap),
    text('gid_map', parseIdMap),
  ]);
  const [environment, commandLine, workingFolder, terminal, hostNamespaces, existing] = await Promise.all([
    text('environ', parseWords),
    text('cmdline', parseWords),
    ask('cwd', (path) => readlink(path)),
    text('stat', hasTerminal),
    readHostNamespaces(procRoot),
    findExisting(kernelPaths),
  ]);
  return {
    process: init,
    status,
    limits,
    mounts,
    oomScoreAdj,
    securityLabel,
    uidMap,
    gidMap,
    environment,
    commandLine,
    workingFolder,
    terminal,
    hostNamespaces,
    kernelPaths: existing,
  };
}

function howTo(path: string): string {
  if (path.endsWith('/cwd')) return shellLine(['readlink', path]);
  return /\/(?:environ|cmdline)$/.test(path) ? `tr '\\0' '\\n' < ${path}` : shellLine(['cat', path]);
}

async function readText(path: string): Promise<string> {
  const handle = await open(path, 'r');
  try {
    const chunks: Buffer[] = [];
    let length = 0;
    while (length < LONGEST_BYTES) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(64 * 1024), 0, 64 * 1024, null);
      if (bytesRead === 0) break;
      chunks.push(buffer.subarray(0, bytesRead));
      length += bytesRead;
    }
    return Buffer.concat(chunks).toString('utf8');
  } finally {
    await handle.close();
  }
}

/** Without a security module the file is there and cannot be read (EINVAL): that is an answer. */
async function securityLabelOf(
  text: <T>(file: string, parse: (content: string) => T) => Promise<Fact<T>>,
): Promise<Fact<string>> {
  const fact = await text('attr/current', (content) => withoutEnd(content, '\0\n'));
  if ('value' in fact || !/EINVAL|invalid argument/i.test(fact.unavailable)) return fact;
  return unknown(
    'This kernel runs no security module that labels processes (AppArmor, SELinux, Smack).',
    'See which ones run: cat /sys/kernel/security/lsm',
    'procfs',
  );
}

/** Rights in /proc/PID/status. */
export function parseRights(content: string): StatusReading {
  const fields = parseStatus(content);
  const field = (name: string): string => fields.get(name) ?? '';
  const number = (name: string): number | undefined => numbersOf(fields, name)[0];
  const [umask, noNewPrivileges, seccomp, filters] = [
    field('Umask'),
    number('NoNewPrivs'),
    number('Seccomp'),
    number('Seccomp_filters'),
  ];
  return {
    uids: numbersOf(fields, 'Uid'),
    gids: numbersOf(fields, 'Gid'),
    groups: numbersOf(fields, 'Groups'),
    capabilities: {
      inheritable: field('CapInh'),
      permitted: field('CapPrm'),
      effective: field('CapEff'),
      bounding: field('CapBnd'),
      ambient: field('CapAmb'),
    },
    signalsIgnored: field('SigIgn'),
    signalsCaught: field('SigCgt'),
    namespacePids: numbersOf(fields, 'NSpid'),
    ...(umask === '' ? {} : { umask }),
    ...(noNewPrivileges === undefined ? {} : { noNewPrivileges: noNewPrivileges === 1 }),
    ...(seccomp === undefined ? {} : { seccomp }),
    ...(filters === undefined ? {} : { seccompFilters: filters }),
  };
}

/** Lines of /proc/PID/limits; others, such as the heading, are left out. */
export function parseLimits(content: string): readonly LimitReading[] {
  return content.split('\n').flatMap((line) => {
    const match = /^(Max(?: [a-z]+)+) {2,}(unlimited|\d+) +(unlimited|\d+)\b/.exec(line);
    return match ? [{ name: match[1] ?? '', soft: match[2] ?? '', hard: match[3] ?? '' }] : [];
  });
}

/** Lines of uid_map and gid_map. */
export function parseIdMap(content: string): readonly IdRange[] {
  return content.split('\n').flatMap((line) => {
    const match = /^ *(\d+) +(\d+) +(\d+) *$/.exec(line);
    return match ? [{ inside: Number(match[1]), outside: Number(match[2]), count: Number(match[3]) }] : [];
  });
}

function parseWords(content: string): readonly string[] {
  return content === '' ? [] : content.replace(/\0$/, '').split('\0');
}

/** Field 7 of stat, tty_nr, is not 0. Counted from the last closing parenthesis, as names may hold some. */
function hasTerminal(content: string): boolean {
  const fields = content.slice(content.lastIndexOf(')') + 2).split(' ');
  return Number(fields[7 - 3] ?? 0) !== 0;
}

async function readHostNamespaces(procRoot: string): Promise<Fact<Readonly<Record<string, number>>>> {
  for (const pid of [1, 'self'] as const) {
    const path = join(procRoot, String(pid), 'ns');
    try {
      const note = pid === 'self' ? 'Those of the explorer itself: PID 1 may not be asked.' : undefined;
      return known('procfs', await readNamespaces(procRoot, pid), path, `ls -l ${path}`, note ? { note } : {});
    } catch {
      // PID 1 belongs to root: whoever may not read it compares with himself.
    }
  }
  return unknown('The namespaces of this machine cannot be read.', `As root: ls -l ${procRoot}/1/ns`, 'procfs');
}

async function findExisting(paths: readonly string[]): Promise<Fact<readonly string[]>> {
  const asked = paths.filter((path) => /^\/(?:proc|sys)\//.test(path)).slice(0, 200);
  const found = await Promise.all(
    asked.map(async (path) => {
      try {
        await lstat(path);
        return [path];
      } catch {
        return [];
      }
    }),
  );
  return known('procfs', found.flat(), '/proc and /sys of this machine', shellLine(['ls', '-d', ...asked]));
}
