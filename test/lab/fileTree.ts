// A file tree of its own for a lab: the root of another Debian suite, in a mount namespace that one process holds open.
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Generation } from './generations';
import { ensureRootfs } from './rootfs';

/** Where a lab's programs see its folder, and how they are called from outside. */
export interface FileTree {
  /** The lab's folder as its daemons name it. */
  readonly insideDir: string;
  /** The command line that runs a program of the generation among the lab's mounts. */
  readonly command: (program: string, args: readonly string[]) => [program: string, args: string[]];
  /** A folder with docker, ctr and podman as programs that may be called from outside; undefined when PATH has them. */
  readonly binFolder?: string;
}

/** Named on the command line of the process that holds the namespace open: sweeping finds it by that. */
export const HOLDER = 'cre-lab-holder';

/** Where a lab's folder is in its own tree. */
export const LAB_MOUNT = '/lab';

const READY_TIMEOUT_MS = 60_000;
const PATH_INSIDE = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The machine's own tree, or one of its own that ends with its last process. @throws Error when it cannot be made */
export async function openFileTree(generation: Generation, dir: string): Promise<FileTree> {
  const { suite, unified } = generation;
  if (suite === undefined) return { insideDir: dir, command: (program, args) => [program, [...args]] };

  const root = await ensureRootfs(suite);
  for (const folder of ['run', 'bin']) mkdirSync(join(dir, folder));
  const holder = await startHolder([root, dir, unified ? 'unified' : 'as-it-is']);
  const command: FileTree['command'] = (program, args) => {
    const enter = [`--mount=/proc/${holder}/ns/mnt`, '--', 'env', `PATH=${PATH_INSIDE}`];
    return ['nsenter', [...enter, program, ...args]];
  };
  const binFolder = join(dir, 'bin');
  for (const program of ['docker', 'ctr', 'podman']) {
    const [enter, words] = command(program, []);
    const file = join(binFolder, program);
    writeFileSync(file, `#!/bin/sh\nexec ${[enter, ...words].join(' ')} "$@"\n`);
    chmodSync(file, 0o755);
  }
  return { insideDir: LAB_MOUNT, command, binFolder };
}

/**
 * $1 root, $2 lab's folder, $3 whether cgroup v2 alone is mounted. The root is shared by all labs of its generation, so
 * it is read-only. The lab's folder is in it twice: as /lab, by which its daemons know it, and under its name outside,
 * so that commands may be given paths of outside.
 */
const OPEN = `
set -e
mount --bind "$1" "$1"
mount --bind "$2" "$1/lab"
mount --bind "$2/run" "$1/run"
for folder in tmp var/tmp root home mnt srv; do mount -t tmpfs -o mode=1777 lab "$1/$folder"; done
mkdir -p "$1$2"
mount --bind "$2" "$1$2"
mount -o remount,bind,ro "$1"
for folder in proc sys dev; do mount --rbind "/$folder" "$1/$folder"; done
cd "$1"
pivot_root . mnt
umount --lazy /mnt
if [ "$3" = unified ]; then
  umount --recursive /sys/fs/cgroup
  mount -t cgroup2 none /sys/fs/cgroup
fi
echo ready
exec </dev/null >/dev/null 2>&1
# No exec: its command line says whose it is.
while :; do sleep 3600; done
`;

function startHolder(args: readonly string[]): Promise<number> {
  const words = ['--mount', '--propagation=private', 'sh', '-c', OPEN, HOLDER, ...args];
  const child = spawn('unshare', words, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  child.unref();
  return new Promise((resolve, reject) => {
    let said = '';
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      settle(() => reject(new Error(`the lab's file tree was not ready within ${READY_TIMEOUT_MS / 1000} s`)));
    }, READY_TIMEOUT_MS);
    const settle = (done: () => void): void => {
      clearTimeout(timer);
      child.stdout.destroy();
      child.stderr.destroy();
      done();
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const { pid } = child;
      if (text.includes('ready') && pid !== undefined) settle(() => resolve(pid));
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    child.once('error', (error) => settle(() => reject(error)));
    child.once('exit', (code) => settle(() => reject(new Error(`the lab's file tree: ${said.trim() || code}`))));
  });
}
