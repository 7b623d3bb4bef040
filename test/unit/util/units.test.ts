import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatBytes, formatCount, formatCpus, formatDuration, toInteger } from '../../../src/util/units';

describe('units', () => {
  it('show bytes in the largest unit and exactly', () => {
    assert.equal(formatBytes(67108864), '64 MiB (67,108,864 bytes)');
    assert.equal(formatBytes(1), '1 byte');
    assert.equal(formatBytes(1023), '1,023 bytes');
    assert.equal(formatBytes(1536), '1.5 KiB (1,536 bytes)');
    assert.equal(formatBytes(1000000), 'about 976.56 KiB (1,000,000 bytes)');
    assert.equal(formatBytes(-2048), '-2 KiB (-2,048 bytes)');
    assert.equal(formatBytes('18446744073709551615'), 'about 16 EiB (18,446,744,073,709,551,615 bytes)');
    assert.equal(formatBytes('no number'), 'no number');
  });

  it('show durations with the two units that matter', () => {
    assert.equal(formatDuration(0), '0 µs');
    assert.equal(formatDuration(1500), '1.5 ms');
    assert.equal(formatDuration(100_000), '100 ms');
    assert.equal(formatDuration(90e6), '1 min 30 s');
    assert.equal(formatDuration(3600e6), '1 h');
    assert.equal(formatDuration(90_061e6), '1 d 1 h');
  });

  it('show counts and CPUs', () => {
    assert.equal(formatCount(1234567), '1,234,567');
    assert.equal(formatCpus(0.5), '0.5 CPU');
    assert.equal(formatCpus(2), '2 CPUs');
  });

  it('keep every whole number, of any size', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }), (value) => {
        assert.equal(toInteger(String(value)), value);
        assert.equal(formatCount(String(value)).replaceAll(',', ''), String(value));
        assert.ok(formatBytes(String(value)).includes(formatCount(value)));
      }),
    );
    for (const odd of [1.5, NaN, '1.5', '', '0x10', null, undefined, {}]) assert.equal(toInteger(odd), undefined);
  });
});
