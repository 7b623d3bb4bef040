import assert from 'node:assert/strict';
import fc from 'fast-check';
import { predictSpec } from '../../../src/model/predictedSpec';

describe('predicting a spec from an engine record', () => {
  it('holds what the record determines, and nothing else', () => {
    const spec = predictSpec({
      Path: 'sleep',
      Args: ['1000'],
      Config: { Env: ['A=b'], WorkingDir: '', Hostname: 'box', Tty: false },
      HostConfig: {
        Memory: 67108864,
        MemorySwap: -1,
        NanoCpus: 500_000_000,
        CapAdd: ['NET_ADMIN'],
        CapDrop: ['ALL'],
        PidMode: 'host',
        NetworkMode: 'none',
        CgroupnsMode: 'host',
        Ulimits: [{ Name: 'nofile', Soft: 10, Hard: 20 }],
      },
    }) as Record<string, Record<string, unknown>>;
    assert.deepEqual(spec.process?.args, ['sleep', '1000']);
    assert.deepEqual(spec.process?.capabilities, {
      bounding: ['CAP_NET_ADMIN'],
      effective: ['CAP_NET_ADMIN'],
      permitted: ['CAP_NET_ADMIN'],
    });
    assert.deepEqual(spec.process?.rlimits, [{ type: 'RLIMIT_NOFILE', hard: 20, soft: 10 }]);
    assert.deepEqual(spec.linux?.resources, { memory: { limit: 67108864 }, cpu: { quota: 50000, period: 100000 } });
    assert.deepEqual(
      (spec.linux?.namespaces as { type: string }[]).map((namespace) => namespace.type),
      ['mount', 'network', 'uts', 'ipc'],
    );
  });

  it('answers undefined to what is no record, and never throws', () => {
    assert.equal(predictSpec(undefined), undefined);
    assert.equal(predictSpec({ Config: {} }), undefined);
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (config, host) => {
        predictSpec({ Config: config, HostConfig: host, Mounts: host, Args: config });
      }),
    );
  });
});
