import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { PublicApi, PublicContainer, PublicInspection, PublicInventory } from '../../src/publicApi';
import { isKnown, type Fact } from '../../src/model/fact';
import { asArray, asNumber, asRecord, asString, memberAt } from '../../src/util/records';
import { parseJsonExact } from '../../src/util/json';
import { eventually } from './fakeAdapter';

/*
 * The truth about containers by other routes than the explorer's: the docker command line, ps, cat, readlink. Each check
 * throws with what differs. They are used both in plain Node and inside VS Code.
 */

const execute = promisify(execFile);

/** What a program prints; throws when it fails. */
export async function printed(program: string, ...args: string[]): Promise<string> {
  const { stdout } = await execute(program, args, { maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

/** `docker inspect` of every container, by id. */
export async function inspectAll(): Promise<Map<string, unknown>> {
  const ids = (await printed('docker', 'ps', '--all', '--quiet', '--no-trunc')).split('\n').filter(Boolean);
  if (ids.length === 0) return new Map();
  const records = asArray(JSON.parse(await printed('docker', 'inspect', '--type=container', ...ids)));
  return new Map(records.map((record) => [asString(memberAt(record, 'Id')) ?? '', record]));
}

/** The inventory holds exactly what `docker ps --all` lists, under the same names, in the same states. */
export async function checkInventory(api: Pick<PublicApi, 'inventory'>): Promise<PublicInventory> {
  let inventory: PublicInventory | undefined;
  let difference = '';
  // Containers with health checks and restarts change between two looks, so both are taken until they agree.
  await eventually(async () => {
    inventory = await api.inventory();
    const listed = (await printed('docker', 'ps', '--all', '--no-trunc', '--format', '{{.ID}} {{.Names}} {{.State}}'))
      .split('\n')
      .filter(Boolean);
    const engines = new Set(inventory.layers.filter((layer) => layer.kind === 'engine').map((layer) => layer.id));
    const shown = inventory.containers
      .filter((container) => container.layers.some((layer) => engines.has(layer)))
      .map((container) => `${container.id} ${container.name} ${container.state}`);
    difference = [...symmetricDifference(new Set(listed), new Set(shown))].join('\n');
    return difference === '';
  }, 'the inventory equals docker ps --all').catch((error: unknown) => {
    throw new Error(`${String(error)}\n${difference}`);
  });
  assert.ok(inventory);
  return inventory;
}

function symmetricDifference(a: ReadonlySet<string>, b: ReadonlySet<string>): Set<string> {
  return new Set([...[...a].filter((item) => !b.has(item)), ...[...b].filter((item) => !a.has(item))]);
}

function known<T>(fact: Fact<T>, what: string): T {
  if (!isKnown(fact)) throw new Error(`${what} should be known, but: ${fact.unavailable}`);
  assert.ok(fact.source && fact.how, `${what} says where it came from and how to check it`);
  assert.ok(!Number.isNaN(Date.parse(fact.observedAt)), `${what} says when it was observed`);
  return fact.value;
}

/** Every fact of a running container equals what the other routes say. */
export async function checkRunning(
  inspection: PublicInspection,
  record: unknown,
  layers: PublicInventory['layers'],
  container: PublicContainer,
): Promise<void> {
  const { facts } = inspection;
  const pid = asNumber(memberAt(record, 'State', 'Pid')) ?? 0;
  assert.equal(known(facts.initPid, 'init PID'), pid, 'init PID');

  const [shimPid] = (await printed('ps', '-o', 'ppid=', '-p', String(pid))).trim().split(/\s+/).map(Number);
  assert.ok(shimPid);
  assert.equal(known(facts.shimPid, 'shim PID'), shimPid, 'shim PID is the parent of init');
  const shim = known(facts.shim, 'shim');
  const commandLine = (await printed('ps', '-ww', '-o', 'args=', '-p', String(shimPid))).trim();
  assert.equal(shim.argv.join(' '), commandLine, 'command line of the shim');

  const cgroups = Object.fromEntries(
    (await printed('cat', `/proc/${pid}/cgroup`))
      .trim()
      .split('\n')
      .map((line) => {
        const [, controllers = '', ...path] = line.split(':');
        return [controllers, path.join(':')];
      }),
  );
  assert.deepEqual(known(facts.cgroupPaths, 'cgroup paths'), cgroups, 'cgroup paths');

  const namespaces = known(facts.namespaces, 'namespaces');
  for (const type of ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'user', 'uts']) {
    const link = (await printed('readlink', `/proc/${pid}/ns/${type}`)).trim();
    assert.equal(`${type}:[${namespaces[type]}]`, link, `${type} namespace`);
  }

  const shimFolder = (await printed('readlink', `/proc/${shimPid}/cwd`)).trim();
  const bundle = known(facts.bundlePath, 'bundle');
  // A shim of another file tree names its folder as that tree has it; the folder itself must be the same.
  assert.equal(bundle.replace(/^\/proc\/\d+\/root(?=\/)/, ''), shimFolder, 'the shim works in its first bundle');
  const inode = (path: string): Promise<string> => printed('stat', '-L', '-c', '%d:%i', path);
  assert.equal(await inode(bundle), await inode(`/proc/${shimPid}/cwd`), 'the bundle is that very folder');
  const config = parseJsonExact(await printed('cat', `/proc/${shimPid}/cwd/config.json`));
  assert.deepEqual(known(facts.ociConfig, 'config.json'), config, 'config.json equals the file');

  assert.match(
    known(facts.runtime, 'runtime').binary,
    new RegExp(`(^|/)${asString(memberAt(record, 'HostConfig', 'Runtime')) ?? ''}$`),
  );

  const kinds = container.layers.map((id) => layers.find((layer) => layer.id === id)?.kind);
  assert.deepEqual(kinds, ['engine', 'containerd', 'shim', 'oci-runtime', 'kernel'], 'every layer knows it');
  assert.deepEqual(container.letGo, [], 'no layer let go of it');
}

/** The processes of a container are those that `docker top` lists; asked until both agree, since processes come and go. */
export async function checkProcesses(api: Pick<PublicApi, 'inspect'>, id: string): Promise<void> {
  let listed: number[] = [];
  let shown: number[] = [];
  await eventually(async () => {
    const top = await printed('docker', 'top', id, '-eo', 'pid');
    listed = top
      .trim()
      .split('\n')
      .slice(1)
      .map(Number)
      .sort((a, b) => a - b);
    shown = known((await api.inspect(id)).facts.processes, 'processes')
      .map((process) => process.hostPid)
      .sort((a, b) => a - b);
    return listed.join() === shown.join();
  }, `the processes of ${id} equal docker top`).catch((error: unknown) => {
    throw new Error(`${String(error)}: listed ${listed.join()}, shown ${shown.join()}`);
  });
}

/** A container without a process says so of each fact, and which layers let go. */
export function checkEnded(
  inspection: PublicInspection,
  layers: PublicInventory['layers'],
  container: PublicContainer,
): void {
  const { facts } = inspection;
  for (const name of ['initPid', 'shimPid', 'cgroupPaths', 'namespaces', 'bundlePath', 'runtimeState'] as const) {
    const fact: Fact<unknown> = facts[name];
    if (isKnown(fact)) throw new Error(`${name} should not be known of a container that does not run`);
    assert.match(fact.unavailable, /\w+/, `${name} says why it is not known`);
    assert.match(fact.remedy, /\w+/, `${name} says what would make it known`);
  }
  const { ociConfig } = facts;
  assert.ok(
    isKnown(ociConfig) && ['memory', 'derived'].includes(ociConfig.route),
    'config.json is remembered or reconstructed',
  );
  assert.ok(ociConfig.note, 'and says so');
  const kinds = container.letGo.map(({ layerId }) => layers.find((layer) => layer.id === layerId)?.kind);
  assert.deepEqual(kinds, ['containerd', 'shim', 'oci-runtime', 'kernel'], 'the layers that let go');
}

/** The API calls begin with what the client asked and name this container. */
export function checkCalls(inspection: PublicInspection, record: unknown): void {
  const name = (asString(memberAt(record, 'Name')) ?? '').slice(1);
  const create = inspection.apiCalls.find(
    (call) => call.method === 'POST' && call.target.includes('/containers/create'),
  );
  assert.ok(create, 'POST /containers/create is among the calls');
  assert.ok(create.target.includes(`name=${encodeURIComponent(name)}`), `it names the container: ${create.target}`);
  assert.ok(asRecord(create.payload), 'it has a body');
  assert.deepEqual(
    inspection.apiCalls.map((call) => call.seq),
    inspection.apiCalls.map((_, index) => index + 1),
    'calls are numbered in order',
  );
  const started = memberAt(record, 'State', 'StartedAt') !== '0001-01-01T00:00:00Z';
  assert.equal(
    inspection.apiCalls.some((call) => /\/start$/.test(call.target) && call.from === 'client'),
    started,
    'it was started, or not',
  );
  for (const call of inspection.apiCalls) {
    assert.ok(call.meaning && call.because, `call ${call.seq} says what it means and what its evidence is`);
    assert.ok(['recorded', 'observed', 'reconstructed'].includes(call.evidence));
  }
}
