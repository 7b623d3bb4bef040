import assert from 'node:assert/strict';
import fc from 'fast-check';
import { capabilitiesOfMask } from '../../../src/model/capabilities';
import {
  curvedCpuWeight,
  ioWeight,
  linearCpuWeight,
  sharesOfWeight,
  systemdQuota,
} from '../../../src/model/cgroupConversion';
import { bytesOf, nanosecondsOf } from '../../../src/model/compose/values';
import { amount, amountIn, cpuList } from '../../../src/model/lineage/canonical';
import { signalNameOf, signalNumberOf } from '../../../src/model/lineage/signalNumbers';
import { formatBytes, formatCpus, formatDuration } from '../../../src/util/units';

const SHARES = fc.integer({ min: 2, max: 262_144 });

describe('every conversion of units', () => {
  it('of CPU shares keeps order and bounds, and is found back', () => {
    for (const convert of [linearCpuWeight, curvedCpuWeight]) {
      fc.assert(
        fc.property(SHARES, SHARES, (a, b) => {
          const [low, high] = [Math.min(a, b), Math.max(a, b)];
          assert.ok(convert(low) <= convert(high));
          assert.ok(Number.isInteger(convert(a)) && convert(a) >= 1 && convert(a) <= 10_000);
          const range = sharesOfWeight(convert(a), convert);
          assert.ok(range && range.from <= a && a <= range.to);
        }),
      );
      fc.assert(
        fc.property(fc.integer(), (anything) => {
          assert.ok(convert(anything) >= 1 && convert(anything) <= 10_000);
        }),
      );
    }
  });

  it('of disk weights keeps order and bounds, and no two weights fall together', () => {
    const weights = Array.from({ length: 991 }, (_, index) => ioWeight(index + 10));
    assert.equal(weights[0], 1);
    assert.equal(weights.at(-1), 10_000);
    assert.ok(weights.every((weight, index) => index === 0 || weight > (weights[index - 1] ?? 0)));
  });

  it('of quotas rounds up to whole percents of a CPU, by less than one, and not twice', () => {
    const period = fc.integer({ min: 1000, max: 1_000_000 });
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 100_000_000 }), period, (quota, length) => {
        const rounded = systemdQuota(quota, length);
        assert.ok(Number.isInteger(rounded));
        // What is cut off a microsecond or a millionth of a CPU on the way is no more than that.
        assert.ok(rounded >= quota - 2 - length / 1_000_000 && rounded <= quota + length / 100 + 1);
        assert.ok(Math.abs(systemdQuota(rounded, length) - rounded) <= length / 100);
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6400 }), (percent) => {
        assert.equal(systemdQuota(percent * 1000, 100_000), percent * 1000);
      }),
    );
  });

  it('of amounts keeps every number, and knows what stands for no limit', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 2n ** 62n - 1n }), (value) => {
        assert.equal(amount(String(value)), String(value));
        assert.equal(amountIn(`${value}\n`), String(value));
        assert.equal(amount(String(-value)), 'max');
        assert.equal(amountIn(String(-value)), undefined);
      }),
    );
    for (const raw of ['max', '9223372036854771712', '18446744073709551615', ''])
      assert.equal(amountIn(raw), undefined);
  });

  it('of lists of CPUs keeps the set, in one form', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat({ max: 300 }), { minLength: 1, maxLength: 60 }), (cpus) => {
        const text = cpuList(cpus.join(',')) ?? '';
        const back = text.split(',').flatMap((part) => {
          const [first = 0, last = first] = part.split('-').map(Number);
          return Array.from({ length: last - first + 1 }, (_, index) => first + index);
        });
        assert.deepEqual(
          back,
          [...cpus].sort((a, b) => a - b),
        );
        assert.equal(cpuList(text), text);
      }),
    );
  });

  it('of masks and signals finds back what it was', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 41n - 1n }), (mask) => {
        const names = capabilitiesOfMask(mask.toString(16)) ?? [];
        const all = capabilitiesOfMask('1ffffffffff') ?? [];
        assert.equal(
          names.reduce((sum, name) => sum | (1n << BigInt(all.indexOf(name))), 0n),
          mask,
        );
      }),
    );
    for (let signal = 1; signal <= 64; signal++) {
      const name = signalNameOf(signal);
      // The C library keeps the first two realtime signals to itself.
      if (signal === 32 || signal === 33) assert.equal(name, undefined);
      else assert.equal(signalNumberOf(name ?? ''), signal);
    }
  });

  it('of sizes and durations as Compose writes them is exact', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 8_000_000 }),
        fc.constantFrom('b', 'k', 'kb', 'KiB', 'm', 'MB', 'g', 'Gb'),
        (value, unit) => {
          const power = ['b', 'k', 'm', 'g'].indexOf(unit.slice(0, 1).toLowerCase());
          assert.equal(bytesOf(`${value}${unit}`), value * 1024 ** power);
        },
      ),
    );
    fc.assert(
      fc.property(fc.nat({ max: 100 }), fc.nat({ max: 59 }), fc.nat({ max: 59 }), (hours, minutes, seconds) => {
        assert.equal(nanosecondsOf(`${hours}h${minutes}m${seconds}s`), ((hours * 60 + minutes) * 60 + seconds) * 1e9);
      }),
    );
    fc.assert(
      fc.property(fc.anything(), (value) => {
        for (const read of [bytesOf(value), nanosecondsOf(value)])
          assert.ok(read === undefined || Number.isFinite(read));
      }),
    );
  });

  it('into words says no more than half a unit of its last digit too much or too little', () => {
    const sizes: Readonly<Record<string, number>> = { KiB: 1, MiB: 2, GiB: 3, TiB: 4, PiB: 5 };
    fc.assert(
      fc.property(fc.nat({ max: Number.MAX_SAFE_INTEGER }), (bytes) => {
        const match = /^(about )?([\d.]+) ([KMGTP]iB) /.exec(formatBytes(bytes));
        if (!match) return;
        const unit = 1024 ** (sizes[match[3] ?? ''] ?? 0);
        const said = Number(match[2]) * unit;
        assert.ok(Math.abs(said - bytes) <= unit / 200 + bytes * 1e-12);
        if (match[1] === undefined) assert.ok(Math.abs(said - bytes) < 1);
      }),
    );
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1024, noNaN: true }), (cpus) => {
        assert.ok(Math.abs(parseFloat(formatCpus(cpus)) - cpus) <= 0.000_500_1);
      }),
    );
    const units: Readonly<Record<string, number>> = { µs: 1, ms: 1e3, s: 1e6, min: 60e6, h: 3600e6, d: 86_400e6 };
    fc.assert(
      fc.property(fc.nat({ max: 400 * 86_400 * 1e6 }), (microseconds) => {
        const parts = [...formatDuration(microseconds).matchAll(/([\d.]+) (\S+)/g)];
        const said = parts.reduce((sum, [, value, unit = '']) => sum + Number(value) * (units[unit] ?? Number.NaN), 0);
        const last = units[parts.at(-1)?.[2] ?? ''] ?? 0;
        assert.ok(Math.abs(said - microseconds) <= Math.max(last, microseconds / 24), formatDuration(microseconds));
      }),
    );
  });
});
