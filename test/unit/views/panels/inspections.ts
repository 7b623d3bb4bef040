import type { Container } from '../../../../src/model/container';
import { known, unknown, type Fact } from '../../../../src/model/fact';
import type { ContainerFacts, Inspection } from '../../../../src/model/inspection';
import type { Inventory } from '../../../../src/model/inventory';
import { FACT_NAMES } from '../../../../src/store/inspector';
import { CopyTable } from '../../../../src/views/panels/models/copyTable';
import type { PageInput } from '../../../../src/views/panels/models/input';

export const ID = 'ab'.repeat(32);

/** A known fact of the page tests. */
export function fact<T>(value: T, note?: string): Fact<T> {
  return known('procfs', value, '/proc/1/stat', 'cat /proc/1/stat', {
    observedAt: '2026-01-01T00:00:00.000Z',
    ...(note ? { note } : {}),
  });
}

/** What a page is made from, with every fact unknown but those given. */
export function pageInput(facts: Partial<ContainerFacts> = {}, more: Partial<PageInput> = {}): PageInput {
  const nothing = Object.fromEntries(
    FACT_NAMES.map((name) => [name, unknown(`${name} cannot be read`, `make ${name} readable`)]),
  );
  const inspection: Inspection = {
    id: ID,
    name: 'web',
    observedAt: '2026-01-01T00:00:00.000Z',
    facts: { ...(nothing as unknown as ContainerFacts), ...facts },
    apiCalls: [],
  };
  const container: Container = {
    id: ID,
    runtimeId: ID,
    name: 'web',
    image: 'busybox:1',
    state: 'running',
    stateText: 'Up 3 minutes',
    labels: new Map(),
    layers: ['engine:x', 'containerd:x:moby'],
    sightings: [],
    letGo: [],
  };
  const inventory: Inventory = {
    observedAt: '2026-01-01T00:00:00.000Z',
    containers: [container],
    layers: [
      {
        id: 'engine:x',
        kind: 'engine',
        name: 'Docker Engine',
        version: '26.1',
        endpoint: 'unix:///d.sock',
        status: 'ok',
        details: [],
        containerIds: [ID],
      },
      {
        id: 'engine:y',
        kind: 'engine',
        name: 'Other Engine',
        version: '1',
        endpoint: 'unix:///o.sock',
        status: 'ok',
        details: [],
        containerIds: [],
      },
      {
        id: 'containerd:x:moby',
        kind: 'containerd',
        name: 'containerd · moby',
        status: 'ok',
        containerdNamespace: 'moby',
        details: [],
        containerIds: [ID],
      },
    ],
    processes: { observedAt: '2026-01-01T00:00:00.000Z', byPid: new Map(), childrenOf: () => [] },
  };
  return {
    inspection,
    container,
    inventory,
    copies: new CopyTable('t'),
    reveal: false,
    explain: {
      specPath: () => undefined,
      cgroupFile: () => undefined,
      apiCall: () => undefined,
      fact: () => undefined,
    },
    ...more,
  };
}
