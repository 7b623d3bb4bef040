/** How sure we are that a call happened so: captured on the wire, seen in events or logs, or rebuilt from its result. */
export type Evidence = 'recorded' | 'observed' | 'reconstructed';

/** OCI runtimes that are called by their own names; what else makes containers is an "OCI runtime". */
const RUNTIMES = ['runc', 'crun', 'youki', 'runsc'] as const;

/** The parties of the stack that talk to each other. */
export type Party =
  | 'client'
  | 'dockerd'
  | 'podman'
  | 'kubelet'
  | 'containerd'
  | 'cri'
  | 'shim'
  | 'conmon'
  | (typeof RUNTIMES)[number]
  | 'OCI runtime'
  | 'kernel';

/** The party that an OCI runtime's binary is, from its name or path. */
export function runtimeParty(binary: string): Party {
  const program = binary.slice(binary.lastIndexOf('/') + 1);
  return RUNTIMES.find((name) => name === program) ?? 'OCI runtime';
}

/** One call between two layers on the way to a running container. JSON-serialisable. */
export interface ApiCall {
  /** 1, 2, 3… in the order in which they happen. */
  readonly seq: number;
  readonly from: Party;
  readonly to: Party;
  readonly protocol: 'http' | 'grpc' | 'ttrpc' | 'exec' | 'syscall';
  /** GET, POST… for HTTP; the full method name for (t)RPC; the program for exec. */
  readonly method: string;
  /** The path with its query for HTTP; the socket for (t)RPC; the command line for exec. */
  readonly target: string;
  /** The body or message: what was asked. Absent when there is none. */
  readonly payload?: unknown;
  readonly evidence: Evidence;
  /** Where the evidence lies: "inspect minus image config", "event container/start at timeNano …". */
  readonly because: string;
  /** ISO 8601; absent when the moment is not known. */
  readonly at?: string;
  /** Fields that the daemon or the image filled in, apart from what was asked: shown, and left out of the copies. */
  readonly defaults?: unknown;
  /** Ready to paste: label → text, such as "curl", "docker run", "Raw HTTP". */
  readonly copies?: Readonly<Record<string, string>>;
  /** One sentence: what this call does in the life of the container. */
  readonly meaning: string;
}
