import type { Disposable } from '../../util/disposables';

/**
 * Runs `tick` now and then again `intervalMs` after each has ended, while it is on. Off costs nothing: no timer, and
 * what is running is told to stop.
 */
export class Ticker implements Disposable {
  private running: AbortController | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** @param tick must not reject: it has nobody to tell */
  constructor(
    private readonly intervalMs: number,
    private readonly tick: (signal: AbortSignal) => Promise<void>,
  ) {}

  get isOn(): boolean {
    return this.running !== undefined;
  }

  set(on: boolean): void {
    if (on === this.isOn) return;
    if (!on) {
      clearTimeout(this.timer);
      this.running?.abort();
      this.running = undefined;
      return;
    }
    const controller = new AbortController();
    this.running = controller;
    void this.loop(controller.signal);
  }

  dispose(): void {
    this.set(false);
  }

  private async loop(signal: AbortSignal): Promise<void> {
    await this.tick(signal);
    if (!signal.aborted) this.timer = setTimeout(() => void this.loop(signal), this.intervalMs);
  }
}
