import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { PublicApi, PublicContainer, PublicInventory } from '../../src/publicApi';
import {
  checkCalls,
  checkEnded,
  checkInventory,
  checkProcesses,
  checkRunning,
  inspectAll,
} from '../support/groundTruth';
import { asString, memberAt } from '../../src/util/records';

/** Activates the extension as VS Code does and gives what it returns to others. */
async function activated(): Promise<PublicApi> {
  const extension = vscode.extensions.getExtension<PublicApi>('container-runtime-explorer.container-runtime-explorer');
  assert.ok(extension, 'the extension is installed');
  return extension.activate();
}

describe('the facts in a real VS Code, against other routes', function () {
  this.timeout(240_000);
  let api: PublicApi;
  let inventory: PublicInventory;
  let records: Map<string, unknown>;

  before(async () => {
    api = await activated();
    inventory = await checkInventory(api);
    records = await inspectAll();
  });

  const containers = (state: readonly string[]): { container: PublicContainer; record: unknown }[] =>
    inventory.containers.flatMap((container) => {
      const record = records.get(container.id);
      return record !== undefined && state.includes(container.state) ? [{ container, record }] : [];
    });

  it('has an API of version 1 whose answers are JSON', async () => {
    assert.equal(api.apiVersion, 1);
    assert.deepEqual(JSON.parse(JSON.stringify(inventory)), inventory);
    const inspection = await api.inspect(inventory.containers[0]?.id ?? '');
    assert.deepEqual(JSON.parse(JSON.stringify(inspection)), inspection);
  });

  it('shows at least 25 running containers, every fact equal to the truth', async () => {
    const running = containers(['running', 'paused']);
    assert.ok(running.length >= 25, `only ${running.length} run`);
    const wrong: string[] = [];
    for (const { container, record } of running) {
      const inspection = await api.inspect(container.id);
      await checkRunning(inspection, record, inventory.layers, container).catch((error: unknown) =>
        wrong.push(`${container.name}: ${error instanceof Error ? error.message : String(error)}`),
      );
      try {
        checkCalls(inspection, record);
      } catch (error) {
        wrong.push(`${container.name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    assert.deepEqual(wrong, []);
  });

  it('shows the processes that docker top lists', async () => {
    for (const { container } of containers(['running'])) await checkProcesses(api, container.id);
  });

  it('says of every created or exited container what is left, and which layers let go', async () => {
    const ended = containers(['created', 'exited']);
    assert.ok(ended.length >= 4, `only ${ended.length} do not run`);
    for (const { container, record } of ended) {
      const inspection = await api.inspect(container.id);
      checkEnded(inspection, inventory.layers, container);
      checkCalls(inspection, record);
    }
  });

  it('finds a container by its name and by a prefix of its id', async () => {
    const [first] = containers(['running']);
    assert.ok(first);
    assert.equal((await api.inspect(asString(memberAt(first.record, 'Name')) ?? '')).id, first.container.id);
    assert.equal((await api.inspect(first.container.id.slice(0, 12))).id, first.container.id);
  });
});
