import assert from 'node:assert/strict';
import { ClusterStore } from '../../../src/store/clusterStore';
import { FakeClusters, FORBIDDEN } from '../../support/kubeTree';

describe('what clusters have answered', () => {
  it('is asked once, kept until it is forgotten, and asked by nobody but who wants it', async () => {
    const reader = new FakeClusters();
    const store = new ClusterStore(reader);
    assert.equal(store.knownCluster('lab'), undefined);
    assert.deepEqual(reader.asked, []);
    let told = 0;
    store.onDidAnswer(() => told++);
    const [one, two] = await Promise.all([store.cluster('lab').promise, store.cluster('lab').promise]);
    assert.equal(one, two);
    assert.equal(store.knownCluster('lab'), one);
    assert.equal(told, 1);
    assert.deepEqual(reader.asked, ['cluster lab']);
    store.forget();
    assert.equal(store.knownCluster('lab'), undefined);
    await store.cluster('lab').promise;
    assert.deepEqual(reader.asked, ['cluster lab', 'cluster lab']);
  });

  it('keeps no failure', async () => {
    const reader = new FakeClusters();
    const store = new ClusterStore(reader);
    reader.failure = FORBIDDEN;
    await assert.rejects(store.cluster('lab').promise);
    reader.failure = undefined;
    assert.equal((await store.cluster('lab').promise).version, 'v1.29.3');
  });

  it('gives up what is on its way when it is forgotten', async () => {
    const signals: AbortSignal[] = [];
    const store = new ClusterStore({
      readCluster: (_, signal) => {
        if (signal) signals.push(signal);
        return new Promise(() => undefined);
      },
      readPods: () => Promise.reject(new Error()),
      readCgroups: () => Promise.reject(new Error()),
    });
    void store.cluster('lab');
    assert.equal(signals[0]?.aborted, false);
    store.dispose();
    assert.equal(signals[0]?.aborted, true);
  });
});
