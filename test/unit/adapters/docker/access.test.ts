import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { denialOf, type SocketAccess } from '../../../../src/adapters/docker/access';
import type { DockerEndpoint } from '../../../../src/adapters/docker/endpoints';
import { RuntimeError, type Problem } from '../../../../src/model/problem';
import { eventually } from '../../../support/fakeAdapter';
import { clientFor, FakeEngine, unixEndpoint } from '../../../support/fakeEngine';
import { CERTIFICATE, KEY } from './tlsFiles';

/** The problem a ping of an endpoint ends with; undefined when it is answered. */
async function ping(endpoint: DockerEndpoint): Promise<Problem | undefined> {
  const client = clientFor(endpoint);
  try {
    await client.ping();
    return undefined;
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    return error.problem;
  } finally {
    client.dispose();
  }
}

describe('why an engine cannot be reached', () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cre-access-'));
    chmodSync(folder, 0o755);
    path = join(folder, 'docker.sock');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function expectProblem(code: Problem['code'], reason: RegExp): Promise<void> {
    const problem = await ping(unixEndpoint(path));
    assert.equal(problem?.code, code, problem?.reason);
    assert.match(problem?.reason ?? '', reason);
    assert.ok(problem?.reason.includes(path), 'it names the socket');
    assert.ok(problem?.remedy, 'it says what helps');
    assert.doesNotMatch(`${problem?.reason} ${problem?.remedy}`, /chmod|666|sudo/);
  }

  it('nothing is there', () => expectProblem('absent', /ENOENT/));

  it('nothing is there, and a rootless engine of the same user elsewhere', async () => {
    const before = process.env.XDG_RUNTIME_DIR;
    const runtimeDir = join(folder, 'run');
    mkdirSync(runtimeDir);
    const rootless = await FakeEngine.start(join(runtimeDir, 'docker.sock'));
    try {
      process.env.XDG_RUNTIME_DIR = runtimeDir;
      const problem = await ping(unixEndpoint(path));
      assert.equal(problem?.code, 'absent');
      assert.ok(problem.remedy?.includes(`unix://${runtimeDir}/docker.sock`), problem.remedy);
    } finally {
      if (before === undefined) delete process.env.XDG_RUNTIME_DIR;
      else process.env.XDG_RUNTIME_DIR = before;
      await rootless.stop();
    }
  });

  it('the socket was removed, and recovery follows its return', async () => {
    const first = await FakeEngine.start(path);
    const client = clientFor(unixEndpoint(path));
    try {
      await client.list();
      await first.stop();
      await assert.rejects(client.list(), (error: RuntimeError) => error.problem.code === 'absent');
      const second = await FakeEngine.start(path);
      try {
        assert.deepEqual(await client.list(), []);
      } finally {
        await second.stop();
      }
    } finally {
      client.dispose();
    }
  });

  it('a dangling link', async () => {
    symlinkSync(join(folder, 'nowhere'), path);
    await expectProblem('absent', /ENOENT/);
  });

  it('a file that is no socket', async () => {
    writeFileSync(path, '');
    await expectProblem('refused', /no socket/);
  });

  it('a folder', async () => {
    mkdirSync(path);
    await expectProblem('refused', /no socket/);
  });

  it('a file in place of a folder', async () => {
    writeFileSync(path, '');
    const problem = await ping(unixEndpoint(join(path, 'docker.sock')));
    assert.equal(problem?.code, 'refused');
  });

  it('an engine that was killed and left its socket behind', async () => {
    const child = await listeningProcess(path);
    await child.end();
    await expectProblem('refused', /nobody listens on it \(ECONNREFUSED\)/);
  });

  it('an engine that is stopped, its queue full', async () => {
    const child = await listeningProcess(path);
    const waiting: Socket[] = [];
    try {
      process.kill(child.pid, 'SIGSTOP');
      await eventually(() => stateOf(child.pid) === 'T', 'it is stopped');
      let refusal: unknown;
      for (let tries = 0; tries < 50 && refusal === undefined; tries++) {
        refusal = await new Promise((resolve) => {
          const socket = connect(path);
          waiting.push(socket);
          socket.once('connect', () => resolve(undefined));
          socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
        });
      }
      assert.equal(refusal, 'EAGAIN', 'its queue is full');
      await expectProblem('refused', /queue.*EAGAIN/);
    } finally {
      for (const socket of waiting) socket.destroy();
      await child.end();
    }
  });

  it('a socket that nobody may use', async () => {
    const engine = await FakeEngine.start(path);
    try {
      chmodSync(path, 0);
      await asNobody(() => expectProblem('denied', /Only .* may use the socket/));
    } finally {
      await engine.stop();
    }
  });

  it('a socket of a group, named from /etc/group', async () => {
    const engine = await FakeEngine.start(path);
    try {
      const group = groupWithoutMembers();
      if (process.getuid?.() === 0) chownSync(path, 0, group.gid);
      else chmodSync(path, 0);
      chmodSync(path, process.getuid?.() === 0 ? 0o660 : 0);
      // Who is not root cannot give a socket to a group of others: then the owner is named instead.
      const reason = process.getuid?.() === 0 ? new RegExp(`open to the group ${group.name},.* is not in it`) : /Only/;
      await asNobody(() => expectProblem('denied', reason));
    } finally {
      await engine.stop();
    }
  });

  it('a folder on the way that is closed', async () => {
    const engine = await FakeEngine.start(path);
    try {
      chmodSync(folder, 0);
      await asNobody(() => expectProblem('denied', /folder on the way/));
    } finally {
      chmodSync(folder, 0o755);
      await engine.stop();
    }
  });

  it('nobody listens on a port', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const problem = await ping(tcpEndpoint(port, false));
    assert.equal(problem?.code, 'refused');
    assert.match(problem?.reason ?? '', new RegExp(`nobody listens at tcp://127\\.0\\.0\\.1:${port}`));
  });

  describe('over TLS', () => {
    const server = createTlsServer({ key: KEY, cert: CERTIFICATE }, (_, response) => {
      response.setHeader('Api-Version', '1.44');
      response.end('OK');
    });
    let port: number;

    before(async () => {
      server.on('tlsClientError', () => undefined);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      port = (server.address() as AddressInfo).port;
    });
    after(() => new Promise((resolve) => server.close(resolve)));

    it('an unknown certificate is refused', async () => {
      const problem = await ping(tcpEndpoint(port, true));
      assert.equal(problem?.code, 'refused');
      assert.match(problem?.reason ?? '', /not signed by an authority of this machine \(DEPTH_ZERO_SELF_SIGNED_CERT\)/);
      assert.match(problem?.remedy ?? '', /ca\.pem/);
    });

    it('the files of the endpoint are used', async () => {
      writeFileSync(join(folder, 'ca.pem'), CERTIFICATE);
      writeFileSync(join(folder, 'cert.pem'), CERTIFICATE);
      writeFileSync(join(folder, 'key.pem'), KEY);
      assert.equal(await ping({ ...tcpEndpoint(port, true), tlsFolder: folder }), undefined);
    });

    it('nothing is verified where the user says so', async () => {
      assert.equal(await ping({ ...tcpEndpoint(port, true), skipTlsVerify: true }), undefined);
    });

    it('an engine without TLS is told as such', async () => {
      const plain = createServer((socket) => {
        socket.on('error', () => undefined);
        socket.resume();
        socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
      });
      await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
      try {
        const problem = await ping(tcpEndpoint((plain.address() as AddressInfo).port, true));
        assert.equal(problem?.code, 'refused');
        assert.match(problem?.reason ?? '', /TLS handshake/);
      } finally {
        await new Promise((resolve) => plain.close(resolve));
      }
    });
  });

  it('ssh is not run before the user has allowed its very command line', async () => {
    const endpoint: DockerEndpoint = {
      url: 'ssh://me@engine.example.test',
      address: { kind: 'ssh', user: 'me', host: 'engine.example.test' },
      why: 'DOCKER_HOST names it.',
      named: true,
      current: true,
    };
    const problem = await ping(endpoint);
    assert.equal(problem?.code, 'denied');
    assert.match(problem?.reason ?? '', /ssh -T .* -- engine\.example\.test docker system dial-stdio/);
    assert.match(problem?.remedy ?? '', /Remote - SSH/);
  });
});

describe('who may use a socket', () => {
  const socket: SocketAccess = {
    path: '/run/docker.sock',
    uid: 0,
    gid: 998,
    mode: 0o140660,
    group: { name: 'docker', members: ['ann'] },
  };
  const ann = { name: 'ann', uid: 1000, activeGroups: [1000] };
  const bob = { name: 'bob', uid: 1001, activeGroups: [1001] };

  it('one who is not in the group is told how to join it, and what that means', () => {
    const { reason, remedy } = denialOf(socket, bob);
    assert.match(reason, /open to the group docker, and the user bob is not in it/);
    assert.match(remedy, /usermod -aG docker bob.*can become root.*rootless/);
  });

  it('one who has joined since is told to log in anew', () => {
    const { reason, remedy } = denialOf(socket, ann);
    assert.match(reason, /ann has joined it, but this session began before that/);
    assert.match(remedy, /Log in anew.*newgrp docker/);
  });

  it('one who is in the group is told of folders and security modules', () => {
    const { reason, remedy } = denialOf(socket, { ...ann, activeGroups: [998] });
    assert.match(reason, /is in it, yet the kernel refuses/);
    assert.match(remedy, /namei -l \/run\/docker\.sock/);
  });

  it('nobody is told to join the group root, or one that may not connect, or one without a name', () => {
    for (const other of [
      { ...socket, gid: 0, group: { name: 'root', members: [] } },
      { ...socket, mode: 0o140600 },
      { ...socket, group: undefined },
    ]) {
      const { reason, remedy } = denialOf(other, bob);
      assert.match(reason, /Only root may use the socket/);
      assert.doesNotMatch(remedy, /usermod/);
    }
  });

  it('hostile names stay one word of a command', () => {
    const { remedy } = denialOf({ ...socket, path: "/a'; reboot", mode: 0 }, bob);
    assert.match(remedy, /namei -l '\/a'\\''; reboot'/);
  });
});

/** Runs as a user without rights where the tests run as root, to whom nothing is denied. */
async function asNobody(work: () => Promise<void>): Promise<void> {
  const { getuid, setegid, seteuid, getgroups, setgroups } = process;
  if (getuid?.() !== 0 || !setegid || !seteuid || !getgroups || !setgroups) return work();
  const groups = getgroups();
  setgroups([]);
  setegid(65_534);
  seteuid(65_534);
  try {
    await work();
  } finally {
    seteuid(0);
    setegid(0);
    setgroups(groups);
  }
}

/** A process that listens on a socket, with room for one waiting connection. `end` kills it, so the socket stays behind. */
async function listeningProcess(path: string): Promise<{ pid: number; end(): Promise<void> }> {
  const script = `require('net').createServer().listen({ path: ${JSON.stringify(path)}, backlog: 1 }, () => console.log())`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  // The socket is there before anybody listens on it: only the process itself knows when it does.
  await new Promise((resolve) => child.stdout.once('data', resolve));
  assert.ok(child.pid);
  return {
    pid: child.pid,
    end: () => {
      child.kill('SIGKILL');
      return ended;
    },
  };
}

/** Any group of this machine that the user nobody is not in. */
function groupWithoutMembers(): { name: string; gid: number } {
  for (const line of readFileSync('/etc/group', 'utf8').split('\n')) {
    const [name, , gid, members] = line.split(':');
    if (name && members === '' && Number(gid) > 0 && Number(gid) !== 65_534) return { name, gid: Number(gid) };
  }
  throw new Error('every group has members');
}

function tcpEndpoint(port: number, tls: boolean): DockerEndpoint {
  return {
    url: `tcp://127.0.0.1:${port}`,
    address: { kind: 'tcp', host: '127.0.0.1', port, tls },
    why: 'The test says so.',
    named: true,
    current: true,
  };
}

function stateOf(pid: number | undefined): string | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[0];
}
