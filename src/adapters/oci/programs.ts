import { execFile } from 'node:child_process';
import { realpath, stat } from '../../util/files';
import * as path from 'node:path';
import { asRecord, asString, memberAt } from '../../util/records';
import { visible } from '../../util/text';

const ANSWER_MS = 3_000;
/** Where distributions install runtimes; not all of these are in an ordinary user's PATH. */
const USUAL_FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** A runtime's binary and what it says of itself. */
export interface RuntimeProgram {
  /** Absolute path, as found. */
  readonly path: string;
  /** "1.1.5"; absent when it did not say. */
  readonly version?: string;
  /** Version of the OCI runtime specification it implements. */
  readonly specVersion?: string;
  /** What `features` told, in words; absent for versions without that command (runc before 1.1). */
  readonly features?: string;
}

/** Finds runtimes' binaries and asks each once for its version: again only when the file has changed. */
export class RuntimePrograms {
  private readonly answers = new Map<string, Promise<RuntimeProgram>>();

  constructor(private readonly env: NodeJS.ProcessEnv) {}

  /**
   * @param binary a name, looked up in absolute folders of PATH, or an absolute path
   * @returns undefined when there is none that may be asked. Only runc and crun are: other programs may do anything when
   *   called, and only binaries that nobody but root can change.
   */
  async find(binary: string): Promise<RuntimeProgram | undefined> {
    if (!/^(?:docker-)?(?:runc|crun)$/.test(path.basename(binary))) return undefined;
    for (const file of this.candidates(binary)) {
      const key = await identityOf(file);
      if (key === undefined) continue;
      let answer = this.answers.get(key);
      if (!answer) {
        answer = ask(file);
        this.answers.set(key, answer);
      }
      return answer;
    }
    return undefined;
  }

  private candidates(binary: string): string[] {
    if (path.isAbsolute(binary)) return [binary];
    if (binary.includes('/')) return [];
    const folders = (this.env.PATH ?? '').split(':').filter((folder) => path.isAbsolute(folder));
    return [...new Set([...folders, ...USUAL_FOLDERS])].map((folder) => path.join(folder, binary));
  }
}

/** Path, time and size of a binary that only root can change; undefined for all others. */
async function identityOf(file: string): Promise<string | undefined> {
  try {
    const real = await realpath(file);
    const found = await stat(real);
    const usable = found.isFile() && found.uid === 0 && (found.mode & 0o022) === 0 && (found.mode & 0o111) !== 0;
    return usable ? `${file} ${found.mtimeMs} ${found.size}` : undefined;
  } catch {
    return undefined;
  }
}

async function ask(file: string): Promise<RuntimeProgram> {
  const [version, features] = await Promise.all([outputOf(file, '--version'), outputOf(file, 'features')]);
  const told = {
    version: /version:? +v?(\S+)/.exec(version)?.[1],
    specVersion: /^spec: +(\S+)/m.exec(version)?.[1],
    features: featuresIn(features),
  };
  return {
    path: file,
    ...Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined && value !== '')),
  };
}

/** Standard output of a command that only prints; empty when it failed or was too slow. */
function outputOf(file: string, argument: string): Promise<string> {
  return new Promise((resolve) => {
    const options = { timeout: ANSWER_MS, killSignal: 'SIGKILL', maxBuffer: 256 * 1024, cwd: '/', env: {} } as const;
    execFile(file, [argument], options, (error, stdout) => resolve(error ? '' : stdout));
  });
}

/** Source: opencontainers/runtime-spec features-linux.md. */
export function featuresIn(text: string): string | undefined {
  let features: unknown;
  try {
    features = JSON.parse(text);
  } catch {
    return undefined;
  }
  const linux = asRecord(memberAt(features, 'linux'));
  if (!linux) return undefined;
  const on = (...names: string[]): boolean => memberAt(linux, ...names) === true;
  const words = [
    on('cgroup', 'v1') && 'cgroup v1',
    on('cgroup', 'v2') && 'cgroup v2',
    on('cgroup', 'systemd') && 'systemd cgroup driver',
    on('cgroup', 'rdma') && 'rdma',
    on('seccomp', 'enabled') && 'seccomp',
    on('apparmor', 'enabled') && 'AppArmor',
    on('selinux', 'enabled') && 'SELinux',
    on('intelRdt', 'enabled') && 'Intel RDT',
    on('mountExtensions', 'idmap', 'enabled') && 'idmapped mounts',
  ].filter((word) => word !== false);
  const range = [memberAt(features, 'ociVersionMin'), memberAt(features, 'ociVersionMax')].map(asString);
  return visible([...words, ...(range[0] && range[1] ? [`OCI ${range[0]} to ${range[1]}`] : [])].join(', '));
}
