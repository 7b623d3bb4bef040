import * as path from 'node:path';
import type { Container } from '../../../model/container';
import { valueOf } from '../../../model/fact';
import type { ContainerFacts } from '../../../model/inspection';
import { asString, memberAt } from '../../../util/records';
import { containerdNamespace } from '../normalize';
import { TASKS, usualPlaces } from '../../oci/bundle';

/**
 * Where a Docker container's bundle may be on its engine's machine, most likely first: where another route saw it, beside
 * the containerd that the engine names, where packages put it.
 */
export function bundlePlaces(container: Container, facts: ContainerFacts, endpoint: string): readonly string[] {
  const info = valueOf(facts.engine)?.info;
  const namespace = containerdNamespace(info);
  const id = container.runtimeId;
  const below = (state: string): string => path.posix.join(state, TASKS, namespace, id);
  const seen = [valueOf(facts.bundlePath), ...container.sightings.map(({ bundle }) => bundle)];
  const places = [
    ...seen.flatMap((bundle) => bundle ?? []),
    ...besides(asString(memberAt(info, 'Containerd', 'Address')), below),
    ...rootless(endpoint, below),
    ...usualPlaces(namespace, id).map(({ folder, name }) => path.posix.join(folder, name)),
  ];
  return [...new Set(places.filter((place) => path.posix.isAbsolute(place)))].slice(0, 12);
}

/** `/info` names containerd's socket from API 1.46 on; its state is beside it, or where dockerd puts that of its own one. */
function besides(address: string | undefined, below: (state: string) => string): string[] {
  if (address === undefined) return [];
  const folder = path.posix.dirname(address.replace(/^unix:\/\//, ''));
  return [below(folder), below(path.posix.join(folder, 'daemon'))];
}

/** A rootless engine's socket is in its user's runtime folder, and its containerd's state too. */
function rootless(endpoint: string, below: (state: string) => string): string[] {
  const runtimeDir = /^unix:\/\/(\/run\/user\/\d+)\//.exec(endpoint)?.[1];
  return runtimeDir === undefined ? [] : [below(`${runtimeDir}/docker/containerd/daemon`)];
}
