import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { constants } from 'node:fs';
import { lstat, open, readFile } from '../../util/files';
import { join } from 'node:path';
import type { CgroupReport } from '../../model/cgroup';
import type { Container } from '../../model/container';
import { isKnown, known, unknown, unknownFrom, type Fact, type UnknownFact } from '../../model/fact';
import type { Findings, RuntimeFacts, ShimFacts } from '../../model/inspection';
import { RuntimeError } from '../../model/problem';
import type { ProcessRef, ProcessTable } from '../../model/process';
import { asString, memberAt } from '../../util/records';
import { shellQuote } from '../../util/text';
import { readCgroupReport } from './cgroupReport';
import { containersOf } from './containers';
import { readNamespaces } from './namespaces';
import { parseCgroup } from './parse/cgroup';
import { processFolder, readBootTime, readContainerProcesses, startedAt } from './processes';
import { readStat, withProcess, readArgv } from './procTable';
import { shimOf, type ShimProcess } from '../shimProcess';

/** Everything the kernel tells of a container by way of its init process. Each question fails for itself. */
export async function inspectInit(
  procRoot: string,
  container: Container,
  init: ProcessRef,
  processes: ProcessTable,
): Promise<Findings> {
  const { pid } = init;
  const ask = <T>(what: string, source: string, how: string, read: () => Promise<T>): Promise<Fact<T>> =>
    answer(procRoot, init, what, source, how, read);
  const folder = await processFolder(procRoot, pid);
  const [initPid, cgroupPaths, cgroups, namespaces, list, shim] = await Promise.all([
    ask(
      'Checking the init process',
      `the cgroup of PID ${pid} and /proc/${pid}/stat`,
      `cat /proc/${pid}/stat /proc/${pid}/cgroup`,
      () => Promise.resolve(pid),
    ),
    ask('Reading its cgroup paths', `/proc/${pid}/cgroup`, `cat /proc/${pid}/cgroup`, () => readPaths(procRoot, pid)),
    answer(
      procRoot,
      init,
      'Reading its cgroups',
      'cgroup file systems',
      (report) => howToReadCgroups(pid, report),
      () => readCgroupReport(procRoot, pid),
      'cgroupfs',
    ),
    ask('Reading its namespaces', `/proc/${pid}/ns`, `ls -l /proc/${pid}/ns`, () => readNamespaces(procRoot, pid)),
    ask(
      'Listing its processes',
      folder === undefined ? 'the descendants of its init process in /proc' : `${folder}/cgroup.procs and below`,
      howToListProcesses(pid, folder),
      () => readContainerProcesses(procRoot, init, processes),
    ),
    shimFacts(procRoot, container, init, processes),
  ]);
  return { initPid, cgroupPaths, cgroups, namespaces, processes: list, ...shim };
}

async function answer<T>(
  procRoot: string,
  init: ProcessRef,
  what: string,
  source: string,
  how: string | ((value: T | undefined) => string),
  read: () => Promise<T>,
  route: 'procfs' | 'cgroupfs' = 'procfs',
): Promise<Fact<T>> {
  const command = (value: T | undefined): string => (typeof how === 'string' ? how : how(value));
  try {
    const value = await withProcess(procRoot, init, what, read);
    return known(route, value, source, command(value));
  } catch (error) {
    const { problem } = RuntimeError.from(error, what);
    if (problem.code === 'denied')
      return unknown(
        `${what}: only root and the process's own user may (EACCES on ${source}).`,
        `As root: ${command(undefined)}`,
        route,
      );
    return unknownFrom(problem, route);
  }
}

/** Prints every file of the folders that were read. */
function howToReadCgroups(pid: number, report: CgroupReport | undefined): string {
  const folders = [...new Set(report?.controllers.flatMap(({ directory }) => directory ?? []))];
  const files = folders.map((folder) => `${shellQuote(folder)}/*`);
  return files.length === 0 ? `cat /proc/${pid}/cgroup /proc/self/mountinfo` : `grep -s . ${files.join(' ')}`;
}

function howToListProcesses(pid: number, folder: string | undefined): string {
  if (folder === undefined) return `ps -o pid,ppid,user,lstart,args -p ${pid} --ppid ${pid}`;
  const pids = `find ${shellQuote(folder)} -name cgroup.procs -exec cat {} + | paste -sd,`;
  return `ps -o pid,ppid,user,lstart,args -p "$(${pids})"`;
}

async function readPaths(procRoot: string, pid: number): Promise<Readonly<Record<string, string>>> {
  const lines = parseCgroup(await readFile(join(procRoot, String(pid), 'cgroup'), 'utf8'));
  return Object.fromEntries(lines.map(({ controllers, path }) => [controllers, path]));
}

/** The parent of init, where it is a shim or monitor. */
async function shimFacts(
  procRoot: string,
  container: Container,
  init: ProcessRef,
  processes: ProcessTable,
): Promise<Pick<Findings, 'shimPid' | 'shim' | 'runtime'>> {
  const stat = await readStat(procRoot, init.pid);
  const parent = stat && (await readStat(procRoot, stat.parentPid));
  const shim = parent && shimOf({ ...parent, argv: await readArgv(procRoot, parent.pid) });
  if (!shim) {
    const orphan = parent
      ? `The parent of its init process is ${parent.comm} (PID ${parent.pid}), which is no shim: the container has lost its shim, or never had one.`
      : 'Its init process has ended.';
    const fact: UnknownFact = unknown(
      orphan,
      'A runtime called by hand needs no shim; a lost one is not started again: restart the container.',
      'procfs',
    );
    return { shimPid: fact, shim: fact };
  }
  const { pid } = shim.process;
  const source = `/proc/${init.pid}/stat (parent) and /proc/${pid}/cmdline`;
  const how = `ps -o pid,ppid,lstart,args -p "$(ps -o ppid= -p ${init.pid} | tr -d ' ')"`;
  const socket = await socketOf(procRoot, shim);
  const facts = await answer(procRoot, shim.process, 'Reading its shim', source, how, () =>
    readShim(procRoot, shim, container, processes, socket?.address),
  );
  return {
    shimPid: known('procfs', pid, source, `ps -o ppid= -p ${init.pid}`),
    shim: isKnown(facts) && socket?.derived ? { ...facts, note: SOCKET_IS_DERIVED } : facts,
    runtime: runtimeOf(shim, source, how),
  };
}

async function readShim(
  procRoot: string,
  shim: ShimProcess,
  container: Container,
  processes: ProcessTable,
  socket: string | undefined,
): Promise<ShimFacts> {
  const { process } = shim;
  const [bootTime, parent, own] = await Promise.all([
    readBootTime(procRoot),
    readStat(procRoot, process.parentPid),
    containersOf(procRoot, processes, shim),
  ]);
  const lists = await Promise.all(own.map((one) => readContainerProcesses(procRoot, one.init, processes)));
  const started = startedAt(bootTime, process.startTicks);
  return {
    pid: process.pid,
    kind: shim.kind,
    argv: process.argv,
    parentPid: process.parentPid,
    serves: own.length > 0 ? own.map((one) => one.runtimeId) : [container.runtimeId],
    processes: lists.flat(),
    ...(started ? { startedAt: started } : {}),
    ...(parent ? { parentComm: parent.comm } : {}),
    ...(socket ? { socket } : {}),
  };
}

const SOCKET_IS_DERIVED =
  'The socket is derived: its name is the SHA-256 of containerd’s address, the namespace and the id, and its folder is the default one. The bundle, which names it, may be read by root only.';

/**
 * The shim's own socket: as the bundle in which it works names it, else derived. Its name is the SHA-256 of containerd's
 * address, the namespace and the group's id. Source: containerd pkg/shim/util_unix.go, SocketAddress.
 */
async function socketOf(
  procRoot: string,
  shim: ShimProcess,
): Promise<{ readonly address: string; readonly derived: boolean } | undefined> {
  if (shim.kind === 'conmon' || !shim.address) return undefined;
  const bundle = join(procRoot, String(shim.process.pid), 'cwd');
  // containerd 2 writes bootstrap.json, older ones address.
  const bootstrap = asString(memberAt(parsed(await readSmall(join(bundle, 'bootstrap.json'))), 'address'));
  const named = bootstrap ?? (await readSmall(join(bundle, 'address')))?.trim();
  if (named?.startsWith('unix://')) return { address: named, derived: false };
  const name = createHash('sha256')
    .update(join(shim.address, shim.namespace, shim.id))
    .digest('hex');
  return { address: `unix:///run/containerd/s/${name}`, derived: true };
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A small regular file; undefined when it is anything else, is not there or may not be read. */
async function readSmall(file: string): Promise<string | undefined> {
  let handle;
  try {
    if (!(await lstat(file)).isFile()) return undefined;
    handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if (!(await handle.stat()).isFile()) return undefined;
    const buffer = Buffer.alloc(4_096);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } catch {
    return undefined;
  } finally {
    await handle?.close();
  }
}

function runtimeOf(shim: ShimProcess, source: string, how: string): Fact<RuntimeFacts> {
  if (shim.kind === 'conmon') {
    return shim.runtime
      ? { ...known('derived', { binary: shim.runtime }, source, how), note: 'conmon was told to call it.' }
      : unknown('conmon does not name its runtime.', `See its command line: ${how}`, 'derived');
  }
  const program = basename(shim.process.argv[0] ?? '');
  const name = /^containerd-shim-(\w+)-(v\d+)$/.exec(program);
  if (!name)
    return unknown(`The shim ${shellQuote(program)} names no runtime.`, `See its command line: ${how}`, 'derived');
  const facts: RuntimeFacts = { runtimeName: `io.containerd.${name[1]}.${name[2]}`, binary: name[1] ?? '' };
  return {
    ...known('derived', facts, source, how),
    note: "Derived from the shim's name: which binary it really calls stands in the bundle.",
  };
}
