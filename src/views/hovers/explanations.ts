import { explainCgroupFile } from '../../explain/cgroupFiles';
import { explainContainer } from '../../explain/containers';
import type { Explanation } from '../../explain/explanation';
import { explainFact } from '../../explain/facts';
import { explainKubernetes, type KubernetesTopic } from '../../explain/kubernetes';
import { explainLayer } from '../../explain/layers';
import { explainNamespaceType } from '../../explain/namespaces';
import { explainSpecPath } from '../../explain/specPath';
import type { CgroupNumber } from '../../model/cgroup';
import type { Container } from '../../model/container';
import type { FactName } from '../../model/inspection';
import type { Layer, LayerKind } from '../../model/layer';

/** What hovers ask of the explanations. Each is undefined where there is nothing to say. */
export interface HoverExplanations {
  layer(layer: Layer): Explanation | undefined;
  /** A container as a layer of this kind sees it. */
  container(container: Container, kind: LayerKind): Explanation | undefined;
  fact(name: FactName): Explanation | undefined;
  /** A file of a cgroup, and its number. */
  cgroupFile(file: string, value?: CgroupNumber): Explanation | undefined;
  /** A namespace type as /proc/PID/ns names it. */
  namespaceType(type: string): Explanation | undefined;
  /** Something of a Kubernetes cluster. */
  kubernetes(topic: KubernetesTopic): Explanation;
  /** A place in config.json, by its keys. */
  specPath(path: readonly string[], value: unknown): Explanation | undefined;
}

/** The product's explanations, as hovers ask for them. */
export const hoverExplanations: HoverExplanations = {
  layer: explainLayer,
  container: explainContainer,
  fact: explainFact,
  cgroupFile: explainCgroupFile,
  namespaceType: explainNamespaceType,
  kubernetes: explainKubernetes,
  specPath: explainSpecPath,
};
