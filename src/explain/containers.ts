import { sightingIn, type Container, type ContainerState } from '../model/container';
import type { LayerKind } from '../model/layer';
import type { Explanation } from './explanation';

const HOLDS: Readonly<Record<LayerKind, string>> = {
  client: 'A client holds nothing of a container: it asks an engine each time.',
  engine:
    'The engine holds the container’s record: what was asked for, its name, labels, network, log and state. It keeps it until the container is removed.',
  cri: 'The CRI holds the container’s record as the kubelet asked for it, and to which pod it belongs.',
  containerd: 'containerd holds the container’s record with its OCI spec, and a task as long as there is a process.',
  shim: 'The shim is the parent of its processes. It holds their input and output and collects the exit code.',
  'oci-runtime':
    'The OCI runtime left its state on disk: the init process, the cgroup paths and the spec. The bundle holds config.json.',
  kernel: 'The kernel holds the processes with their namespaces, and the cgroup with its limits and counters.',
};

const STATES: Readonly<Record<ContainerState, string>> = {
  created: 'It was created and has not been started: nothing of its program runs yet.',
  running: 'It runs: its main process is there.',
  paused:
    'It is paused: all its processes are frozen by the cgroup freezer. They keep their memory and get no CPU time.',
  restarting: 'It ended and waits for its restart policy to start it again.',
  removing: 'It is being removed.',
  exited: 'It has ended. Its writable layer and its record are kept until it is removed.',
  dead: 'It could not be removed wholly: something of it is still in use.',
  unknown: 'Its state is not known.',
};

/** Layers of which nothing is left once a container does not run, and why. */
const LEAVES: Partial<Readonly<Record<LayerKind, string>>> = {
  containerd:
    'dockerd makes containerd’s record at each start and deletes it at the end, so containerd does not know a Docker container that does not run.',
  shim: 'A shim ends with the last container it serves.',
  'oci-runtime': 'The bundle and the runtime’s state are deleted with the task.',
  kernel: 'Without processes there are no namespaces, and the cgroup is removed.',
};

/**
 * What a layer holds of a container in its present state, and which layers have let go of it and why.
 *
 * @param layerKind the layer in question
 */
export function explainContainer(container: Container, layerKind: LayerKind): Explanation {
  const stopped = !['running', 'paused'].includes(container.state);
  const knows = container.layers.some((id) => kindOf(id) === layerKind && sightingIn(container, id));
  const letGo = container.letGo.map(({ because }) => because);
  const leaves = stopped && !knows ? LEAVES[layerKind] : undefined;
  const consequence = [...new Set([...(leaves === undefined ? [] : [leaves]), ...letGo])].join(' ');
  return {
    title: container.name ?? container.runtimeId,
    meaning: knows || !stopped ? HOLDS[layerKind] : `${HOLDS[layerKind]} Of this container it holds nothing now.`,
    valueInWords: STATES[container.state],
    ...(consequence === '' ? {} : { consequence }),
    references: [
      {
        label: 'OCI runtime spec: state',
        url: 'https://github.com/opencontainers/runtime-spec/blob/main/runtime.md#state',
      },
    ],
  };
}

/** The kind that a layer's id begins with: `engine:unix:///…`, `containerd:…`, `shim`, `oci-runtime:runc`, `kernel`. */
function kindOf(layerId: string): string {
  return layerId.split(':', 1)[0] ?? '';
}
