import type { ApiCall } from '../model/apiCall';
import type { Explanation, Reference } from './explanation';
import { ENGINE_ENDPOINTS, type CallText } from './engineEndpoints';
import { man } from './references';

/** Methods of RPC, by the last two parts of their name: `Tasks/Create`. */
const RPC: Readonly<Record<string, CallText>> = {
  'Containers/Create': {
    meaning: 'Stores the container’s record in containerd: its OCI spec, runtime and labels. Nothing runs yet.',
  },
  'Containers/Get': { meaning: 'Reads a container’s record.' },
  'Containers/List': { meaning: 'Lists the containers of a containerd namespace.' },
  'Containers/Update': { meaning: 'Changes a container’s record. A running task does not notice.' },
  'Containers/Delete': { meaning: 'Deletes the container’s record. Its task must be gone.' },
  'Tasks/Create': {
    meaning:
      'Makes the task: containerd writes the bundle, starts a shim (or finds the pod’s), and lets it call the OCI runtime’s create.',
    consequence:
      'Afterwards the first process exists and waits, so that the network can be set up before the program runs.',
  },
  'Tasks/Start': { meaning: 'Starts the prepared program.' },
  'Tasks/Kill': { meaning: 'Sends a signal to a process of the task.' },
  'Tasks/Delete': { meaning: 'Removes an ended task: the runtime’s state, the bundle, and at last the shim.' },
  'Tasks/Wait': { meaning: 'Waits for a process to end.' },
  'Tasks/Exec': { meaning: 'Prepares another process in the task.' },
  'Tasks/Pause': { meaning: 'Freezes all processes of the task.' },
  'Tasks/Resume': { meaning: 'Lets the task’s processes go on.' },
  'Tasks/Update': { meaning: 'Changes limits of a running task.' },
  'Snapshots/Prepare': { meaning: 'Makes a writable layer on top of the image’s.' },
  'Snapshots/Mounts': { meaning: 'Asks how a snapshot is to be mounted.' },
  'Leases/Create': { meaning: 'Keeps containerd’s garbage collection away from what is being made.' },
  'Task/Connect': { meaning: 'Asks a shim for its own PID and that of the container’s first process.' },
  'Task/Create': { meaning: 'containerd hands the bundle to the shim, which calls the OCI runtime’s create.' },
  'Task/Start': { meaning: 'containerd tells the shim to start the prepared program.' },
  'Task/State': { meaning: 'Asks a shim how a process does.' },
  'Task/Kill': { meaning: 'Has the shim send a signal.' },
  'Task/Delete': { meaning: 'Has the shim clean up an ended process.' },
  'Task/Wait': { meaning: 'Waits until a process of the shim ends.' },
  'Task/Exec': { meaning: 'Has the shim prepare another process.' },
  'Task/Shutdown': { meaning: 'Ends the shim, once it serves nothing more.' },
  'RuntimeService/RunPodSandbox': {
    meaning:
      'Makes a pod’s sandbox: its network namespace, cgroup and pause container. With it the shim starts that will serve the whole pod.',
  },
  'RuntimeService/CreateContainer': {
    meaning: 'Makes a container’s record in a sandbox. Its task comes with the start.',
  },
  'RuntimeService/StartContainer': { meaning: 'Makes the task and starts it.' },
  'RuntimeService/StopContainer': { meaning: 'Sends the stop signal, waits, and kills.' },
  'RuntimeService/RemoveContainer': { meaning: 'Deletes a container’s record.' },
  'RuntimeService/StopPodSandbox': { meaning: 'Stops all of a pod and takes its network down.' },
  'RuntimeService/RemovePodSandbox': { meaning: 'Deletes a pod’s sandbox.' },
  'RuntimeService/ContainerStatus': { meaning: 'Asks how a container does.' },
  'RuntimeService/UpdateContainerResources': { meaning: 'Changes limits of a running container.' },
  'ImageService/PullImage': { meaning: 'Pulls an image.' },
};

/** Commands of an OCI runtime, and programs on the way. */
const COMMANDS: Readonly<Record<string, string>> = {
  create:
    'Makes the container: namespaces, cgroup and mounts, and a first process (runc init) that waits. Then the command ends.',
  start:
    'Opens the FIFO for which the first process waits: it becomes the user’s program, with the same PID. Then the command ends.',
  run: 'create and start in one.',
  exec: 'Starts another process in the container’s namespaces and cgroup.',
  kill: 'Sends a signal to the container’s first process.',
  delete: 'Removes the cgroup and the runtime’s state of an ended container.',
  pause: 'Freezes the container’s cgroup.',
  resume: 'Lets the container’s cgroup go on.',
  update: 'Writes new limits to the cgroup files and to the runtime’s state.',
  state: 'Tells the container’s state as JSON.',
  ps: 'Lists the processes of the container’s cgroup.',
};

const SYSCALLS: Readonly<Record<string, string>> = {
  clone: 'Makes a process; with flags CLONE_NEW… in new namespaces.',
  clone3: 'Makes a process; with flags CLONE_NEW… in new namespaces.',
  unshare: 'Moves the caller into new namespaces.',
  setns: 'Moves the caller into an existing namespace.',
  mount: 'Mounts a file system, or binds a folder.',
  pivot_root: 'Makes the container’s root file system the root of the mount namespace.',
  execve: 'Replaces runc init by the user’s program: the PID stays.',
  prctl: 'Sets traits of the process, such as no_new_privs, the bounding set, or being a subreaper.',
  capset: 'Sets the capabilities of the process.',
  seccomp: 'Loads the filter of system calls.',
  sethostname: 'Sets the host name in the UTS namespace.',
  setrlimit: 'Sets a resource limit.',
  prlimit: 'Sets a resource limit.',
  setuid: 'Changes to the container’s user.',
  write: 'Writes to a file: limits and PIDs to the cgroup’s files.',
};

/** What a call does in general: its endpoint, method, command or system call. Undefined for one that is not known. */
export function explainApiCall(call: ApiCall): Explanation | undefined {
  switch (call.protocol) {
    case 'http':
      return explainHttp(call);
    case 'grpc':
    case 'ttrpc':
      return explainRpc(call);
    case 'exec':
      return explainCommand(call);
    case 'syscall':
      return explainSyscall(call);
  }
}

function explainHttp({ method, target, to }: ApiCall): Explanation | undefined {
  const path = target.replace(/^https?:\/\/[^/]*/, '').split('?', 1)[0] ?? '';
  const [, version, bare = path] = /^\/v(\d+\.\d+(?:\.\d+)?)(\/.*)$/.exec(path) ?? [];
  const endpoint = bare.replace(/^\/libpod(?=\/)/, '');
  const text = ENGINE_ENDPOINTS.find(([verb, pattern]) => verb.test(method) && pattern.test(endpoint))?.[2];
  if (!text) return undefined;
  const native = endpoint !== bare || to === 'podman';
  const reference: Reference = native
    ? { label: 'Podman API', url: 'https://docs.podman.io/en/latest/_static/api.html' }
    : {
        label: `Docker Engine API${version ? ` v${version}` : ''}`,
        url: `https://docs.docker.com/reference/api/engine/${version ? `version/v${version}/` : ''}${text.operation ? `#tag/${text.operation}` : ''}`,
      };
  return explanation(`${method} ${endpoint}`, text, [reference]);
}

function explainRpc({ method, protocol }: ApiCall): Explanation | undefined {
  const [service = '', name = ''] = method.split('/').slice(-2);
  const short = `${service.split('.').at(-1) ?? ''}/${name}`;
  const text = Object.hasOwn(RPC, short) ? RPC[short] : undefined;
  if (!text) return undefined;
  const cri = service.startsWith('runtime.v1');
  const reference: Reference = cri
    ? { label: 'CRI API', url: 'https://github.com/kubernetes/cri-api/blob/master/pkg/apis/runtime/v1/api.proto' }
    : protocol === 'ttrpc'
      ? {
          label: 'containerd: shim API',
          url: 'https://github.com/containerd/containerd/blob/main/core/runtime/v2/README.md',
        }
      : { label: 'containerd: API', url: 'https://github.com/containerd/containerd/tree/main/api/services' };
  return explanation(short, text, [reference]);
}

function explainCommand({ method, target, from, to }: ApiCall): Explanation | undefined {
  const program = (method.split('/').at(-1) ?? '').toLowerCase();
  if (/^containerd-shim/.test(program) || to === 'shim') {
    return explanation(
      'containerd-shim',
      { meaning: 'containerd starts the shim. It forks, opens its socket, tells its address and cuts itself loose.' },
      [
        {
          label: 'containerd: runtime v2 and shims',
          url: 'https://github.com/containerd/containerd/blob/main/core/runtime/v2/README.md',
        },
      ],
    );
  }
  if (program === 'conmon' || to === 'conmon') {
    return explanation(
      'conmon',
      {
        meaning:
          'Podman or CRI-O starts the monitor, which calls the OCI runtime and stays as the parent of the container.',
      },
      [{ label: 'conmon', url: 'https://github.com/containers/conmon' }],
    );
  }
  const command = `${method} ${target}`.split(/\s+/).find((word) => Object.hasOwn(COMMANDS, word));
  if (command === undefined) return undefined;
  return explanation(`${program} ${command}`, { meaning: COMMANDS[command] ?? '' }, [
    {
      label: 'OCI runtime spec: operations',
      url: 'https://github.com/opencontainers/runtime-spec/blob/main/runtime.md#operations',
    },
    ...(from === 'shim' && to === 'runc' ? [{ label: 'runc', url: 'https://github.com/opencontainers/runc' }] : []),
  ]);
}

/** One system call, or several that belong together: "mount, pivot_root". */
function explainSyscall({ method }: ApiCall): Explanation | undefined {
  const names = method.split(/[^\w]+/).filter((name) => Object.hasOwn(SYSCALLS, name));
  if (names.length === 0) return undefined;
  const meaning =
    names.length === 1
      ? (SYSCALLS[names[0] ?? ''] ?? '')
      : names.map((name) => `${name}: ${SYSCALLS[name] ?? ''}`).join(' ');
  return explanation(
    names.map((name) => `${name}(2)`).join(', '),
    { meaning },
    names.map((name) => man(name, 2)),
  );
}

function explanation(title: string, { meaning, consequence }: CallText, references: readonly Reference[]): Explanation {
  return { title, meaning, ...(consequence === undefined ? {} : { consequence }), references };
}
