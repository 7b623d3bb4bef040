import { asString, memberAt } from '../util/records';

/** The kernel under which the explorer runs. */
export interface OwnKernel {
  /** Node's name of the system: `linux`, `darwin`, `win32`. */
  readonly platform: string;
  /** `uname -r`. */
  readonly release: string;
}

/** What engines call the systems that Node names. */
const OS_TYPES: Readonly<Record<string, string>> = { linux: 'linux', win32: 'windows' };

/**
 * What proves that an engine runs under another kernel than we do, by its `GET /info`; undefined where nothing does. A kernel
 * has one release at a time, so two releases are two kernels: a VM's, another machine's, or a sandbox's. The same release
 * proves nothing, and neither does the place of a socket. Source: moby daemon/info.go, libpod/info.go.
 */
export function whyElsewhere(info: unknown, here: OwnKernel): string | undefined {
  const system = asString(memberAt(info, 'OSType'));
  if (!system) return undefined;
  if (system !== OS_TYPES[here.platform]) return `Its engine runs under ${system}, and the explorer does not.`;
  const release = asString(memberAt(info, 'KernelVersion'));
  // Windows has no uname: engines there write it in words of their own.
  if (system !== 'linux' || !release || !here.release) return undefined;
  if (asEnginesWrite(release) === asEnginesWrite(here.release)) return undefined;
  return `Its engine runs under the kernel ${release}, the explorer under ${here.release}.`;
}

/** A release that has no third number is given one. Source: moby pkg/parsers/kernel, ParseRelease. */
function asEnginesWrite(release: string): string {
  const [, kernel, major, minor = '0', flavor = ''] = /^(\d+)\.(\d+)(?:\.(\d+))?(\S*)/.exec(release) ?? [];
  return kernel === undefined ? release : [Number(kernel), Number(major), Number(minor)].join('.') + flavor;
}
