import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FakeProc, type FakeProcess } from './fakeProc';

interface RecordedContainer {
  readonly shim?: FakeProcess;
  readonly conmon?: FakeProcess;
  readonly init: FakeProcess;
  readonly cgroup: { readonly path: string; readonly files: Readonly<Record<string, string>> };
  readonly bundle?: Readonly<Record<string, string>>;
  readonly config: unknown;
  readonly status: { readonly pid: number; readonly bundle: string };
}

interface Recording {
  readonly docker: RecordedContainer;
  readonly containerd: RecordedContainer;
  readonly rootless: RecordedContainer & {
    readonly rows: unknown;
    readonly inspect: { readonly Id: string };
    readonly info: unknown;
  };
}

/** The host of test/fixtures/crun, its files below a folder of ours: every path that was recorded begins with that folder. */
export interface CrunHost {
  readonly folder: string;
  readonly proc: FakeProc;
  readonly recording: Recording;
  remove(): void;
}

const USER_FOLDERS = ['/run', '/var/run', '/home/dev'];

export function crunHost(): CrunHost {
  const folder = mkdtempSync(join(tmpdir(), 'cre-crun-'));
  const text = readFileSync(join(__dirname, '../fixtures/crun/docker-containerd-rootless.json'), 'utf8');
  // Sockets stay where they are: nothing is dialled.
  const moved = USER_FOLDERS.reduce(
    (all, from) => all.replaceAll(new RegExp(`(?<=[" ])${from}/(?!containerd/s/)`, 'g'), `${folder}${from}/`),
    text,
  );
  // options.json is JSON within JSON.
  const recording = JSON.parse(moved.replaceAll('\\"/var/run/', `\\"${folder}/var/run/`)) as Recording;
  const proc = new FakeProc();
  proc.mount({ at: '.', type: 'cgroup2', options: 'rw' });
  const { docker, containerd, rootless } = recording;
  const states: [RecordedContainer, string][] = [
    [docker, join(folder, 'var/run/docker/runtime-runc/moby', idOf(docker))],
    [containerd, join(folder, 'run/containerd/runc/default', idOf(containerd))],
    [rootless, join(folder, 'run/user/1000/crun', rootless.inspect.Id)],
  ];
  for (const [container, state] of states) {
    for (const process of [container.shim, container.conmon, container.init]) if (process) proc.put(process);
    proc.cgroup(container.cgroup.path, container.cgroup.files);
    write(join(state, 'status'), JSON.stringify(container.status));
    write(join(container.status.bundle, 'config.json'), JSON.stringify(container.config));
    for (const [name, content] of Object.entries(container.bundle ?? {}))
      write(join(container.status.bundle, name), content);
  }
  return {
    folder,
    proc,
    recording,
    remove: () => {
      proc.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function idOf({ status }: RecordedContainer): string {
  return status.bundle.split('/').at(-1) ?? '';
}

function write(file: string, content: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}
