import { lineageCorpus, type CorpusPlaces, type LineageLine } from './lineageCorpus';

/** Options that may be there more than once, each with something of its own. */
const REPEATABLE = /^--(?:cap-add|cap-drop|env|volume|mount|tmpfs|ulimit|sysctl|device|group-add|security-opt)$/;

/**
 * What `podman run` has no option for (`--runtime` and `--volume-driver` are none of its own), what it asks for by other
 * words (systempaths), what its record has no field for (rules of devices), and what needs a program that the lab does not install (catatonit).
 */
const LACKING =
  /^--domainname=|^--init$|^--runtime=|^--volume-driver=|^--security-opt=systempaths=|^--device-cgroup-rule=/;

/** Lines of `docker run` that were not yet tried with Podman. */
const UNTRIED =
  /^--(?:shm-size|network|userns|cgroupns|device-(?:read|write)-\w+|env-file)=|^--mount=type=(?:volume|tmpfs)|^--security-opt=apparmor|^--memory-swap=-1$|^--cpu-quota=20000$|^--ulimit=(?:nproc|nice|rttime)=/;
const UNTRIED_SETTINGS = /^(?:Root folder|Size of \/dev\/shm)$/;

/** Settings that are told apart by what they say of one thing of many, not by their row. */
const MANY = /^Capabilities: bounding$/;

/**
 * The lines of `docker run` as `podman run` takes them, for its records have the same fields: what Podman decides in another
 * way is said of it here.
 */
export function podmanCorpus(places: CorpusPlaces): readonly LineageLine[] {
  return lineageCorpus(places)
    .filter(({ options }) => !options.some((option) => LACKING.test(option) || UNTRIED.test(option)))
    .filter(({ expected }) => !UNTRIED_SETTINGS.test(expected.setting))
    .map((line) => ({ ...line, expected: { ...line.expected, ...podmansOwn(line) } }));
}

/** What Podman's record says otherwise than Docker's. */
function podmansOwn({ options, expected }: LineageLine): Partial<LineageLine['expected']> {
  // A quota of the usual period is written as CPUs.
  if (options.includes('--cpu-period=100000')) return { field: 'HostConfig.NanoCpus' };
  if (options.includes('--cap-drop=ALL')) return { asked: /-CAP_CHOWN(?: |$)/ };
  if (/^(?:Masked|Read-only) paths$/.test(expected.setting)) {
    return { field: 'HostConfig.SecurityOpt', asked: /^the engine’s default list$/ };
  }
  if (expected.setting === 'Root folder') return { field: 'ImageName' };
  if (expected.field === 'HostConfig.CgroupnsMode') return { field: 'HostConfig.CgroupMode', origin: 'request' };
  if (options.includes('--ipc=private')) return { origin: 'request' };
  return expected.field === 'HostConfig.Sysctls' ? { field: 'Config.CreateCommand' } : {};
}

/** What a line sets, so that two that would disturb each other are in two containers: a reservation must be below a limit. */
export function podmanKeys({ options, expected }: LineageLine): readonly string[] {
  const names = options
    .map((option) => (option.split('=', 1)[0] ?? '').replace('--memory-reservation', '--memory'))
    .filter((name) => !REPEATABLE.test(name));
  return [...names, MANY.test(expected.setting) ? options.join(' ') : expected.setting];
}

/** What changes a whole container: namespaces of the host, all capabilities at once, another entry point. */
export function isPodmanApart({ options }: LineageLine): boolean {
  return options.some((option) =>
    /^--(?:pid|ipc|uts|cgroup-parent|entrypoint)=|^--network=host$|^--init$|^--cap-drop=ALL$/.test(option),
  );
}
