// crun under Docker, containerd and rootless Podman, with the systemd driver and cgroup v2's controllers: no test machine
// has that, so it is proven on what a real host said (test/fixtures/crun).
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { dirname, join } from 'node:path';
import type { RuntimeAdapter } from '../../../src/adapters/adapter';
import { createKernelAdapter, type KernelAdapter } from '../../../src/adapters/kernel/adapter';
import { createOciAdapter } from '../../../src/adapters/oci/adapter';
import { createPodmanAdapter } from '../../../src/adapters/podman/adapter';
import type { Container } from '../../../src/model/container';
import { isKnown, valueOf } from '../../../src/model/fact';
import type { Findings } from '../../../src/model/inspection';
import type { ProcessTable } from '../../../src/model/process';
import { joinSightings } from '../../../src/store/identity';
import { crunHost, type CrunHost } from '../../support/crunHost';

const MIB = 1024 * 1024;

describe('crun on a recorded host with systemd and cgroup v2', () => {
  let host: CrunHost;
  let oci: RuntimeAdapter;
  let kernel: KernelAdapter;
  let podman: RuntimeAdapter;
  let server: Server;
  let processes: ProcessTable;
  let containers: readonly Container[];

  before(async () => {
    host = crunHost();
    const { rootless } = host.recording;
    const socket = join(host.folder, 'podman.sock');
    server = createServer(({ url = '' }, response) => {
      const body = url.includes('/containers/json')
        ? rootless.rows
        : url.includes('/info')
          ? rootless.info
          : rootless.inspect;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    const env = { XDG_RUNTIME_DIR: join(host.folder, 'run/user/1000') };
    // Where containerd's shims have their root when nothing is said: it cannot be moved, so it is named.
    oci = createOciAdapter({
      procRoot: host.proc.root,
      env,
      extraRoots: [join(host.folder, 'run/containerd/runc/default')],
    });
    kernel = createKernelAdapter({ procRoot: host.proc.root });
    podman = createPodmanAdapter({ sockets: async () => [{ path: socket, why: 'the test says so' }] });
    processes = await kernel.processTable();
    const reports = await Promise.all([podman, oci, kernel].map((adapter) => adapter.look({ processes })));
    containers = joinSightings(
      reports.flatMap(({ sightings }) => sightings),
      reports.flatMap(({ layers }) => layers),
    );
  });
  after(async () => {
    await new Promise((resolve) => server.close(resolve));
    host.remove();
  });

  function containerOf(start: string): Container {
    const found = containers.filter(({ runtimeId }) => runtimeId.startsWith(start));
    assert.deepEqual(
      found.map(({ runtimeId }) => runtimeId),
      [found[0]?.runtimeId],
      `${start} is one container`,
    );
    return found[0] as Container;
  }

  async function inspect(start: string): Promise<{ disk: Findings; inKernel: Findings }> {
    const container = containerOf(start);
    const disk = await oci.inspect({ container, processes, found: {} });
    return { disk, inKernel: await kernel.inspect({ container, processes, found: disk }) };
  }

  /** The limits, and the cgroup of each, which is not always the one that the process is in. */
  async function limitsOf(start: string): Promise<{ places: readonly string[]; limits: Record<string, unknown> }> {
    const { cgroups } = (await inspect(start)).inKernel;
    assert.ok(cgroups && isKnown(cgroups), JSON.stringify(cgroups));
    const readings = cgroups.value.controllers.flatMap((controller) => controller.readings);
    const known = readings.filter(({ file }) => /^(?:memory\.max|pids\.max|cpu\.(?:max|weight))$/.test(file));
    return {
      places: [...new Set(known.map((reading) => dirname(reading.path).slice(host.proc.cgroups.length)))],
      limits: Object.fromEntries(known.map(({ file, value, raw }) => [file, value ?? raw])),
    };
  }

  it('is one container under runtime, shim and kernel, by the PID that each names', () => {
    const { docker, containerd, rootless } = host.recording;
    for (const [start, { init }] of [
      ['ea0ccaa4', docker],
      ['crun1', containerd],
      ['840ada7e', rootless],
    ] as const) {
      const { sightings } = containerOf(start);
      const pids = sightings.flatMap(({ initPid }) => initPid ?? []);
      assert.ok(pids.length >= 2, start);
      assert.deepEqual(new Set(pids), new Set([init.pid]), start);
      assert.ok(
        sightings.some(({ layerId }) => layerId === 'oci-runtime:crun'),
        `${start} is crun's`,
      );
    }
  });

  it('tells bundle, runtime, root and driver of a container of Docker', async () => {
    const { disk } = await inspect('ea0ccaa4');
    const { status } = host.recording.docker;
    assert.equal(valueOf(disk.bundlePath), status.bundle);
    // The version is that of this machine's own program, if it has one.
    const { version: _ofThisMachine, ...runtime } = valueOf(disk.runtime) ?? {};
    assert.deepEqual(runtime, {
      runtimeName: 'io.containerd.runc.v2',
      binary: '/usr/bin/crun',
      root: join(host.folder, 'var/run/docker/runtime-runc/moby'),
      cgroupDriver: 'systemd',
    });
    assert.equal(valueOf(disk.initPid), 2234);
    assert.deepEqual(valueOf(disk.runtimeState), status);
  });

  it('knows the plain driver from the systemd one', async () => {
    assert.equal(valueOf((await inspect('crun1')).disk.runtime)?.cgroupDriver, 'cgroupfs');
    assert.equal(valueOf((await inspect('840ada7e')).disk.runtime)?.cgroupDriver, 'systemd');
  });

  it('reads limits where they are in force: above the cgroup that crun puts the process in', async () => {
    const docker = await limitsOf('ea0ccaa4');
    assert.match(docker.places.join(), /^\/system\.slice\/docker-ea0ccaa4[0-9a-f]*\.scope$/);
    assert.equal(docker.limits['memory.max'], 80 * MIB);
    assert.equal(docker.limits['cpu.weight'], 79);
    const plain = await limitsOf('crun1');
    assert.deepEqual(plain.places, ['/lab/crun1']);
    assert.equal(plain.limits['memory.max'], 48 * MIB);
    const rootless = await limitsOf('840ada7e');
    assert.match(
      rootless.places.join(),
      /^\/user\.slice\/user-1000\.slice\/user@1000\.service\/user\.slice\/libpod-840ada7e[0-9a-f]*\.scope$/,
    );
    assert.equal(rootless.limits['memory.max'], 48 * MIB);
    assert.equal(rootless.limits['pids.max'], 60);
    assert.equal(rootless.limits['cpu.max'], '50000 100000');
  });

  it('shows rootless Podman as what it is, with conmon in the shim’s place', async () => {
    const { layers, sightings } = await podman.look({ processes });
    const rootless = layers[0]?.details?.find(({ label }) => label === 'Rootless')?.fact;
    assert.equal(valueOf(rootless), 'yes');
    assert.equal(layers[0]?.version, '5.4.2');
    assert.deepEqual(sightings.map(({ name, state }) => `${name} ${state}`).sort(), [
      'r-exited exited',
      'r-keepid running',
      'r-limited running',
      'r-plain running',
    ]);
    const found = await podman.inspect({ container: containerOf('840ada7e'), processes, found: {} });
    assert.equal(valueOf(found.initPid), 4924);
    assert.equal(valueOf(found.shimPid), 4922);
    assert.deepEqual(valueOf(found.runtime), { binary: 'crun', cgroupDriver: 'systemd' });
    const { shim } = (await inspect('840ada7e')).inKernel;
    assert.ok(shim && isKnown(shim));
    assert.deepEqual([shim.value.kind, shim.value.pid], ['conmon', 4922]);
  });
});
