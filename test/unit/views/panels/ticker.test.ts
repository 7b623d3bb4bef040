import assert from 'node:assert/strict';
import { Ticker } from '../../../../src/views/panels/ticker';
import { eventually } from '../../../support/fakeAdapter';

describe('the ticker of live pages', () => {
  it('does nothing until it is on, ticks again and again while it is, and never twice at once', async () => {
    let ticks = 0;
    let running = 0;
    const ticker = new Ticker(1, async () => {
      assert.equal(++running, 1);
      ticks++;
      await new Promise((resolve) => setImmediate(resolve));
      running--;
    });
    assert.equal(ticks, 0);
    ticker.set(true);
    ticker.set(true);
    await eventually(() => ticks >= 5, 'five ticks');
    ticker.dispose();
    assert.equal(ticker.isOn, false);
  });

  it('tells what is running to stop when it is off, and starts nothing more', async () => {
    const signals: AbortSignal[] = [];
    let release: (() => void) | undefined;
    const ticker = new Ticker(1, (signal) => {
      signals.push(signal);
      return new Promise((resolve) => (release = resolve));
    });
    ticker.set(true);
    assert.equal(signals.length, 1);
    ticker.set(false);
    assert.ok(signals[0]?.aborted);
    release?.();
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
    assert.equal(signals.length, 1);
  });

  it('can be switched off and on again while a tick is running, without a second loop', async () => {
    const releases: (() => void)[] = [];
    const ticker = new Ticker(1, () => new Promise((resolve) => releases.push(resolve)));
    ticker.set(true);
    ticker.set(false);
    ticker.set(true);
    assert.equal(releases.length, 2);
    releases[0]?.();
    releases[1]?.();
    await eventually(() => releases.length === 3, 'the second loop goes on');
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
    assert.equal(releases.length, 3);
    ticker.dispose();
    releases[2]?.();
  });
});
