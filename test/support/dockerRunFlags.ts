/*
 * Every option of `docker run` has lines in the corpus of single settings, or a reason here why it has none. A test holds
 * both against the options that the command line itself lists, so that a new one cannot be forgotten.
 */

/** Options without a line, by the reason. */
const REASONS: readonly (readonly [why: string, options: readonly string[]])[] = [
  [
    'the command line’s own affair: it reaches no engine',
    ['attach', 'cidfile', 'detach', 'detach-keys', 'disable-content-trust', 'help', 'quiet', 'sig-proxy'],
  ],
  ['chooses or fetches the image: a setting of no container', ['platform', 'pull']],
  [
    'the engine’s own book-keeping: neither config.json nor the kernel knows it',
    ['label', 'label-file', 'name', 'log-driver', 'log-opt', 'restart', 'rm', 'stop-timeout', 'interactive'],
  ],
  [
    'run by the engine beside the container: it is in no config.json',
    [
      ...['health-cmd', 'health-interval', 'health-retries', 'health-start-interval', 'health-start-period'],
      ...['health-timeout', 'no-healthcheck'],
    ],
  ],
  [
    'written by the engine into /etc/hosts and /etc/resolv.conf of the container',
    ['add-host', 'dns', 'dns-option', 'dns-search'],
  ],
  [
    'of a network that the engine makes: the lab’s has none, for it would need rules and a bridge on the machine',
    ['expose', 'ip', 'ip6', 'link', 'link-local-ip', 'mac-address', 'network-alias', 'publish', 'publish-all'],
  ],
  ['of Windows', ['cpu-count', 'cpu-percent', 'io-maxbandwidth', 'io-maxiops', 'isolation']],
  ['this machine has no such device', ['gpus']],
  ['this kernel has no weights of disks (blkio.weight): engines leave it out', ['blkio-weight', 'blkio-weight-device']],
  [
    'no cgroup of this machine may be given realtime CPU time without taking it from those above',
    ['cpu-rt-period', 'cpu-rt-runtime'],
  ],
  ['gone: command lines since 23 send it no more, and runc from 1.0 on ignores it', ['kernel-memory']],
  ['this machine lacks a capability (SYS_RESOURCE) that a privileged container is given: none starts', ['privileged']],
  ['the lab’s file system has no quotas (overlay on xfs with pquota)', ['storage-opt']],
  ['hands the engine’s own socket to the container: the lab’s engine is none to be handed on', ['use-api-socket']],
];

/** Why an option of `docker run` has no line in the corpus; undefined for those that need one. */
export function whyNoLine(option: string): string | undefined {
  return REASONS.find(([, options]) => options.includes(option))?.[0];
}

/** All options that have a reason. */
export const WITHOUT_LINE: readonly string[] = REASONS.flatMap(([, options]) => options);

/** The long names that `docker run --help` lists: "  -m, --memory bytes   Memory limit". */
export function optionsIn(help: string): readonly string[] {
  return [...help.matchAll(/^ +(?:-\w, +)?--([a-z0-9-]+)/gm)].map(([, name = '']) => name);
}
