import type { Container } from '../container';
import type { KubeContainer, KubePod } from './cluster';
import type { NodePlace } from './thisMachine';

/** The label by which every kubelet marks what it makes. Source: kubernetes pkg/kubelet/types/labels.go. */
const POD_UID = 'io.kubernetes.pod.uid';

/** A container of a pod on this machine, or why there is none. */
export type LocalJoin =
  | { readonly container: Container; readonly because: string }
  | { readonly container?: undefined; readonly because: string };

/**
 * Finds the local container of a pod's container: by its id, which the runtime draws at random, and only where the node is
 * this machine. A name is never evidence; a pod uid that contradicts is.
 */
export function localContainer(
  { runtimeId }: KubeContainer,
  pod: Pick<KubePod, 'uid'>,
  place: NodePlace | undefined,
  containers: ReadonlyMap<string, readonly Container[]>,
): LocalJoin {
  if (place?.verdict !== 'here') {
    return { because: `Its node is not known to be this machine. ${place?.because ?? 'The node could not be read.'}` };
  }
  if (runtimeId === undefined) return { because: 'It has no container id yet: no runtime has created it.' };
  if (!/^[0-9a-f]{64}$/.test(runtimeId))
    return { because: 'Its container id is not one that a runtime draws at random.' };
  const found = containers.get(runtimeId) ?? [];
  const [container] = found;
  if (!container) {
    return { because: 'Its node is this machine, but no layer that could be asked here knows a container of this id.' };
  }
  if (found.length > 1) return { because: 'More than one container of this id is known here.' };
  const uid = container.labels.get(POD_UID);
  if (uid !== undefined && uid !== pod.uid) {
    return { because: `The container of this id here belongs to another pod (${POD_UID}=${uid}).` };
  }
  return {
    container,
    because: `The same container id on this machine${uid === undefined ? '' : ', and the same pod uid in its labels'}.`,
  };
}
