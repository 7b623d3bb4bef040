import assert from 'node:assert/strict';
import { createPodmanAdapter } from '../../src/adapters/podman/adapter';
import type { Report } from '../../src/adapters/adapter';
import { isKnown } from '../../src/model/fact';
import { joinSightings } from '../../src/store/identity';
import { asArray, memberAt } from '../../src/util/records';
import { startLab, type Lab } from '../lab/lab';
import { podmanContainer, startPodman, type PodmanLab } from '../lab/podman';
import { noProcesses } from '../support/fakeAdapter';
import { printed } from '../support/groundTruth';

describe('Podman, asked itself', () => {
  let lab: Lab;
  let podman: PodmanLab;
  const ids = new Map<string, string>();
  const adapter = createPodmanAdapter({ sockets: async () => [{ path: podman.socketPath, why: 'The test says so.' }] });

  before(async () => {
    lab = await startLab();
    podman = await startPodman(lab);
    ids.set('plain', await podmanContainer(podman, 'run', 'plain', ['--label=a=b']));
    ids.set('limited', await podmanContainer(podman, 'run', 'limited', ['--pids-limit=50']));
    ids.set('made', await podmanContainer(podman, 'create', 'made'));
    ids.set('ended', await podmanContainer(podman, 'run', 'ended', [], ['true']));
    await podman.podman('wait', 'ended');
  });
  after(async () => {
    await podman?.stop();
    await lab?.stop();
  });

  const look = (): Promise<Report> => adapter.look({ processes: noProcesses });

  it('shows what podman ps lists', async () => {
    const { layers, sightings } = await look();
    assert.deepEqual(
      layers.map(({ kind, name, status }) => [kind, name, status]),
      [['engine', 'Podman', 'ok']],
    );
    assert.equal(layers[0]?.version, (await podman.podman('version', '--format', '{{.Client.Version}}')).trim());
    const listed = asArray(JSON.parse(await podman.podman('ps', '--all', '--format', 'json')));
    const lines = listed.map((row) => [
      memberAt(row, 'Id'),
      asArray(memberAt(row, 'Names'))[0],
      memberAt(row, 'State'),
    ]);
    assert.deepEqual(
      sightings.map(({ runtimeId, name, state }) => `${runtimeId} ${name} ${state}`).sort(),
      lines.map((line) => line.join(' ')).sort(),
    );
    assert.equal(sightings.find(({ name }) => name === 'plain')?.labels?.get('a'), 'b');
  });

  it('names conmon, init and bundle as ps and podman inspect do', async () => {
    const { layers, sightings } = await look();
    for (const container of joinSightings(sightings, layers)) {
      const found = await adapter.inspect({ container, processes: noProcesses, found: {} });
      const [pid, conmon, config] = (
        await podman.podman(
          'inspect',
          '--format',
          '{{.State.Pid}} {{.State.ConmonPid}} {{.OCIConfigPath}}',
          container.runtimeId,
        )
      ).split(' ');
      if (container.state !== 'running') {
        assert.ok(found.initPid && !isKnown(found.initPid), `${container.name} has no init`);
        continue;
      }
      assert.ok(
        isKnown(found.initPid) && isKnown(found.shimPid) && isKnown(found.bundlePath) && isKnown(found.runtime),
      );
      assert.equal(String(found.initPid.value), pid);
      assert.equal(String(found.shimPid.value), conmon);
      assert.equal(`${found.bundlePath.value}/config.json`, config);
      assert.equal(found.runtime.value.binary, 'runc');
      assert.equal(
        (await printed('ps', '-o', 'ppid=', '-p', String(pid))).trim(),
        conmon,
        'conmon is the parent of init',
      );
    }
  });

  it('stays visible with the reason when its service has ended', async () => {
    const gone = createPodmanAdapter({ sockets: async () => [{ path: `${lab.dir}/none.sock`, why: 'A test.' }] });
    const { layers } = await gone.look({ processes: noProcesses });
    assert.deepEqual(
      layers.map(({ status, problem }) => [status, problem?.code]),
      [['failed', 'absent']],
    );
    assert.match(layers[0]?.problem?.remedy ?? '', /podman\.socket/);
  });
});
