import type { Hint, InspectContext, Report, RuntimeAdapter } from '../../src/adapters/adapter';
import type { Findings } from '../../src/model/inspection';
import type { ProcessTable } from '../../src/model/process';

/** An adapter whose answers a test decides: for tests of the store alone, which must hold for any adapter. */
export class FakeAdapter implements RuntimeAdapter {
  looks = 0;
  watchers = 0;
  private hear: ((hint: Hint) => void) | undefined;

  constructor(
    readonly id: string,
    public report: () => Promise<Report> | Report,
    public findings: (context: InspectContext) => Promise<Findings> | Findings = () => ({}),
  ) {}

  async look(): Promise<Report> {
    this.looks++;
    return this.report();
  }

  async inspect(context: InspectContext): Promise<Findings> {
    return this.findings(context);
  }

  watch(onHint: (hint: Hint) => void): { dispose(): void } {
    this.watchers++;
    this.hear = onHint;
    return {
      dispose: () => {
        this.watchers--;
        this.hear = undefined;
      },
    };
  }

  hint(hint: Partial<Hint> = {}): void {
    this.hear?.({ layerId: this.id, kind: 'changed', ...hint });
  }

  dispose(): void {}
}

export const noProcesses: ProcessTable = { observedAt: '', byPid: new Map(), childrenOf: () => [] };

/** Waits until the condition holds; fails the test after half a minute. */
export async function eventually(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = Date.now() + 30_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`This never came true: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
