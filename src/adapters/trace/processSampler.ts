import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessRole, ProcessSeen } from '../../model/trace/observation';
import { optionOf } from '../commandLine';
import { parseStat, type StatRecord } from '../kernel/parse/stat';
import { TICK_US, type BootClock } from './bootClock';

/*
 * An OCI runtime lives for some ten milliseconds, and no event tells of it. So while a container starts, /proc is looked at
 * again and again, by a thread that has nothing else to do. What lives shorter than the time between two looks is missed;
 * what is seen is told with the start time that the kernel gives, and not with the time of the look.
 */

/** A process that was no runtime's in so many looks is left alone from then on: a fork becomes what it is by execve. */
const LOOKS_AT_A_STRANGER = 20;
const MOST_TRACKED = 500;

interface Tracked {
  readonly stat: StatRecord;
  readonly firstUs: number;
  lastUs: number;
  looks: number;
  argv: readonly string[];
  /** What it began as, where it is the init process: the OCI runtime's own code. */
  firstArgv: readonly string[];
  lastAsFirstUs: number;
  role: ProcessRole | undefined;
  containerId: string | undefined;
  verb: string | undefined;
  programUs: readonly [number, number] | undefined;
  goneUs: readonly [number, number] | undefined;
}

/** Looks at new processes and tells those of shims, OCI runtimes and init processes. Synchronous: for a thread of its own. */
export class ProcessSampler {
  private readonly ignored = new Set<number>();
  private readonly tracked = new Map<number, Tracked>();
  private readonly inits = new Map<number, string>();
  private changed = new Set<Tracked>();

  constructor(
    private readonly boot: BootClock,
    private readonly nowUs: () => number,
    private readonly procRoot = '/proc',
  ) {}

  /** Everything that runs now is none of what comes; shims that run are kept, for they can serve new containers. */
  begin(): void {
    for (const pid of this.pids()) {
      const stat = this.stat(pid);
      if (stat?.comm.startsWith('containerd-shim')) this.track(pid, stat, this.nowUs());
      else this.ignored.add(pid);
    }
    this.changed.clear();
  }

  /** This is the init process of a container, as an event names it. */
  expectInit(pid: number, containerId: string): void {
    this.inits.set(pid, containerId);
    this.ignored.delete(pid);
  }

  /** Looks once; returns what is new or has changed. */
  look(): ProcessSeen[] {
    const present = new Set(this.pids());
    const now = this.nowUs();
    for (const [pid, process] of this.tracked) {
      if (present.has(pid) && this.stat(pid)?.startTicks === process.stat.startTicks) continue;
      this.tracked.delete(pid);
      process.goneUs = [process.lastUs, now];
      this.changed.add(process);
    }
    for (const pid of present) if (!this.ignored.has(pid)) this.lookAt(pid);
    const told = [...this.changed].flatMap((process) => this.tell(process));
    this.changed = new Set();
    return told;
  }

  private lookAt(pid: number): void {
    const known = this.tracked.get(pid);
    const stat = known?.stat ?? this.stat(pid);
    if (!stat) return;
    const process = known ?? this.track(pid, stat, this.nowUs());
    if (!process) return;
    process.looks++;
    if (process.role === 'shim' && process.looks > LOOKS_AT_A_STRANGER) return;
    const argv = this.argv(pid);
    const now = this.nowUs();
    if (argv.length > 0) this.classify(process, argv, now);
    process.lastUs = now;
    if (process.role === undefined && process.looks >= LOOKS_AT_A_STRANGER) {
      this.tracked.delete(pid);
      this.ignored.add(pid);
    }
  }

  private classify(process: Tracked, argv: readonly string[], now: number): void {
    const { pid, parentPid } = process.stat;
    const initOf = this.inits.get(pid);
    if (process.firstArgv.length === 0) process.firstArgv = argv;
    const same = sameWords(argv, process.argv);
    if (!same) process.argv = argv;
    if (initOf !== undefined) {
      if (process.role !== 'init') this.become(process, 'init', initOf);
      if (sameWords(argv, process.firstArgv)) process.lastAsFirstUs = now;
      else if (!process.programUs && looksLikeRuntimeInit(process.firstArgv)) {
        process.programUs = [process.lastAsFirstUs, now];
        this.changed.add(process);
      }
      return;
    }
    if (sameWords(argv, process.firstArgv)) process.lastAsFirstUs = now;
    if (same && process.role !== undefined) return;
    const shim = shimOf(argv);
    if (shim !== undefined) return this.become(process, shim.starter ? 'shim-starter' : 'shim', shim.id);
    const parent = this.tracked.get(parentPid);
    const verb = argv.find((word) => word === 'create' || word === 'start');
    const id = argv.at(-1);
    if (parent?.role !== 'shim' || verb === undefined || id === undefined) return;
    process.verb = verb;
    this.become(process, 'runtime', id);
  }

  private become(process: Tracked, role: ProcessRole, containerId: string): void {
    process.role = role;
    process.containerId = containerId;
    this.changed.add(process);
  }

  private track(pid: number, stat: StatRecord, now: number): Tracked | undefined {
    if (this.tracked.size >= MOST_TRACKED) return undefined;
    const process: Tracked = {
      stat,
      firstUs: now,
      lastUs: now,
      looks: 0,
      argv: [],
      firstArgv: [],
      lastAsFirstUs: now,
      role: undefined,
      containerId: undefined,
      verb: undefined,
      programUs: undefined,
      goneUs: undefined,
    };
    this.tracked.set(pid, process);
    if (stat.comm.startsWith('containerd-shim')) this.classify(process, this.argv(pid), now);
    return process;
  }

  private tell({ stat, role, containerId, argv, verb, programUs, goneUs }: Tracked): ProcessSeen[] {
    if (role === undefined || containerId === undefined) return [];
    const { bootUs, errorUs } = this.boot;
    return [
      {
        source: 'procfs',
        role,
        containerId,
        pid: stat.pid,
        startTicks: stat.startTicks,
        parentPid: stat.parentPid,
        argv,
        atUs: bootUs + stat.startTicks * TICK_US - errorUs,
        precisionUs: TICK_US + errorUs,
        ...(verb === undefined ? {} : { verb }),
        ...(programUs ? { programUs } : {}),
        ...(goneUs ? { goneUs } : {}),
      },
    ];
  }

  private pids(): number[] {
    try {
      return readdirSync(this.procRoot)
        .filter((name) => /^\d+$/.test(name))
        .map(Number);
    } catch {
      return [];
    }
  }

  private stat(pid: number): StatRecord | undefined {
    try {
      return parseStat(readFileSync(join(this.procRoot, String(pid), 'stat'), 'latin1'));
    } catch {
      return undefined;
    }
  }

  private argv(pid: number): readonly string[] {
    try {
      const text = readFileSync(join(this.procRoot, String(pid), 'cmdline'), 'utf8').slice(0, 64 * 1024);
      return text === '' ? [] : text.replace(/\0$/, '').split('\0');
    } catch {
      return [];
    }
  }
}

/** The id that a shim's command line names. Source: containerd core/runtime/v2: `-namespace N -id ID -address A [start]`. */
function shimOf(argv: readonly string[]): { readonly id: string; readonly starter: boolean } | undefined {
  const program = (argv[0] ?? '').split('/').at(-1) ?? '';
  const id = optionOf(argv, ['-id', '--id']);
  if (!program.startsWith('containerd-shim') || id === undefined) return undefined;
  return { id, starter: argv.at(-1) === 'start' };
}

/** runc, crun and youki run the container's first process as a copy of themselves until execve. */
function looksLikeRuntimeInit(argv: readonly string[]): boolean {
  return argv[1] === 'init' || argv.includes('create') || /(?:runc|crun|youki)/.test(argv[0] ?? '');
}

function sameWords(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((word, index) => word === b[index]);
}
