import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A process as files of /proc. */
export interface FakeProcess {
  readonly pid: number;
  readonly stat: string;
  readonly cgroup?: string;
  readonly cmdline?: readonly string[];
  readonly status?: string;
  readonly ns?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** A folder in the form of /proc and a cgroup file system, for tests that need processes no machine has at will. */
export class FakeProc {
  private readonly folder = mkdtempSync(join(tmpdir(), 'cre-proc-'));
  readonly root = join(this.folder, 'proc');
  /** Where the fake cgroup file systems lie. */
  readonly cgroups = join(this.folder, 'cgroup');

  constructor() {
    mkdirSync(join(this.root, 'self'), { recursive: true });
    mkdirSync(this.cgroups);
    this.write('stat', 'cpu 0 0 0 0\nbtime 1700000000\n');
    this.write('sys/kernel/osrelease', '6.12.0-test\n');
    this.write('self/mountinfo', '');
  }

  write(file: string, text: string): void {
    const path = join(this.root, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  /** Adds a process, in place of any that has its PID. */
  put({ pid, stat, cgroup, cmdline, status, ns, cwd }: FakeProcess): void {
    this.end(pid);
    this.write(`${pid}/stat`, stat);
    this.write(`${pid}/cgroup`, cgroup ?? '0::/\n');
    this.write(`${pid}/cmdline`, (cmdline ?? []).map((word) => `${word}\0`).join(''));
    if (status !== undefined) this.write(`${pid}/status`, status);
    for (const [type, link] of Object.entries(ns ?? {})) {
      mkdirSync(join(this.root, String(pid), 'ns'), { recursive: true });
      symlinkSync(link, join(this.root, String(pid), 'ns', type));
    }
    if (cwd !== undefined) symlinkSync(cwd, join(this.root, String(pid), 'cwd'));
  }

  end(pid: number): void {
    rmSync(join(this.root, String(pid)), { recursive: true, force: true });
  }

  /** Mounts of cgroup file systems: lines of mountinfo, with the mount point below {@link cgroups}. */
  mount(...mounts: readonly { at: string; type: 'cgroup' | 'cgroup2'; options: string; root?: string }[]): void {
    const lines = mounts.map(
      ({ at, type, options, root }, index) =>
        `${40 + index} 30 0:${40 + index} ${root ?? '/'} ${join(this.cgroups, at)} rw,relatime - ${type} ${type} ${options}`,
    );
    this.write('self/mountinfo', `${lines.join('\n')}\n`);
  }

  /** Writes files of a cgroup. */
  cgroup(folder: string, files: Readonly<Record<string, string>>): void {
    mkdirSync(join(this.cgroups, folder), { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(this.cgroups, folder, name), text);
  }

  removeCgroup(folder: string): void {
    rmSync(join(this.cgroups, folder), { recursive: true });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A stat line. */
export function statLine(pid: number, parentPid: number, startTicks: number, comm = 'sleep', state = 'S'): string {
  const between = Array.from({ length: 17 }, () => '0').join(' ');
  return `${pid} (${comm}) ${state} ${parentPid} ${between} ${startTicks} 0 0\n`;
}

interface Recording {
  readonly btime: string;
  readonly mountinfo: readonly string[];
  readonly processes: Readonly<Record<string, Omit<FakeProcess, 'pid'>>>;
  readonly cgroups: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** The host with cgroup v2 and systemd that is recorded in test/fixtures/kernel. */
export function recordedHost(): FakeProc {
  const file = join(__dirname, '../fixtures/kernel/systemd-cgroup2-host.json');
  const recording = JSON.parse(readFileSync(file, 'utf8')) as Recording;
  const proc = new FakeProc();
  proc.write('stat', `${recording.btime}\n`);
  proc.write(
    'self/mountinfo',
    recording.mountinfo.map((line) => `${line.replace(' /sys/fs/cgroup ', ` ${proc.cgroups} `)}\n`).join(''),
  );
  for (const [pid, process] of Object.entries(recording.processes)) proc.put({ pid: Number(pid), ...process });
  for (const [folder, files] of Object.entries(recording.cgroups)) proc.cgroup(folder, files);
  return proc;
}
