import { explainContainer } from '../../explain/containers';
import type { Explanation } from '../../explain/explanation';
import { explainFact } from '../../explain/facts';
import { explainLayer } from '../../explain/layers';
import { explainNamespaceType } from '../../explain/namespaces';
import { explainSpecPath } from '../../explain/specPath';
import type { Container } from '../../model/container';
import type { FactName } from '../../model/inspection';
import type { Layer, LayerKind } from '../../model/layer';

/** What hovers ask of the explanations. Each is undefined where there is nothing to say. */
export interface HoverExplanations {
  layer(layer: Layer): Explanation | undefined;
  /** A container as a layer of this kind sees it. */
  container(container: Container, kind: LayerKind): Explanation | undefined;
  fact(name: FactName): Explanation | undefined;
  /** A namespace type as /proc/PID/ns names it. */
  namespaceType(type: string): Explanation | undefined;
  /** A place in config.json, by its keys. */
  specPath(path: readonly string[], value: unknown): Explanation | undefined;
}

/** The product's explanations, as hovers ask for them. */
export const hoverExplanations: HoverExplanations = {
  layer: explainLayer,
  container: explainContainer,
  fact: explainFact,
  namespaceType: explainNamespaceType,
  specPath: explainSpecPath,
};
