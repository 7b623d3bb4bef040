/** What a kubelet of this machine was started with, as far as it tells the runtime. */
export interface KubeletConfig {
  readonly pid: number;
  /** The flag --container-runtime: "docker", "remote" or "rkt"; absent when it was not given. Gone in 1.27. */
  readonly containerRuntime?: string;
  /** The endpoint in force, and what says so: the flag, or containerRuntimeEndpoint of a configuration file. */
  readonly endpoint?: { readonly address: string; readonly source: string };
  /** Configuration files that could hold an endpoint and could not be read. */
  readonly unread: readonly string[];
}

/** The flags of a kubelet that tell its runtime. Source: `kubelet --help`; both `--flag value` and `--flag=value` are taken. */
export interface KubeletFlags {
  readonly containerRuntime?: string;
  readonly endpoint?: string;
  readonly configFile?: string;
  readonly hostnameOverride?: string;
}

const FLAGS: Readonly<Record<string, keyof KubeletFlags>> = {
  'container-runtime': 'containerRuntime',
  'container-runtime-endpoint': 'endpoint',
  config: 'configFile',
  'hostname-override': 'hostnameOverride',
};

/** Reads a kubelet's command line; of a flag given twice the last counts, as in the kubelet itself. */
export function kubeletFlags(argv: readonly string[]): KubeletFlags {
  const flags: { -readonly [K in keyof KubeletFlags]: KubeletFlags[K] } = {};
  argv.forEach((word, index) => {
    const match = /^--?([a-z][a-z-]*)(?:=(.*))?$/s.exec(word);
    const name = match?.[1] === undefined ? undefined : FLAGS[match[1]];
    const value = match?.[2] ?? argv[index + 1];
    if (name !== undefined && value !== undefined && value !== '') flags[name] = value;
  });
  return flags;
}

/** Which runtime a CRI socket belongs to, by its path. */
export type SocketOwner = 'dockershim' | 'cri-dockerd' | 'containerd' | 'cri-o' | 'other';

/** Reads a CRI socket as kubeadm and the kubelet take it: with unix:// before it or without. */
export function socketOwner(address: string): SocketOwner {
  const path = address.replace(/^unix:\/\//, '').toLowerCase();
  if (/(^|\/)dockershim\.sock$/.test(path)) return 'dockershim';
  if (/cri-dockerd[^/]*\.sock$/.test(path)) return 'cri-dockerd';
  if (/(^|\/)crio\.sock$/.test(path)) return 'cri-o';
  return /containerd[^/]*\.sock$/.test(path) ? 'containerd' : 'other';
}
