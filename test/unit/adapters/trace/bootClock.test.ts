import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { measureBootClock, microsecondClock, TICK_US } from '../../../../src/adapters/trace/bootClock';

/** A machine that booted at some microsecond, and on which each read takes a while. */
function machine(bootUs: number, startUs: number, stepUs: (read: number) => number) {
  let now = startUs;
  let reads = 0;
  return {
    nowUs: () => now,
    read: () => {
      now += stepUs(reads++);
      return Math.floor((now - bootUs) / TICK_US);
    },
  };
}

describe('the boot clock', () => {
  it('is found within the error that is told, wherever in a tick it is asked', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 12 }), fc.integer({ min: 0, max: 99_999 }), (bootUs, later) => {
        // Reads take 7 µs; now and then one takes long.
        const { nowUs, read } = machine(bootUs, bootUs + 5_000_000 + later, (index) => (index % 97 === 96 ? 3000 : 7));
        const found = measureBootClock(nowUs, 3, read);
        assert.ok(found);
        const off = found.bootUs - bootUs;
        assert.ok(off >= 0 && off <= found.errorUs, `${off} µs off, said ${found.errorUs}`);
      }),
      { numRuns: 300 },
    );
  });

  it('takes the best of several turns of the clock', () => {
    // The first turn falls into a slow read.
    const { nowUs, read } = machine(0, 9_000, (index) => (index === 1 ? 5000 : 10));
    assert.equal(measureBootClock(nowUs, 1, read)?.errorUs, 5000);
    const again = machine(0, 9_000, (index) => (index === 1 ? 5000 : 10));
    assert.equal(measureBootClock(again.nowUs, 3, again.read)?.errorUs, 10);
  });

  it('is unknown where nothing tells it, and not waited for where it stands still', () => {
    assert.equal(
      measureBootClock(
        () => 0,
        3,
        () => undefined,
      ),
      undefined,
    );
    assert.equal(
      measureBootClock(
        () => 0,
        3,
        () => 42,
      ),
      undefined,
    );
  });

  it('agrees with btime of /proc/stat, which counts seconds', () => {
    const found = measureBootClock(microsecondClock());
    const btime = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'latin1'))?.[1]);
    assert.ok(found);
    assert.ok(Math.abs(found.bootUs / 1e6 - btime) <= 1.5, `${found.bootUs} and ${btime}`);
  });
});
