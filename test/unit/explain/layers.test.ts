import assert from 'node:assert/strict';
import { explainApiCall } from '../../../src/explain/apiCalls';
import { explainContainer } from '../../../src/explain/containers';
import { explainFact } from '../../../src/explain/facts';
import { explainLayer } from '../../../src/explain/layers';
import type { ApiCall } from '../../../src/model/apiCall';
import type { Container, ContainerState } from '../../../src/model/container';
import { LAYER_KINDS, type LayerReport } from '../../../src/model/layer';

describe('explanations of layers', () => {
  const layer = (more: Partial<LayerReport>): LayerReport => ({
    id: 'kernel',
    kind: 'kernel',
    name: 'name',
    status: 'ok',
    details: [],
    ...more,
  });

  it('say of each kind what it is and what survives its end', () => {
    const texts = LAYER_KINDS.map((kind) => explainLayer(layer({ kind, id: kind })));
    assert.equal(new Set(texts.map(({ meaning }) => meaning)).size, LAYER_KINDS.length);
    for (const { consequence, references } of texts) {
      assert.match(consequence ?? '', /\bend|killed|restarted|nothing\b/i);
      assert.ok(references.every(({ url }) => url.startsWith('https://')));
    }
  });

  it('tell Podman from Docker', () => {
    assert.match(explainLayer(layer({ kind: 'engine', name: 'Podman' })).meaning, /no daemon/);
    assert.match(explainLayer(layer({ kind: 'engine', name: 'Docker Engine' })).meaning, /dockerd/);
  });

  it('know whom a containerd namespace belongs to', () => {
    const of = (containerdNamespace: string): string | undefined =>
      explainLayer(layer({ kind: 'containerd', containerdNamespace })).valueInWords;
    assert.match(of('moby') ?? '', /Docker/);
    assert.match(of('k8s.io') ?? '', /Kubernetes/);
    assert.match(of('default') ?? '', /ctr/);
    assert.match(of('moby-231072.231072') ?? '', /userns-remap/);
    assert.equal(of('mine'), undefined);
    assert.equal(of('__proto__'), undefined);
  });

  it('offer no command with a name that a shell would misread', () => {
    const { check } = explainLayer(layer({ kind: 'containerd', containerdNamespace: '$(id)' }));
    assert.doesNotMatch(check ?? '', /\$\(id\)/);
  });
});

describe('explanations of containers', () => {
  const container = (state: ContainerState, layers: readonly string[], because: readonly string[] = []): Container => ({
    id: 'a',
    runtimeId: 'a',
    name: 'web',
    state,
    labels: new Map(),
    layers,
    sightings: layers.map((layerId) => ({ layerId, runtimeId: 'a' })),
    letGo: because.map((text) => ({ layerId: 'shim', because: text })),
  });

  it('say what a layer holds of a running one', () => {
    const text = explainContainer(container('running', ['engine:unix:///x', 'shim', 'kernel']), 'shim');
    assert.match(text.meaning, /parent of its processes/);
    assert.doesNotMatch(text.meaning, /nothing now/);
    assert.equal(text.consequence, undefined);
  });

  it('say which layers have let go of an ended one, and why', () => {
    const ended = container('exited', ['engine:unix:///x'], ['The shim ended with it.']);
    assert.match(explainContainer(ended, 'containerd').consequence ?? '', /deletes it at the end/);
    assert.match(explainContainer(ended, 'containerd').meaning, /nothing now/);
    assert.match(explainContainer(ended, 'engine').consequence ?? '', /The shim ended with it\./);
  });
});

describe('explanations of facts', () => {
  it('exist for each', () => {
    for (const name of ['initPid', 'shim', 'cgroups', 'ociConfig', 'criRecord'] as const)
      assert.ok(explainFact(name).meaning.length > 20);
  });
});

describe('explanations of API calls', () => {
  const call = (more: Partial<ApiCall>): ApiCall => ({
    seq: 1,
    from: 'client',
    to: 'dockerd',
    protocol: 'http',
    method: 'POST',
    target: '/',
    evidence: 'recorded',
    because: '',
    meaning: '',
    ...more,
  });

  it('find the endpoint behind version and query, and link to that version', () => {
    const create = explainApiCall(call({ target: '/v1.41/containers/create?name=web' }));
    assert.match(create?.meaning ?? '', /writable layer/);
    assert.equal(
      create?.references[0]?.url,
      'https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerCreate',
    );
    assert.match(explainApiCall(call({ target: '/containers/abc/start' }))?.meaning ?? '', /containerd/);
    assert.match(explainApiCall(call({ method: 'HEAD', target: '/_ping' }))?.meaning ?? '', /engine is there/);
    assert.match(explainApiCall(call({ method: 'GET', target: '/v1.41/containers/a/json' }))?.meaning ?? '', /inspect/);
    assert.equal(explainApiCall(call({ target: '/v1.41/unheard/of' })), undefined);
  });

  it('know Podman’s own endpoints', () => {
    const create = explainApiCall(call({ to: 'podman', target: '/v4.0.0/libpod/containers/create' }));
    assert.match(create?.references[0]?.label ?? '', /Podman/);
  });

  it('know RPC by service and method', () => {
    const rpc = (method: string, protocol: 'grpc' | 'ttrpc' = 'grpc'): string | undefined =>
      explainApiCall(call({ protocol, method }))?.meaning;
    assert.match(rpc('containerd.services.tasks.v1.Tasks/Create') ?? '', /shim/);
    assert.match(rpc('/containerd.services.containers.v1.Containers/Create') ?? '', /record/);
    assert.match(rpc('containerd.task.v2.Task/Start', 'ttrpc') ?? '', /shim/);
    assert.match(rpc('runtime.v1.RuntimeService/RunPodSandbox') ?? '', /pause container/);
    assert.equal(rpc('nonsense'), undefined);
  });

  it('know commands and system calls', () => {
    const of = (more: Partial<ApiCall>): string | undefined => explainApiCall(call(more))?.meaning;
    assert.match(
      of({ protocol: 'exec', to: 'runc', method: 'runc', target: 'runc --root /r create --bundle /b id' }) ?? '',
      /runc init/,
    );
    assert.match(
      of({ protocol: 'exec', to: 'shim', method: '/usr/bin/containerd-shim-runc-v2', target: '' }) ?? '',
      /cuts itself loose/,
    );
    assert.match(of({ protocol: 'syscall', method: 'mount, pivot_root' }) ?? '', /root of the mount namespace/);
    assert.equal(of({ protocol: 'syscall', method: 'nonsense' }), undefined);
  });
});
