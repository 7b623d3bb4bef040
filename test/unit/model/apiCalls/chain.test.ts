import assert from 'node:assert/strict';
import fc from 'fast-check';
import { buildApiCalls } from '../../../../src/model/apiCalls/chain';
import type { ApiCall } from '../../../../src/model/apiCall';
import type { Container } from '../../../../src/model/container';
import type { ContainerFacts } from '../../../../src/model/inspection';
import { MASK } from '../../../../src/model/secrets';
import { memberAt } from '../../../../src/util/records';
import { fact, ID, pageInput } from '../../views/panels/inspections';

const BUNDLE = `/run/containerd/io.containerd.runtime.v2.task/moby/${ID}`;
const NEVER = '0001-01-01T00:00:00Z';
const ENGINE = fact({ endpoint: 'unix:///d.sock', apiVersion: '1.41', serverVersion: '20.10.24', info: {} });
const MOBY = { layerId: 'containerd:/c.sock:moby', runtimeId: ID, containerdNamespace: 'moby' };

function record(state: object, config: object = {}, host: object = {}): object {
  return {
    Id: ID,
    Name: '/web',
    Created: '2026-01-01T10:00:00.123456789Z',
    Config: { Image: 'busybox:1', ...config },
    HostConfig: host,
    State: { Status: 'created', StartedAt: NEVER, FinishedAt: NEVER, Pid: 0, ...state },
  };
}
const RUNNING = record({ Status: 'running', StartedAt: '2026-01-01T10:00:01.5Z', Pid: 4711 });
const SPEC = {
  process: { args: ['serve', '--password=hunter2'], cwd: '/', env: ['DB_PASSWORD=hunter2'] },
  root: { path: '/merged' },
  mounts: [{ destination: '/proc' }],
  linux: {
    cgroupsPath: '/docker/x',
    namespaces: [{ type: 'pid' }, { type: 'network', path: '/proc/1/ns/net' }],
    resources: { memory: { limit: 1024 } },
  },
};
const BELOW: Partial<ContainerFacts> = {
  initPid: fact(4711),
  bundlePath: fact(BUNDLE),
  ociConfig: fact(SPEC),
  runtime: fact({ runtimeName: 'io.containerd.runc.v2', binary: 'runc', root: '/run/docker/runtime-runc' }),
};

function chain(
  facts: Partial<ContainerFacts>,
  more: { layers?: Container['layers']; sightings?: Container['sightings']; reveal?: boolean } = {},
): readonly ApiCall[] {
  const { container, inspection } = pageInput(facts);
  assert.ok(container);
  const { layers = container.layers, sightings = container.sightings, reveal = false } = more;
  return buildApiCalls({ container: { ...container, layers, sightings }, facts: inspection.facts, reveal });
}

const said = (calls: readonly ApiCall[]): string[] =>
  calls.map(({ from, to, method, target }) => {
    const path = target.replace(/\?.*/, '').replace(ID, 'ID').replace('/v1.41', '');
    return `${from} → ${to}: ${/^[A-Z]+$/.test(method) ? `${method} ${path}` : method}`;
  });

describe('the chain of calls', () => {
  it('ends with the create call for a container that was never started', () => {
    const calls = chain({ engine: ENGINE, engineRecord: fact(record({})) });
    assert.deepEqual(said(calls), ['client → dockerd: HEAD /_ping', 'client → dockerd: POST /containers/create']);
    assert.equal(calls[1]?.at, '2026-01-01T10:00:00.123Z');
  });

  it('goes from the client to execve for one that runs', () => {
    const calls = chain(
      { ...BELOW, engine: ENGINE, engineRecord: fact(RUNNING) },
      { layers: ['engine:unix:///d.sock', MOBY.layerId], sightings: [MOBY] },
    );
    assert.deepEqual(said(calls), [
      'client → dockerd: HEAD /_ping',
      'client → dockerd: POST /containers/create',
      'client → dockerd: POST /containers/ID/wait',
      'client → dockerd: POST /containers/ID/start',
      'dockerd → containerd: containerd.services.containers.v1.Containers/Create',
      'dockerd → containerd: containerd.services.tasks.v1.Tasks/Create',
      'dockerd → containerd: containerd.services.tasks.v1.Tasks/Start',
      'containerd → shim: containerd-shim-runc-v2',
      'containerd → shim: containerd.task.v2.Task/Create',
      'containerd → shim: containerd.task.v2.Task/Start',
      'shim → runc: runc',
      'shim → runc: runc',
      'runc → kernel: setns',
      'runc → kernel: clone / unshare',
      'runc → kernel: write',
      'runc → kernel: mount, pivot_root',
      'runc → kernel: execve',
    ]);
    assert.deepEqual(
      calls.filter(({ protocol, to }) => protocol === 'exec' && to === 'runc').map(({ target }) => target),
      [
        `runc --root /run/docker/runtime-runc/moby --log ${BUNDLE}/log.json --log-format json create --bundle ${BUNDLE} --pid-file ${BUNDLE}/init.pid ${ID}`,
        `runc --root /run/docker/runtime-runc/moby --log ${BUNDLE}/log.json --log-format json start ${ID}`,
      ],
    );
    assert.ok(
      calls.every(({ evidence }) => evidence === 'reconstructed'),
      'nothing was seen',
    );
  });

  it('is masked until revealed', () => {
    const facts = { ...BELOW, engine: ENGINE, engineRecord: fact(record({}, { Env: ['DB_PASSWORD=hunter2'] })) };
    const running = { ...facts, engineRecord: fact({ ...RUNNING, Config: { Env: ['DB_PASSWORD=hunter2'] } }) };
    for (const each of [facts, running]) {
      assert.ok(!JSON.stringify(chain(each)).includes('hunter2'));
      assert.ok(JSON.stringify(chain(each)).includes(MASK));
      assert.ok(JSON.stringify(chain(each, { reveal: true })).includes('hunter2'));
    }
  });

  it('shows the streams of a run in the foreground', () => {
    const attached = { ...RUNNING, Config: { AttachStdout: true, AttachStdin: true } };
    const attach = chain({ engine: ENGINE, engineRecord: fact(attached) }).find(({ target }) => /attach/.test(target));
    assert.match(attach?.target ?? '', /\?stream=1&stdin=1&stdout=1&stderr=1$/);
  });

  it('is observed where events show it, at their time', () => {
    const nano = Date.UTC(2026, 0, 1, 11) * 1e6;
    const engineEvents = fact([
      { Action: 'create', timeNano: nano },
      { Action: 'start', timeNano: nano + 1e9 },
      { Action: 'start', timeNano: String(nano + 5e9) },
      { Action: 'top', timeNano: nano + 6e9 },
      { odd: true },
      null,
    ]);
    const calls = chain({ engine: ENGINE, engineRecord: fact(RUNNING), engineEvents });
    const observed = calls.filter(({ evidence }) => evidence === 'observed');
    assert.deepEqual(
      observed.map(({ target, at }) => [target.replace(/.*\/|\?.*/g, ''), at]),
      [
        ['create', '2026-01-01T11:00:00.000Z'],
        ['start', '2026-01-01T11:00:05.000Z'],
      ],
    );
    assert.ok(observed.every(({ because }) => because.includes('Event container/')));
  });

  it('goes on to what is deleted when it has ended', () => {
    const ended = record({ Status: 'exited', StartedAt: '2026-01-01T10:00:01Z', FinishedAt: '2026-01-01T10:00:09Z' });
    const calls = chain({ engine: ENGINE, engineRecord: fact(ended) });
    assert.deepEqual(said(calls).slice(-2), [
      'dockerd → containerd: containerd.services.tasks.v1.Tasks/Delete',
      'dockerd → containerd: containerd.services.containers.v1.Containers/Delete',
    ]);
    assert.equal(calls.at(-1)?.at, '2026-01-01T10:00:09.000Z');
  });

  it('begins at containerd where no engine knows the container', () => {
    const sightings = [{ ...MOBY, layerId: 'containerd:/c.sock:default', containerdNamespace: 'default' }];
    const calls = chain(BELOW, { layers: ['containerd:/c.sock:default'], sightings });
    assert.equal(said(calls)[0], 'client → containerd: containerd.services.containers.v1.Containers/Create');
    assert.match(calls[0]?.target ?? '', /^unix:\/\/\/c\.sock \(containerd-namespace: default\)$/);
  });

  it('begins at the kubelet for CRI, with the config that CRI keeps', () => {
    const config = { metadata: { name: 'web' }, envs: [{ key: 'DB_PASSWORD', value: 'hunter2' }] };
    const calls = chain(
      { ...BELOW, criRecord: fact({ info: { config } }) },
      { sightings: [{ ...MOBY, containerdNamespace: 'k8s.io', layerId: 'containerd:/c.sock:k8s.io' }] },
    );
    assert.deepEqual(said(calls).slice(0, 3), [
      'kubelet → cri: runtime.v1.RuntimeService/CreateContainer',
      'kubelet → cri: runtime.v1.RuntimeService/StartContainer',
      'cri → containerd: containerd.services.containers.v1.Containers/Create',
    ]);
    assert.deepEqual(memberAt(calls[0]?.payload, 'config', 'envs'), [{ key: 'DB_PASSWORD', value: MASK }]);
  });

  it('has conmon in the place of the shim for Podman, and the command line as it was typed', () => {
    const podman = {
      Config: { CreateCommand: ['podman', 'run', '-e', 'DB_PASSWORD=hunter2', 'busybox'] },
      State: { StartedAt: '2026-01-01T10:00:01Z' },
    };
    const calls = chain(
      { ...BELOW, engineRecord: fact(podman), runtime: fact({ binary: '/usr/bin/crun' }) },
      { layers: ['engine:podman:unix:///p.sock'] },
    );
    assert.equal(calls[0]?.evidence, 'recorded');
    assert.ok(calls[0]?.target.includes('DB_PASSWORD=') && !calls[0].target.includes('hunter2'));
    assert.deepEqual(
      calls.slice(0, 4).map(({ from, to }) => `${from} → ${to}`),
      ['client → podman', 'podman → conmon', 'conmon → crun', 'podman → crun'],
    );
  });

  it('names the OCI runtime by its own name, and none for a shim that calls what it likes', () => {
    const partiesOf = (binary: string): readonly string[] => [
      ...new Set(
        chain({ ...BELOW, runtime: fact({ binary }) }, { layers: [MOBY.layerId], sightings: [MOBY] })
          .filter(({ from, to }) => to === 'kernel' || from === 'shim')
          .map(({ from, to }) => `${from} → ${to}`),
      ),
    ];
    for (const [binary, name] of [
      ['runc', 'runc'],
      ['/usr/bin/crun', 'crun'],
      ['/usr/local/bin/youki', 'youki'],
      ['runsc', 'runsc'],
      ['/opt/my-runc', 'OCI runtime'],
      ['nvidia-container-runtime', 'OCI runtime'],
    ] as const) {
      assert.deepEqual(partiesOf(binary), [`shim → ${name}`, `${name} → kernel`], binary);
    }
    assert.deepEqual(partiesOf('containerd-shim-kata-v2'), []);
  });

  it('is numbered, says what it means and why it is believed, whatever the facts', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (any, other) => {
        const calls = chain({
          ...BELOW,
          engine: ENGINE,
          engineRecord: fact({ ...RUNNING, Config: any, HostConfig: other }),
          engineImage: fact({ Config: other }),
          ociConfig: fact(any),
          containerdRecord: fact(other),
          engineEvents: fact([any, other]),
        });
        calls.forEach((call, index) => {
          assert.equal(call.seq, index + 1);
          assert.ok(call.meaning && call.because && call.method);
        });
      }),
    );
  });
});
