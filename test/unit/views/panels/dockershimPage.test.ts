import assert from 'node:assert/strict';
import { isHostMessage } from '../../../../src/protocol/messages';
import { ClusterStore } from '../../../../src/store/clusterStore';
import { CopyTable } from '../../../../src/views/panels/models/copyTable';
import { dockershimPage } from '../../../../src/views/panels/models/dockershimPage';
import { context, FakeClusters, FORBIDDEN, kubeInventory } from '../../../support/kubeTree';

describe('the page "Dockershim Check"', () => {
  it('has each asked node with its verdict, evidence and way on, and tells of clusters that were not asked', async () => {
    const store = new ClusterStore(new FakeClusters());
    await store.cluster('lab').promise;
    const copies = new CopyTable();
    const contexts = [context('other', { current: true }), context('barred', { obstacle: FORBIDDEN }), context('lab')];
    const page = dockershimPage(kubeInventory(contexts), copies, store);
    assert.ok(isHostMessage({ type: 'event', name: 'changed', value: page }));
    assert.equal(page.subtitle, '2 nodes of 1 cluster asked');
    assert.deepEqual(
      page.contexts.map(({ name, nodes, problem }) => [name, nodes?.length, problem?.reason]),
      [
        ['lab', 2, undefined],
        ['other', undefined, undefined],
        ['barred', undefined, FORBIDDEN.reason],
      ],
    );
    const [here, old] = page.contexts[0]?.nodes ?? [];
    assert.deepEqual([here?.verdict, here?.here, old?.verdict, old?.here], ['migrated', true, 'works', false]);
    const commands = [
      ...(old?.evidence ?? []).map(({ how }) => how),
      ...(old?.steps ?? []).map(({ command }) => command),
    ];
    const kubectl = commands.filter((command) => command?.text.startsWith('kubectl'));
    assert.ok(kubectl.length >= 5);
    for (const command of kubectl) {
      assert.match(command?.text ?? '', /^kubectl --context lab /);
      assert.equal(copies.get(command?.copyId ?? ''), command?.text);
    }
  });

  it('says so when there is no context', () => {
    const page = dockershimPage(kubeInventory([]), new CopyTable(), new ClusterStore(new FakeClusters()));
    assert.equal(page.subtitle, 'No kubeconfig has a context');
    assert.deepEqual(page.contexts, []);
  });
});
