import type { Container } from './container';
import { canonicalPath } from '../util/text';

/** A place in a Compose file: keys from the root; entries of lists end the path. */
export type ComposePlace = readonly string[];

/** Lines above a place that are looked at: more than any Compose file has. */
const MOST_LINES = 20_000;

/**
 * The place that a line of a YAML file is in, by its indentation: enough for what people write by hand, and no parser has to
 * read what is half typed.
 *
 * @param lines gives a line of the file, from 0
 * @returns undefined where the line has no key and is no entry of a list
 */
export function composePlaceAt(lines: (line: number) => string, line: number): ComposePlace | undefined {
  const own = entryOf(lines(line));
  if (!own) return undefined;
  const path = own.key === undefined ? [] : [own.key];
  // An entry of a list may stand as deep as the key that it belongs to.
  let below = own.isItem ? own.indent + 1 : own.indent;
  for (let above = line - 1; above >= 0 && line - above < MOST_LINES && below > 0; above--) {
    const entry = entryOf(lines(above));
    if (!entry || entry.indent >= below) continue;
    if (entry.isItem) {
      // What was found so far stands in an entry of a list: the list is the place.
      path.length = 0;
      below = entry.indent + 1;
    } else if (entry.key !== undefined) {
      path.unshift(entry.key);
      below = entry.indent;
    }
  }
  return path;
}

function entryOf(
  line: string,
): { readonly indent: number; readonly key?: string; readonly isItem: boolean } | undefined {
  const match = /^( *)(- +)?(?:(["']?)([\w.$/-]{1,200})\3 *:(?: |$))?(.*)/s.exec(line.slice(0, 2000));
  const [, spaces = '', dash, , key, rest = ''] = match ?? [];
  if (!match || (key === undefined && dash === undefined) || (rest.startsWith('#') && key === undefined))
    return undefined;
  return {
    indent: spaces.length,
    isItem: dash !== undefined,
    ...(key === undefined || dash !== undefined ? {} : { key }),
  };
}

/** The containers of a service that a Compose file describes. @param file absolute path of the file */
export function containersOfService(
  containers: readonly Container[],
  file: string,
  service: string,
): readonly Container[] {
  const own = canonicalPath(file);
  const folder = own.slice(0, own.lastIndexOf('/')) || '/';
  return containers.filter(({ compose }) => {
    if (compose?.service !== service) return false;
    const files = compose.configFiles.map((one) =>
      canonicalPath(one.startsWith('/') ? one : `${compose.workingDir ?? ''}/${one}`),
    );
    return files.length > 0
      ? files.includes(own)
      : compose.workingDir !== undefined && canonicalPath(compose.workingDir) === folder;
  });
}

/** The containers that a dev container's file describes. @param file absolute path of devcontainer.json */
export function containersOfDevcontainer(containers: readonly Container[], file: string): readonly Container[] {
  const own = canonicalPath(file);
  return containers.filter(({ labels }) => {
    const config = labels.get('devcontainer.config_file');
    if (config !== undefined) return canonicalPath(config) === own;
    const folder = labels.get('devcontainer.local_folder');
    return folder !== undefined && own.startsWith(`${canonicalPath(folder)}/`);
  });
}

/** Settings of the page Lineage by the keys of a service in a Compose file. */
const COMPOSE_SETTINGS: Readonly<Record<string, readonly string[]>> = {
  mem_limit: ['Memory limit'],
  mem_reservation: ['Memory reservation'],
  memswap_limit: ['Memory and swap limit'],
  mem_swappiness: ['Swappiness'],
  oom_kill_disable: ['OOM killer off'],
  oom_score_adj: ['OOM score adjustment'],
  cpus: ['CPU quota'],
  cpu_quota: ['CPU quota'],
  cpu_period: ['CPU quota'],
  cpu_shares: ['CPU shares'],
  cpuset: ['CPUs'],
  pids_limit: ['Process limit'],
  'deploy.resources.limits.cpus': ['CPU quota'],
  'deploy.resources.limits.memory': ['Memory limit'],
  'deploy.resources.limits.pids': ['Process limit'],
  'deploy.resources.reservations.memory': ['Memory reservation'],
  'blkio_config.weight': ['Disk weight'],
  cap_add: ['Capabilities: bounding', 'Capabilities: effective'],
  cap_drop: ['Capabilities: bounding', 'Capabilities: effective'],
  privileged: ['Capabilities: bounding', 'Seccomp filter'],
  security_opt: ['Seccomp filter', 'No new privileges', 'AppArmor profile', 'SELinux label'],
  read_only: ['Root file system'],
  user: ['User', 'Group'],
  group_add: ['Additional groups'],
  working_dir: ['Working folder'],
  command: ['Command'],
  entrypoint: ['Command'],
  tty: ['Terminal'],
  init: ['Command'],
  hostname: ['Host name'],
  domainname: ['Domain name'],
  stop_signal: ['Stop signal'],
  pid: ['pid namespace'],
  ipc: ['ipc namespace'],
  uts: ['uts namespace'],
  network_mode: ['network namespace'],
  userns_mode: ['user namespace'],
  cgroup: ['cgroup namespace'],
  cgroup_parent: ['Cgroup'],
  runtime: ['OCI runtime'],
  devices: ['Devices'],
};

/** Of a service as a whole: what limits it. */
export const SERVICE_SETTINGS: readonly string[] = ['Memory limit', 'CPU quota', 'Process limit'];

/**
 * The settings that a place below a service means: `['mem_limit']`, `['environment', 'MODE']`, `['ulimits', 'nofile']`. Empty
 * where it means none.
 */
export function settingsOfCompose(place: ComposePlace): readonly string[] {
  const [first = '', second] = place;
  if (first === 'environment' && second !== undefined) return [second];
  if (first === 'sysctls' && second !== undefined) return [second];
  if (first === 'ulimits' && second !== undefined) return Object.hasOwn(LIMITS, second) ? [LIMITS[second] ?? ''] : [];
  for (let length = place.length; length > 0; length--) {
    const key = place.slice(0, length).join('.');
    if (Object.hasOwn(COMPOSE_SETTINGS, key)) return COMPOSE_SETTINGS[key] ?? [];
  }
  return [];
}

const LIMITS: Readonly<Record<string, string>> = {
  nofile: 'Open files',
  nproc: 'Processes',
  core: 'Core file size',
  memlock: 'Locked memory',
  stack: 'Stack size',
};

/** The settings that a key of devcontainer.json means. */
export function settingsOfDevcontainer(key: string): readonly string[] {
  return Object.hasOwn(DEVCONTAINER_SETTINGS, key) ? (DEVCONTAINER_SETTINGS[key] ?? []) : [];
}

const DEVCONTAINER_SETTINGS: Readonly<Record<string, readonly string[]>> = {
  capAdd: ['Capabilities: bounding', 'Capabilities: effective'],
  privileged: ['Capabilities: bounding', 'Seccomp filter'],
  securityOpt: ['Seccomp filter', 'No new privileges', 'AppArmor profile'],
  containerUser: ['User', 'Group'],
  init: ['Command'],
  overrideCommand: ['Command'],
  runArgs: ['Memory limit', 'CPU quota', 'Process limit'],
  hostRequirements: ['Memory limit', 'CPU quota'],
};
