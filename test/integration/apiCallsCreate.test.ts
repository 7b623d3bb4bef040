import assert from 'node:assert/strict';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { createCopies, type CallTarget } from '../../src/model/apiCalls/copies';
import { dockerodeCall } from '../../src/model/apiCalls/replay';
import { daemonDefaults, rebuildCreateRequest, type CreateRequest } from '../../src/model/apiCalls/createRequest';
import { mapPooled } from '../../src/util/pool';
import { asArray, asRecord, asString, asStrings, memberAt, type UnknownRecord } from '../../src/util/records';
import { startLab, type Lab } from '../lab/lab';
import { mustRun, run } from '../lab/run';
import { sayNotRun } from '../support/notRun';
import { dockerCorpus, HOSTILE_TEXTS, RICH_IMAGE_CHANGES, type CorpusLine } from '../support/dockerCorpus';

/** Where Debian puts Docker's SDK for Go. */
const GO_SDK = '/usr/share/gocode/src/github.com/docker/docker/client';

/*
 * The truth is the engine: what a copied call makes must look, to `docker inspect`, like what it was copied from.
 */
describe('calls copied from a container', () => {
  let lab: Lab;
  let target: CallTarget;
  let info: unknown;
  let canary: string;
  const rich = 'lab/rich:1';
  const images = new Map<string, unknown>();

  before(async () => {
    lab = await startLab();
    const folder = join(lab.dir, 'shared');
    mkdirSync(folder);
    canary = join(lab.dir, 'canary');
    await lab.mustDocker(['create', '--name=peer', '--network=none', '--ipc=shareable', '--volume=/peer', lab.image]);
    await lab.mustDocker(['commit', ...RICH_IMAGE_CHANGES.flatMap((change) => ['--change', change]), 'peer', rich]);
    info = JSON.parse(await lab.mustDocker(['info', '--format', '{{json .}}']));
    const apiVersion = await lab.mustDocker(['version', '--format', '{{.Server.APIVersion}}']);
    target = { endpoint: `unix://${lab.dockerSocket}`, apiVersion };
    for (const image of [lab.image, rich]) images.set(image, await first(['image', 'inspect', image]));
  });
  after(async () => {
    await lab?.stop();
  });

  async function first(args: readonly string[]): Promise<unknown> {
    return asArray(JSON.parse(await lab.mustDocker(args)))[0];
  }

  const inspect = (name: string): Promise<unknown> => first(['inspect', '--type=container', name]);

  async function remove(...names: string[]): Promise<void> {
    await lab.docker(['rm', '--force', '--volumes', ...names]);
  }

  function rebuild(record: unknown, name: string): CreateRequest {
    const image = images.get(asString(memberAt(record, 'Config', 'Image')) ?? '');
    const request = rebuildCreateRequest(record, image, daemonDefaults(info));
    assert.ok(request);
    return { ...request, name };
  }

  /** Pastes a copy into a shell; returns what went wrong. */
  async function paste(shell: string, label: string, request: CreateRequest): Promise<string> {
    const text = createCopies(request, target, true)[label];
    assert.ok(text);
    const { code, stdout, stderr } = await run(shell, ['-c', text], { env: lab.env });
    // curl itself is content with an answer that says no.
    const isRefused = label === 'curl' && !stdout.includes('"Id"');
    return code === 0 && !isRefused ? '' : `${code} ${stdout} ${stderr}\n${text}`;
  }

  async function sendRaw(request: CreateRequest): Promise<string> {
    const answer = await send(lab.dockerSocket, createCopies(request, target, true)['Raw HTTP'] ?? '');
    return answer.startsWith('HTTP/1.1 201 ') ? '' : answer;
  }

  const ways: Readonly<Record<string, (request: CreateRequest) => Promise<string>>> = {
    curl: (request) => paste('sh', 'curl', request),
    create: (request) => paste('sh', 'docker create', request),
    bash: (request) => paste('bash', 'docker create', request),
    http: sendRaw,
  };

  /** Makes the container of a line, copies it in every way, and tells what differs. Undefined when the engine refuses the line. */
  async function differences(
    name: string,
    { options, image = 'lab', command = [] }: CorpusLine,
  ): Promise<string[] | undefined> {
    // Engines without a bridge, such as the lab's, may refuse the default network.
    const hasNetwork = options.some((option) => /^--(network|publish|add-host|dns)/.test(option));
    const made = await lab.docker([
      ...['create', '--name', name, ...(hasNetwork ? [] : ['--network=none']), ...options],
      ...['--', image === 'rich' ? rich : lab.image, ...command],
    ]);
    if (made.code !== 0) return undefined;
    const copies = Object.keys(ways).map((way) => `${name}-${way}`);
    try {
      const original = await inspect(name);
      const found: string[] = [];
      for (const [way, copy] of Object.entries(ways)) {
        const failure = await copy(rebuild(original, `${name}-${way}`));
        if (failure) found.push(`${way}: ${failure}`);
      }
      if (found.length > 0) return found;
      const records = asArray(JSON.parse(await lab.mustDocker(['inspect', '--type=container', ...copies])));
      return records.flatMap((record, index) =>
        different(comparable(original), comparable(record)).map((one) => `${copies[index] ?? ''}: ${one}`),
      );
    } finally {
      await remove(name, ...copies);
    }
  }

  it('make the same container with curl, docker create and raw HTTP, and run nothing else', async function () {
    this.timeout(900_000);
    const corpus = dockerCorpus({
      folder: join(lab.dir, 'shared'),
      peer: 'peer',
      cgroupParent: lab.cgroupParent,
      canary,
    });
    const failures: string[] = [];
    const refused: string[] = [];
    await mapPooled(corpus, 3, async (line, index) => {
      const found = await differences(`corpus-${index}`, line);
      const said = JSON.stringify([...line.options, line.image ?? 'lab', ...(line.command ?? [])]);
      if (!found) refused.push(said);
      else if (found.length > 0) failures.push(`${said}\n    ${found.join('\n    ')}`);
    });
    assert.equal(failures.length, 0, failures.join('\n'));
    assert.equal(existsSync(canary), false, 'no value ran as a command');
    // Engines differ in what they take; nearly all of it, each takes.
    assert.ok(corpus.length - refused.length >= 100, `only few lines could be made; refused:\n${refused.join('\n')}`);
  });

  it('are whole programs with dockerode: made and started as node runs the files', async () => {
    await lab.mustDocker(['create', '--name=program', '--network=none', '--env=A=1', lab.image, 'sleep', '3600']);
    try {
      const original = await inspect('program');
      // Beside the packages, so that the program finds dockerode.
      const file = join(__dirname, `../../out/replay-${process.pid}.cjs`);
      mkdirSync(join(__dirname, '../../out'), { recursive: true });
      writeFileSync(file, createCopies(rebuild(original, 'program-copy'), target, true)['dockerode'] ?? '');
      try {
        const made = (await mustRun(process.execPath, [file])).stdout.trim();
        assert.equal(memberAt(await inspect('program-copy'), 'Id'), made);
        writeFileSync(file, dockerodeCall(target, 'POST', `/v${target.apiVersion}/containers/${made}/start`) ?? '');
        await mustRun(process.execPath, [file]);
      } finally {
        rmSync(file, { force: true });
      }
      const copy = await inspect('program-copy');
      assert.deepEqual(different(comparable(original), comparable(copy)), []);
      assert.equal(memberAt(copy, 'State', 'Running'), true);
    } finally {
      await remove('program', 'program-copy');
    }
  });

  if (existsSync(GO_SDK) && spawnSync('go', ['version']).status === 0) {
    it('make the same container with the Go SDK', async function () {
      this.timeout(600_000);
      const folder = join(lab.dir, 'go');
      mkdirSync(folder);
      const env = {
        ...lab.env,
        GO111MODULE: 'off',
        GOPATH: '/usr/share/gocode',
        GOCACHE: join(lab.dir, 'go-cache'),
        GOFLAGS: '-mod=mod',
      };
      const lines = [
        ['--env=A=1', '--memory=32m', '--label=x=y', '--init', '--publish=8080:80/tcp', '--ulimit=nofile=64:128'],
        HOSTILE_TEXTS.filter((text) => !text.includes('CANARY')).map((text, index) => `--env=HOSTILE_${index}=${text}`),
      ];
      for (const [index, options] of lines.entries()) {
        const [name, copy] = [`go-${index}`, `go-${index}-copy`];
        await lab.mustDocker(['create', `--name=${name}`, '--network=none', ...options, lab.image, 'sleep', '3600']);
        try {
          const original = await inspect(name);
          const file = join(folder, `main${index}.go`);
          writeFileSync(file, createCopies(rebuild(original, copy), target, true)['Go SDK'] ?? '');
          const made = (await mustRun('go', ['run', file], { env, timeoutMs: 300_000 })).stdout.trim();
          assert.equal(memberAt(await inspect(copy), 'Id'), made);
          assert.deepEqual(different(comparable(original), comparable(await inspect(copy))), []);
        } finally {
          await remove(name, copy);
        }
      }
    });
  } else sayNotRun('copies for the Go SDK (needs golang-go and golang-github-docker-docker-dev)');

  it('start the same container with docker run --detach', async () => {
    const options = ['--network=none', '--env=A=1', '--memory=32m', '--label=x=y', '--init'];
    await lab.mustDocker(['run', '--detach', '--name=ran', ...options, lab.image, 'sh', '-c', 'sleep 3600']);
    try {
      const original = await inspect('ran');
      const text = createCopies(rebuild(original, 'ran-copy'), target, true)['docker run'];
      assert.ok(text);
      await mustRun('sh', ['-c', text], { env: lab.env });
      const copy = await inspect('ran-copy');
      assert.deepEqual(different(comparable(original), comparable(copy)), []);
      assert.equal(memberAt(copy, 'State', 'Running'), true);
    } finally {
      await remove('ran', 'ran-copy');
    }
  });

  it('ask for nothing that the image or the engine fills in by itself', async () => {
    await lab.mustDocker(['create', '--name=bare', '--network=none', rich]);
    try {
      const { body } = rebuild(await inspect('bare'), 'bare');
      assert.deepEqual(body, {
        AttachStdout: true,
        AttachStderr: true,
        Image: rich,
        HostConfig: { NetworkMode: 'none' },
      });
    } finally {
      await remove('bare');
    }
  });
});

/** Sends bytes over a socket and returns all that comes back. */
function send(socket: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const connection = connect(socket, () => connection.write(text));
    connection.setEncoding('utf8');
    connection.on('data', (part: string) => (answer += part));
    connection.on('error', reject);
    connection.on('close', () => {
      resolve(answer);
    });
  });
}

/** What a client can ask for, without what is each container's own. */
function comparable(record: unknown): UnknownRecord {
  const id = asString(memberAt(record, 'Id')) ?? '';
  const config = { ...asRecord(memberAt(record, 'Config')) };
  if (config.Hostname === id.slice(0, 12)) delete config.Hostname;
  const host = { ...asRecord(memberAt(record, 'HostConfig')) };
  // The command line sends these in any order.
  if (Array.isArray(config.Env)) config.Env = sorted(config.Env);
  for (const [key, value] of Object.entries(host)) if (Array.isArray(value)) host[key] = sorted(value);
  // Two words for one thing each.
  if (host.NetworkMode === 'bridge') host.NetworkMode = 'default';
  if (memberAt(host, 'RestartPolicy', 'Name') === '') host.RestartPolicy = { Name: 'no', MaximumRetryCount: 0 };
  const networks = Object.entries(asRecord(memberAt(record, 'NetworkSettings', 'Networks')) ?? {}).map(
    ([name, endpoint]) => [
      name,
      {
        IPAMConfig: memberAt(endpoint, 'IPAMConfig'),
        Links: memberAt(endpoint, 'Links'),
        Aliases: asStrings(memberAt(endpoint, 'Aliases')).filter((alias) => alias !== id.slice(0, 12)),
      },
    ],
  );
  const mounts = asArray(memberAt(record, 'Mounts'))
    .map((mount) => {
      const { Name: name, Source: source, ...rest } = asRecord(mount) ?? {};
      // A volume without a name of its own gets a random one.
      return /^[0-9a-f]{64}$/.test(String(name)) ? rest : { Name: name, Source: source, ...rest };
    })
    .sort((a, b) => (String(memberAt(a, 'Destination')) < String(memberAt(b, 'Destination')) ? -1 : 1));
  return { Config: config, HostConfig: host, Networks: Object.fromEntries(networks), Mounts: mounts };
}

function sorted(values: readonly unknown[]): unknown[] {
  return [...values].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

/** Where two values differ; null, "", [] and {} count as absent. */
function different(a: unknown, b: unknown, path = ''): string[] {
  const recordA = asRecord(a);
  const recordB = asRecord(b);
  if (recordA && recordB) {
    const keys = new Set([...Object.keys(recordA), ...Object.keys(recordB)]);
    return [...keys].flatMap((key) => different(recordA[key], recordB[key], `${path}.${key}`));
  }
  const [textA, textB] = [JSON.stringify(nothing(a)), JSON.stringify(nothing(b))];
  return textA === textB ? [] : [`${path}: ${textA} became ${textB}`];
}

function nothing(value: unknown): unknown {
  const isNothing = value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);
  return isNothing ? undefined : value;
}
