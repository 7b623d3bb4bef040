// File trees with the packages of another Debian suite, made once and kept in the user's cache folder.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, statfsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { run } from './run';

const PACKAGES = [
  ...['docker.io', 'docker-cli', 'docker-buildx', 'docker-compose', 'containerd', 'runc', 'crun', 'podman', 'conmon'],
  ...['busybox-static', 'iproute2', 'procps', 'ca-certificates'],
];

/** What a lab calls; a tree without one of them is made anew. */
const PROGRAMS = [
  'dockerd',
  'docker',
  'containerd',
  'ctr',
  'containerd-shim-runc-v2',
  'runc',
  'crun',
  'podman',
  'conmon',
];

const NEEDED_BYTES = 2 * 1024 ** 3;
const BUILD_TIMEOUT_MS = 10 * 60_000;

/**
 * Makes the tree, or takes the one that is there.
 *
 * Builders take turns by a lock, which ends with its holder, so whatever unfinished tree the next one finds is nobody's.
 * A tree appears under its name only when it is complete. mmdebstrap runs in a mount namespace of its own: killed, it
 * leaves no mounts, and removing what it left can lead nowhere else.
 *
 * @returns its folder
 * @throws Error with the reason when it cannot be made here
 */
export async function ensureRootfs(suite: string): Promise<string> {
  const { folder, tree } = placeOf(suite);
  if (isComplete(tree)) return tree;
  const why = whyNot(folder);
  if (why) throw new Error(`the packages of Debian ${suite} cannot be installed: ${why}`);
  const lock = join(folder, `${suite}.lock`);
  const words = ['--timeout', String(BUILD_TIMEOUT_MS / 1_000), lock, 'unshare', '--mount', '--propagation=private'];
  const build = ['sh', '-c', BUILD, 'build', tree, suite, PACKAGES.join(','), PROGRAMS.join(' '), await mirror()];
  const { code, stdout, stderr } = await run('flock', [...words, ...build], { timeoutMs: 2 * BUILD_TIMEOUT_MS });
  if (code === 0 && isComplete(tree)) return tree;
  const end = `${stdout}\n${stderr}`.trim().split('\n').slice(-8).join('\n');
  throw new Error(`the packages of Debian ${suite} could not be installed: ${end || `the build ended with ${code}`}`);
}

/** $1 tree, $2 suite, $3 packages, $4 programs, $5 mirror. The marker, written last, holds the programs' sizes. */
const BUILD = `
set -e
complete() {
  [ -s "$1/.complete" ] || return 1
  while read -r size file; do [ "$(stat -L -c %s "$1/$file" 2>/dev/null)" = "$size" ] || return 1; done < "$1/.complete"
}
if complete "$1"; then exit 0; fi
rm -rf --one-file-system "$1" "$1.partial"
mkdir "$1.partial"
mmdebstrap --quiet --mode=root --variant=minbase --include="$3" --aptopt='Acquire::Retries "5"' \\
  --aptopt='Acquire::Check-Valid-Until "false"' "$2" "$1.partial" $5
mkdir "$1.partial/lab"
for program in $4; do
  file=usr/bin/$program
  [ -f "$1.partial/$file" ] || file=usr/sbin/$program
  stat -L -c "%s $file" "$1.partial/$file" >> "$1.partial/.sizes"
done
sync -f "$1.partial"
mv "$1.partial/.sizes" "$1.partial/.complete"
mv -T "$1.partial" "$1"
`;

/** Whether the marker is there, and every program that it names as large as it was. */
function isComplete(tree: string): boolean {
  try {
    const lines = readFileSync(join(tree, '.complete'), 'utf8').trim().split('\n');
    return (
      lines.length > 0 &&
      lines.every((line) => {
        const [size, file = ''] = line.split(' ');
        return String(statSync(join(tree, file)).size) === size;
      })
    );
  } catch {
    return false;
  }
}

function whyNot(folder: string): string | undefined {
  if (process.platform !== 'linux') return `this is ${process.platform}`;
  if (process.getuid?.() !== 0) return 'that needs root';
  if (!onPath('mmdebstrap')) return 'mmdebstrap is missing';
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  return free < NEEDED_BYTES ? `${folder} has ${Math.round(free / 1024 ** 2)} MiB free of the 2 GiB needed` : undefined;
}

function onPath(program: string): boolean {
  return (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, program)));
}

/** The mirror that apt is set up with; empty for mmdebstrap's own. */
async function mirror(): Promise<string> {
  const format = ['--format', '$(REPO_URI) $(ORIGIN)', 'Created-By: Packages'];
  const { stdout } = await run('apt-get', ['indextargets', ...format]);
  const lines = stdout.split('\n').map((line) => line.split(' '));
  return lines.find(([uri, origin]) => origin === 'Debian' && !uri?.includes('security'))?.[0] ?? '';
}

function placeOf(suite: string): { folder: string; tree: string } {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const folder = join(cache, 'container-runtime-explorer/debian');
  mkdirSync(folder, { recursive: true });
  // What another recipe made is another tree.
  const recipe = createHash('sha256')
    .update(JSON.stringify([PACKAGES, PROGRAMS, BUILD]))
    .digest('hex')
    .slice(0, 8);
  return { folder, tree: join(folder, `${suite}-${recipe}`) };
}
