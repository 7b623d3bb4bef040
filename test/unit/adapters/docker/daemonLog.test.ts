import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import fc from 'fast-check';
import { callsAbout, loggedCalls, microsecondsOf, readDaemonLog } from '../../../../src/adapters/docker/daemonLog';
import type { ProcessTable } from '../../../../src/model/process';

const ID = 'ab12'.repeat(16);
const OLD = 'time="2026-01-02T03:04:05.123456789Z" level=debug msg="Calling POST /v1.41/containers/create?name=web"';
const NEW = `time="2026-01-02T04:04:06.5+01:00" level=debug msg="handling POST request" method=POST request-url=/v1.47/containers/${ID}/start vars="map[name:x]"`;
const JSON_LINE = JSON.stringify({
  level: 'debug',
  msg: `Calling GET /v1.41/containers/${ID.slice(0, 12)}/json`,
  time: '2026-01-02T03:04:07Z',
});
const OTHERS = [
  'level=info msg="Loading containers: done."',
  '',
  'msg="Calling nobody"',
  '{"msg":"Calling GET /x"',
  OLD.slice(60),
];

describe('the log of dockerd', () => {
  it('tells calls as text and as JSON, as engines before 27 and after write them, and nothing else', () => {
    const calls = loggedCalls([...OTHERS, OLD, ...OTHERS, NEW, JSON_LINE].join('\n'));
    assert.deepEqual(
      calls.map(({ method, path: target, containerId, atUs }) => [method, target, containerId, atUs]),
      [
        ['POST', '/v1.41/containers/create?name=web', undefined, Date.parse('2026-01-02T03:04:05.123Z') * 1000 + 456],
        ['POST', `/v1.47/containers/${ID}/start`, ID, Date.parse('2026-01-02T03:04:06.5Z') * 1000],
        [
          'GET',
          `/v1.41/containers/${ID.slice(0, 12)}/json`,
          ID.slice(0, 12),
          Date.parse('2026-01-02T03:04:07Z') * 1000,
        ],
      ],
    );
  });

  it('is read whatever it says', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom(OLD, NEW, JSON_LINE, 'Calling ', 'request-url='))),
        (parts) => {
          for (const call of loggedCalls(parts.join('')))
            assert.ok(Number.isFinite(call.atUs) && call.path.startsWith('/'));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('has times to the microsecond, in any zone', () => {
    assert.equal(microsecondsOf('1970-01-01T01:00:00.000001999+01:00'), 1);
    assert.equal(microsecondsOf('1970-01-01T00:00:01Z'), 1_000_000);
    for (const text of ['', 'now', '2026-01-02', '2026-01-02T03:04:05', '2026-99-02T03:04:05Z'])
      assert.equal(microsecondsOf(text), undefined, text);
  });

  it('gives a container its own calls, and its create by name, or where only one can be meant', () => {
    const [create, start, json] = loggedCalls([OLD, NEW, JSON_LINE].join('\n'));
    const createdUs = create!.atUs + 50_000;
    const all = [create!, start!, json!];
    assert.deepEqual(callsAbout(all, { id: ID, name: 'web', createdUs }), all);
    assert.deepEqual(callsAbout(all, { id: ID, name: 'other', createdUs }), [start, json]);
    assert.deepEqual(callsAbout(all, { id: 'cd'.repeat(32), name: 'web', createdUs: create!.atUs - 1 }), []);
    const nameless = { ...create!, path: '/v1.41/containers/create' };
    assert.deepEqual(callsAbout([nameless], { id: ID, name: 'random', createdUs }), [nameless]);
    assert.deepEqual(callsAbout([nameless, nameless], { id: ID, name: 'random', createdUs }), []);
  });

  describe('where dockerd writes it', () => {
    let proc: string;
    beforeEach(() => {
      proc = mkdtempSync(path.join(tmpdir(), 'cre-daemon-log-'));
      mkdirSync(path.join(proc, '7/fd'), { recursive: true });
    });
    afterEach(() => rmSync(proc, { recursive: true, force: true }));

    const processes = (...pids: readonly number[]): ProcessTable =>
      ({
        byPid: new Map(
          pids.map((pid) => [pid, { pid, comm: 'dockerd', argv: ['dockerd', '-H', `unix:///run/${pid}.sock`] }]),
        ),
      }) as unknown as ProcessTable;
    const fd = (): string => path.join(proc, '7/fd/2');

    it('is read to its end, and its time is kept', async () => {
      writeFileSync(path.join(proc, 'log'), `${'x'.repeat(100)}\n${OLD}\n`);
      symlinkSync(path.join(proc, 'log'), fd());
      const fact = await readDaemonLog(processes(7), undefined, true, proc);
      assert.equal('value' in fact && fact.value.length, 1);
      const ofTwo = await readDaemonLog(processes(7, 8), '/run/7.sock', true, proc);
      assert.equal('value' in ofTwo && ofTwo.value.length, 1);
    });

    it('is unknown, with the reason, where two could be meant, it tells nothing, or is no file', async () => {
      const why = async (table: ProcessTable, debug?: boolean): Promise<string> => {
        const fact = await readDaemonLog(table, '/run/no.sock', debug, proc);
        return JSON.stringify(fact);
      };
      assert.match(await why(processes(7, 8)), /cannot be told on this machine/);
      assert.match(await why(processes(7)), /cannot be read \(ENOENT\)/);
      symlinkSync(proc, fd());
      assert.match(await why(processes(7), false), /and no file.*debug/);
      rmSync(fd());
      writeFileSync(fd(), 'nothing of interest\n');
      assert.match(await why(processes(7)), /cannot be read \(EINVAL\)/);
      rmSync(fd());
      writeFileSync(path.join(proc, 'log'), 'nothing of interest\n');
      symlinkSync(path.join(proc, 'log'), fd());
      assert.match(await why(processes(7), false), /is not in debug mode/);
    });
  });
});
