// Runs the product as users other than root, on the lab's engine.
import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import type { Problem } from '../../src/model/problem';
import type { PublicInspection, PublicInventory } from '../../src/publicApi';
import type { Disposable } from '../../src/util/disposables';
import type { Lab } from '../lab/lab';
import { mustRun } from '../lab/run';

/** A user and a group that own nothing on any machine. */
export const NOBODY = 65534;
export const DOCKER_GROUP = 64_999;

/** What somebody is shown. */
export interface Seen {
  readonly inventory: PublicInventory;
  readonly inspections: readonly PublicInspection[];
  readonly problems: readonly Problem[];
  readonly others: readonly OtherSeen[];
}

/** A live host beside this machine, and the runtime ids of its containers once it is connected. */
export interface OtherSeen {
  readonly name: string;
  readonly endpoint: string;
  readonly why: string;
  readonly state: string;
  readonly containers: readonly string[];
}

/** Opens the lab's socket to a group, as on a machine of its own: everybody may come as far as the socket. */
export function openToGroup(lab: Lab): void {
  chmodSync(lab.dir, 0o711);
  chmodSync(join(lab.dir, 'docker-config'), 0o755);
  chownSync(lab.dockerSocket, 0, DOCKER_GROUP);
  chmodSync(lab.dockerSocket, 0o660);
}

/** The product in one file that everybody can read. */
export interface Probe extends Disposable {
  readonly folder: string;
  /** The words that run it as root, as a member of these groups, or of none. */
  command(who: 'root' | readonly number[], ids: readonly string[]): [string, string[]];
  see(who: 'root' | readonly number[], ids: readonly string[], env: NodeJS.ProcessEnv): Promise<Seen>;
}

export function buildProbe(): Probe {
  const folder = mkdtempSync(join(tmpdir(), 'cre-reach-'));
  chmodSync(folder, 0o755);
  const file = join(folder, 'probe.js');
  buildSync({
    entryPoints: ['test/support/reachProbe.ts'],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['cpu-features', '*.node'],
    logLevel: 'error',
  });
  const command: Probe['command'] = (who, ids) => {
    if (who === 'root') return [process.execPath, [file, ...ids]];
    const groups = who.length === 0 ? ['--clear-groups'] : ['--groups', who.join(',')];
    const account = ['--reuid', String(NOBODY), '--regid', String(NOBODY), ...groups];
    return ['setpriv', [...account, process.execPath, file, ...ids]];
  };
  return {
    folder,
    command,
    see: async (who, ids, env) => {
      const [program, args] = command(who, ids);
      const { stdout } = await mustRun(program, args, { env: { ...env, HOME: folder, XDG_RUNTIME_DIR: '' } });
      return JSON.parse(stdout) as Seen;
    },
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}
