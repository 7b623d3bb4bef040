import type { Aspect } from './aspects';

/** Places that differ between any two containers, and between two moments of one. */
const EXPECTED: Readonly<Record<Aspect, RegExp>> = {
  config:
    /^(?:hostname|root\.path|linux\.cgroupsPath|hooks\..*|process\.env\.HOSTNAME|mounts\.\/etc\/(?:hosts|hostname|resolv\.conf)\.source|mounts\.\/dev\/shm\.source)$/,
  environment: /^HOSTNAME$/,
  engine:
    /^(?:Id|Created|Path|Name|State(?:\..*)?|ResolvConfPath|HostnamePath|HostsPath|LogPath|GraphDriver(?:\..*)?|NetworkSettings(?:\..*)?|Config\.Hostname|RestartCount|HostConfig\.ContainerIDFile|Storage(?:\..*)?|StaticDir|OCIConfigPath|ConmonPidFile|PidFile|ExecIDs|ImageDigest|LockNumber)$/,
  lineage:
    /^(?:Program\.Host name|Environment\.HOSTNAME|Runtime\.Cgroup|Files\.\/etc\/(?:hosts|hostname|resolv\.conf))\..*$/,
};

/** True for what says only that it is another container, or another moment. */
export function isExpected(aspect: Aspect, path: readonly string[]): boolean {
  return EXPECTED[aspect].test(path.join('.'));
}
