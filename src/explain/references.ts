import type { Reference } from './explanation';

const SPEC = 'https://github.com/opencontainers/runtime-spec/blob/main';

/** A section of the OCI runtime specification's config.md, by its heading: `linux-process`. */
export function spec(section: string): Reference {
  return { label: `OCI runtime spec: ${section.replaceAll('-', ' ')}`, url: `${SPEC}/config.md#${section}` };
}

/** A section of the specification's config-linux.md. */
export function specLinux(section: string): Reference {
  return {
    label: `OCI runtime spec, Linux: ${section.replaceAll('-', ' ')}`,
    url: `${SPEC}/config-linux.md#${section}`,
  };
}

/** A manual page: `man('capabilities', 7)`. */
export function man(page: string, section: number): Reference {
  return {
    label: `${page}(${section})`,
    url: `https://man7.org/linux/man-pages/man${section}/${page}.${section}.html`,
  };
}

/** A page of the kernel's documentation: `kernelDoc('admin-guide/cgroup-v2.html', 'Control group v2')`. */
export function kernelDoc(page: string, label: string): Reference {
  return { label: `Kernel: ${label}`, url: `https://docs.kernel.org/${page}` };
}

/** A section of the kernel's page on cgroup v2: `cgroupV2('memory-interface-files', 'memory')`. */
export const cgroupV2 = (section: string, label: string): Reference =>
  kernelDoc(`admin-guide/cgroup-v2.html#${section}`, `cgroup v2, ${label}`);

/** A controller's page in the documentation of cgroup v1. */
export function cgroupV1(page: string): Reference {
  return kernelDoc(`admin-guide/cgroup-v1/${page}.html`, `cgroup v1, ${page.replaceAll('-', ' ')}`);
}
