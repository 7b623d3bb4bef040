import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createCopies, createPath, rawHttp } from '../../../../src/model/apiCalls/copies';
import { daemonDefaults, rebuildCreateRequest, type CreateRequest } from '../../../../src/model/apiCalls/createRequest';
import { pasteLine, visibleJson } from '../../../../src/model/apiCalls/paste';
import { asRecord, memberAt } from '../../../../src/util/records';
import { MASK } from '../../../../src/model/secrets';

const ID = 'a'.repeat(64);
const DAEMON = daemonDefaults({
  DefaultRuntime: 'runc',
  LoggingDriver: 'json-file',
  CgroupVersion: '2',
  Name: 'engine-host',
});
const IMAGE = {
  Config: {
    Env: ['PATH=/bin', 'MODE=image'],
    Cmd: ['serve'],
    Entrypoint: ['/entry'],
    Labels: { kept: 'yes', changed: 'image' },
    AttachStdout: true,
    Healthcheck: { Test: ['CMD', 'true'], Interval: 5 },
  },
};

/** An image that is there no more. */
const GONE = Symbol('gone');

function rebuilt(config: object, host: object = {}, image: unknown = IMAGE): CreateRequest {
  const record = { Id: ID, Name: '/shop', Config: { Image: 'shop:1', ...config }, HostConfig: host };
  const request = rebuildCreateRequest(record, image === GONE ? undefined : image, DAEMON);
  assert.ok(request);
  return request;
}

const host = (config: object): unknown => memberAt(rebuilt({}, config).body, 'HostConfig');

describe('rebuilding POST /containers/create', () => {
  it('leaves out what the image brought', () => {
    const { body, defaults, name } = rebuilt({
      Hostname: ID.slice(0, 12),
      Env: ['OWN=1', 'PATH=/bin', 'MODE=image'],
      Cmd: ['serve'],
      Entrypoint: ['/entry'],
      Labels: { kept: 'yes', changed: 'own' },
      Healthcheck: { Test: ['CMD', 'true'], Interval: 9 },
    });
    assert.deepEqual(body, {
      Image: 'shop:1',
      Env: ['OWN=1'],
      Labels: { changed: 'own' },
      Healthcheck: { Interval: 9 },
      HostConfig: {},
    });
    assert.equal(name, 'shop');
    assert.deepEqual(defaults.Env, ['PATH=/bin', 'MODE=image']);
    assert.deepEqual(defaults.Cmd, ['serve']);
  });

  it('knows variables that were asked for by their place, even when the image has the same', () => {
    assert.deepEqual(rebuilt({ Env: ['MODE=image', 'OWN=1', 'PATH=/bin'] }).body.Env, ['MODE=image', 'OWN=1']);
    assert.deepEqual(rebuilt({ Env: ['MODE=own', 'PATH=/bin'] }).body.Env, ['MODE=own']);
    assert.equal(rebuilt({ Env: ['PATH=/bin', 'MODE=image'] }).body.Env, undefined);
  });

  it('keeps entrypoint and command together', () => {
    const both = (config: object): unknown[] => {
      const { body } = rebuilt(config);
      return [body.Entrypoint, body.Cmd];
    };
    assert.deepEqual(both({ Entrypoint: ['/entry'], Cmd: ['other'] }), [undefined, ['other']]);
    assert.deepEqual(both({ Entrypoint: ['/own'], Cmd: ['serve'] }), [['/own'], ['serve']]);
    assert.deepEqual(both({ Entrypoint: ['/entry'], Cmd: null }), [['/entry'], undefined]);
    assert.deepEqual(both({ Entrypoint: null, Cmd: ['serve'] }), [[''], ['serve']], 'an entrypoint taken away');
  });

  it('takes from the image only the fields that the engine takes from it', () => {
    assert.equal(rebuilt({ AttachStdout: true }).body.AttachStdout, true);
  });

  it('leaves out what the engine fills in', () => {
    const filled = {
      NetworkMode: 'default',
      RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
      ShmSize: 67_108_864,
      IpcMode: 'private',
      CgroupnsMode: 'private',
      Runtime: 'runc',
      LogConfig: { Type: 'json-file', Config: {} },
      Memory: 1024,
      MemorySwap: 2048,
      MemorySwappiness: null,
      OomKillDisable: false,
      ConsoleSize: [40, 80],
      MaskedPaths: ['/proc/asound', '/proc/acpi', '/proc/kcore', '/sys/firmware'],
    };
    assert.deepEqual(host(filled), { Memory: 1024 });
  });

  it('keeps what differs from it by a hair', () => {
    for (const asked of [
      { MemorySwappiness: 0 },
      { IpcMode: 'shareable' },
      { CgroupnsMode: 'host' },
      { Runtime: 'crun' },
      { Memory: 1024, MemorySwap: 1024 },
      { LogConfig: { Type: 'json-file', Config: { 'max-size': '1m' } } },
      { MaskedPaths: [] },
      { Init: false },
      { NetworkMode: 'none' },
      { RestartPolicy: { Name: 'always', MaximumRetryCount: 0 } },
      { ShmSize: 1 },
      { FieldOfTheFuture: 'x' },
    ])
      assert.deepEqual(host(asked), asked);
    assert.equal(rebuilt({ StopTimeout: 0 }).body.StopTimeout, 0);
    assert.equal(rebuilt({ Hostname: 'own' }, { NetworkMode: 'host' }).body.Hostname, 'own');
    assert.equal(rebuilt({ Hostname: 'engine-host' }, { NetworkMode: 'host' }).body.Hostname, undefined);
  });

  it('says what cannot be known', () => {
    assert.ok(rebuilt({}, {}, GONE).undecidable.some((note) => note.startsWith('The image could not be asked')));
    assert.equal(rebuildCreateRequest({ Id: ID }, IMAGE, DAEMON), undefined);
  });

  it('reads any record', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (config, hostConfig, image) => {
        const record = { Id: ID, Name: '/x', Config: config, HostConfig: hostConfig, NetworkSettings: image };
        const request = rebuildCreateRequest(record, { Config: image }, DAEMON);
        if (request) createCopies(request, { endpoint: 'unix:///s', apiVersion: '1.41' }, false);
      }),
    );
  });
});

describe('copies of the create call', () => {
  const target = { endpoint: 'unix:///var/run/docker.sock', apiVersion: '1.41' };

  it('are masked until revealed', () => {
    const request = rebuilt({ Env: ['DB_PASSWORD=hunter2'], Labels: { token: 'abc123' } });
    for (const text of Object.values(createCopies(request, target, false))) {
      assert.ok(!text.includes('hunter2') && !text.includes('abc123'), text);
      assert.ok(text.includes(MASK));
    }
    for (const text of Object.values(createCopies(request, target, true))) assert.ok(text.includes('hunter2'), text);
  });

  it('tell what an option cannot say', () => {
    const text = createCopies(rebuilt({ FieldOfTheFuture: 1 }), target, true)['docker create'] ?? '';
    assert.match(text, /\n# .*FieldOfTheFuture/);
  });

  it('count the bytes of the body, not its characters', () => {
    const text = rawHttp('POST', '/x', { text: 'größer 漢字 😀' });
    const [head = '', body = ''] = text.split('\r\n\r\n');
    assert.ok(head.includes(`Content-Length: ${Buffer.byteLength(body)}`));
  });

  it('keep a name with half a character', () => {
    const request = { ...rebuilt({}), name: 'half \ud800' };
    assert.equal(createPath(request, target), '/v1.41/containers/create?name=half%20%EF%BF%BD');
  });

  it('hold no character that acts in a terminal', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (words) => {
        // eslint-disable-next-line no-control-regex -- finding control characters is what this is for
        assert.doesNotMatch(pasteLine(words), /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
        assert.deepEqual(JSON.parse(visibleJson(words)), words);
      }),
    );
  });

  it('hold a body that is JSON for any record', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })), (labels) => {
        const raw = createCopies(rebuilt({ Labels: labels }, {}, GONE), target, true)['Raw HTTP'] ?? '';
        const body: unknown = JSON.parse(raw.slice(raw.indexOf('\r\n\r\n') + 4));
        assert.deepEqual(Object.entries(asRecord(memberAt(body, 'Labels')) ?? {}), Object.entries(labels));
      }),
    );
  });
});
