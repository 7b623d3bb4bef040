// A socket at a usual place of VM programs, behind which a real engine is passed on. That it runs under another kernel is made
// true by the other side: the explorer is started under the personality in which Linux tells another release of itself.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { arch, release } from 'node:os';
import { dirname, join } from 'node:path';
import { startLab, type Lab } from '../lab/lab';
import { mustRun } from '../lab/run';
import { startEngineProxy, type EngineProxy } from '../support/engineProxy';
import { buildProbe, DOCKER_GROUP, type Probe, type Seen } from '../support/unprivileged';

describe('engines at sockets of this machine that run under another kernel', function () {
  this.timeout(180_000);
  let lab: Lab;
  let probe: Probe;
  let vm: EngineProxy;
  let endpoint: string;

  before(async () => {
    lab = await startLab();
    await lab.mustDocker(['run', '--detach', '--network=none', '--name=runs', lab.image, 'sleep', '36000']);
    await lab.mustDocker(['create', '--network=none', '--name=made', lab.image, 'true']);
    probe = buildProbe();
    const socket = join(probe.folder, '.colima/work/docker.sock');
    mkdirSync(dirname(socket), { recursive: true });
    vm = await startEngineProxy(lab.dockerSocket, socket, DOCKER_GROUP);
    endpoint = `unix://${socket}`;
  });
  after(async () => {
    vm?.dispose();
    probe?.dispose();
    await lab?.stop();
  });

  /** What root is shown who has all this in the home folder, while DOCKER_HOST leads to the engine itself. */
  async function seen(kernel: 'same' | 'other', more: NodeJS.ProcessEnv = {}): Promise<Seen> {
    const [program, args] = probe.command('root', []);
    const words =
      kernel === 'same'
        ? [program, ...args]
        : ['setarch', arch() === 'x64' ? 'x86_64' : 'aarch64', '--uname-2.6', program, ...args];
    const env = { ...lab.env, HOME: probe.folder, XDG_RUNTIME_DIR: '', ...more };
    const { stdout } = await mustRun(words[0] ?? '', words.slice(1), { env });
    return JSON.parse(stdout) as Seen;
  }

  const engines = ({ inventory }: Seen): (string | undefined)[] =>
    inventory.layers.filter(({ kind }) => kind === 'engine').map((layer) => layer.endpoint);

  it('is a layer of this machine while its kernel may be ours, wherever the socket lies', async () => {
    const same = await seen('same', { CRE_AWAIT: endpoint });
    assert.deepEqual(engines(same), [`unix://${lab.dockerSocket}`, endpoint]);
    assert.deepEqual(same.others, []);
  });

  it('is a host of its own when its kernel is another, which is asked once and says why', async () => {
    const begun = vm.seen.length;
    const other = await seen('other', { CRE_LOOKS: '3' });
    // Whom the command line means stays, also where it is in a VM.
    assert.deepEqual(engines(other), [`unix://${lab.dockerSocket}`]);
    const [host, ...more] = other.others;
    assert.ok(host);
    assert.deepEqual(more, []);
    assert.deepEqual([host.name, host.endpoint, host.state], [endpoint, endpoint, 'none']);
    assert.ok(host.why.includes(`under the kernel ${release()}, the explorer under 2.6.`), host.why);
    const asked = vm.seen.slice(begun);
    for (const call of ['GET /info', 'GET /containers/json']) {
      assert.equal(asked.filter((one) => one === call).length, 1, asked.join());
    }
  });

  it('shows the containers of such a host once it is connected', async () => {
    const { others } = await seen('other', { CRE_EXPAND: '1' });
    const listed = (await lab.mustDocker(['--host', endpoint, 'ps', '--all', '--quiet', '--no-trunc'])).split('\n');
    assert.equal(listed.length, 2);
    assert.equal(others[0]?.state, 'connected');
    assert.deepEqual([...(others[0]?.containers ?? [])].sort(), listed.sort());
  });
});
