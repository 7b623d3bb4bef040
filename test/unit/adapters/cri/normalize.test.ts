import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  ContainerStatusResponse,
  CriContainer,
  ListContainersResponse,
  PodSandbox,
} from '../../../../src/adapters/cri/messages';
import { containerSighting, findingsOf, sandboxSighting } from '../../../../src/adapters/cri/normalize';
import { isKnown } from '../../../../src/model/fact';
import { RuntimeError } from '../../../../src/model/problem';
import { runs } from '../../../support/runs';

const place = { layerId: 'cri:unix:///run/x.sock', containerdNamespace: 'k8s.io' };

describe('what CRI says, as sightings', () => {
  it('reads a sandbox and a container of a pod', () => {
    const sandbox = sandboxSighting(
      place,
      PodSandbox.decode(
        PodSandbox.encode({
          id: 'a'.repeat(64),
          metadata: { name: 'web', uid: 'u', namespace: 'shop', attempt: 0 },
          state: 0,
          createdAt: '1764000000123456789',
          runtimeHandler: 'kata',
        }),
      ),
    );
    assert.equal(sandbox.name, 'shop/web (sandbox)');
    assert.equal(sandbox.state, 'running');
    assert.equal(sandbox.stateText, 'sandbox ready, runtime handler kata');
    assert.equal(sandbox.createdAtMs, 1_764_000_000_123);
    assert.deepEqual(sandbox.sandbox, { id: 'a'.repeat(64), name: 'shop/web', isSandbox: true });

    const container = containerSighting(
      place,
      CriContainer.decode(
        CriContainer.encode({
          id: 'b'.repeat(64),
          podSandboxId: 'a'.repeat(64),
          metadata: { name: 'nginx', attempt: 3 },
          image: { image: 'nginx:1' },
          state: 2,
          labels: new Map([
            ['io.kubernetes.pod.name', 'web'],
            ['io.kubernetes.pod.namespace', 'shop'],
          ]),
        }),
      ),
    );
    assert.equal(container.name, 'nginx');
    assert.equal(container.state, 'exited');
    assert.equal(container.stateText, 'exited, attempt 3');
    assert.equal(container.image, 'nginx:1');
    assert.deepEqual(container.sandbox, { id: 'a'.repeat(64), name: 'shop/web', isSandbox: false });
  });

  it('takes what each runtime puts into its verbose status, and says what it does not', () => {
    const status = ContainerStatusResponse.decode(ContainerStatusResponse.encode({})).status;
    const full = findingsOf(
      status,
      new Map([['info', '{"pid":42,"runtimeSpec":{"hostname":"x"}}']]),
      'CRI',
      'crictl inspect x',
    );
    assert.ok(isKnown(full.initPid) && full.initPid.value === 42);
    assert.ok(isKnown(full.ociConfig));
    // cri-dockerd tells the sandbox and the PID alone.
    const little = findingsOf(status, new Map([['info', '{"sandboxID":"a","pid":42}']]), 'CRI', 'crictl inspect x');
    assert.ok(little.ociConfig && !isKnown(little.ociConfig) && little.ociConfig.remedy);
    const none = findingsOf(status, new Map([['info', 'no JSON']]), 'CRI', 'crictl inspect x');
    assert.ok(none.initPid && !isKnown(none.initPid));
  });

  it('decodes any bytes to a message or a typed error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          for (const container of ListContainersResponse.decode(bytes).containers) containerSighting(place, container);
        } catch (error) {
          assert.ok(error instanceof RuntimeError);
        }
      }),
      { numRuns: runs(5_000) },
    );
  });
});
