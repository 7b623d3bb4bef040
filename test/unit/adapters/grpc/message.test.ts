import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  bool,
  byteLength,
  bytes,
  int,
  int64,
  map,
  message,
  MessageType,
  repeated,
  text,
  textMap,
  uint,
  uint64,
} from '../../../../src/adapters/grpc/message';
import * as containerd from '../../../../src/adapters/containerd/messages';
import { RuntimeError } from '../../../../src/model/problem';
import { runs } from '../../../support/runs';

const Inner = new MessageType('Inner', { name: text(1), on: bool(2) });
const Outer = new MessageType('Outer', {
  title: text(1),
  labels: textMap(2),
  inner: message(3, Inner),
  inners: repeated(message(4, Inner)),
  words: repeated(text(5)),
  blob: bytes(6),
  count: int(7),
  big: uint(8),
  huge: uint64(9),
  signed: int64(10),
  byName: map(11, message(2, Inner)),
});

describe('protobuf messages by table', () => {
  it('decode what a real containerd sent', () => {
    const version = Buffer.from('CgoxLjcuMjR+ZHMxEhQxLjcuMjR+ZHMxLTYrZGViMTN1MQ==', 'base64');
    const expected = { version: '1.7.24~ds1', revision: '1.7.24~ds1-6+deb13u1' };
    assert.deepEqual(containerd.VersionResponse.decode(version), expected);
    const server = Buffer.from('CiRkNDgxMjBiMC1iYTY4LTQyMzktOGNiNS0zZDg1ZDMxNWE5N2MQ6AIY/P///w4=', 'base64');
    assert.deepEqual(containerd.ServerResponse.decode(server), {
      uuid: 'd48120b0-ba68-4239-8cb5-3d85d315a97c',
      pid: 360,
      pidNamespace: 4026531836,
    });
  });

  it('give back what was encoded', () => {
    // Decoded messages are ordinary objects.
    const plainly = { noNullPrototype: true };
    const inner = fc.record({ name: fc.string({ unit: 'grapheme' }), on: fc.boolean() }, plainly);
    const names = fc.string({ unit: 'grapheme' });
    const outer = fc.record({
      title: names,
      labels: fc.array(fc.tuple(names, names)).map((entries) => new Map(entries)),
      inner: fc.option(inner, { nil: undefined }),
      inners: fc.array(inner),
      words: fc.array(names.filter((word) => word !== '')),
      blob: fc.uint8Array(),
      count: fc.integer(),
      big: fc.nat({ max: 0x7fffffff }),
      huge: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(plain),
      signed: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(plain),
      byName: fc.array(fc.tuple(names, inner)).map((entries) => new Map(entries)),
    });
    fc.assert(
      fc.property(outer, (value) => {
        const decoded = Outer.decode(Outer.encode(value));
        assert.deepEqual({ ...decoded, blob: [...decoded.blob] }, { ...value, blob: [...value.blob] });
      }),
      { numRuns: runs(1_000) },
    );
  });

  it('keep foreign keys and all digits', () => {
    const labels = new Map([
      ['__proto__', 'own'],
      ['constructor', 'own'],
    ]);
    const decoded = Outer.decode(Outer.encode({ labels, huge: '9223372036854771712' }));
    assert.deepEqual(decoded.labels, labels);
    assert.equal(decoded.huge, '9223372036854771712');
  });

  it('skip fields that they do not know or that changed their type', () => {
    const Newer = new MessageType('Newer', { title: uint64(1), other: text(99), count: int(7) });
    const decoded = Outer.decode(Newer.encode({ title: 5, other: 'x', count: 3 }));
    assert.equal(decoded.title, '');
    assert.equal(decoded.count, 3);
  });

  it('can drop a large field and keep its size', () => {
    const Sized = new MessageType('Sized', { blob: byteLength(6), count: int(7) });
    assert.deepEqual(Sized.decode(Outer.encode({ blob: new Uint8Array(50_000), count: 2 })), {
      blob: 50_000,
      count: 2,
    });
  });

  it('answer any bytes with a value or with "malformed"', () => {
    const types = [
      ...[containerd.GetContainerResponse, containerd.ListTasksResponse, containerd.PluginsResponse],
      ...[containerd.Envelope, containerd.ListContainerMessage, containerd.RuncOptions, Outer],
    ];
    const valid = containerd.GetContainerResponse.encode({
      container: { ...containerd.Container.decode(Buffer.alloc(0)), id: 'a', labels: new Map([['k', 'v']]) },
    });
    const broken = fc
      .tuple(fc.nat({ max: valid.length - 1 }), fc.nat({ max: 255 }))
      .map(([at, byte]) => Buffer.from(valid.map((old, index) => (index === at ? byte : old))));
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.oneof(fc.uint8Array({ maxLength: 200 }), broken), (type, input) => {
        try {
          assert.equal(typeof type.decode(input), 'object');
        } catch (error) {
          assert.ok(error instanceof RuntimeError);
          assert.equal(error.problem.code, 'malformed');
        }
      }),
      { numRuns: runs(5_000) },
    );
  });
});

function plain(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}
