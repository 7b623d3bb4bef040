import { Emitter } from '../util/emitter';
import type { Disposable } from '../util/disposables';
import { FarHost, type FoundHost } from './farHost';
import type { InventoryChange } from './store';

/** The live hosts beside this machine: found anew when asked, each connected only once somebody wants to see it. */
export class FarHosts {
  private readonly known = new Map<string, { readonly host: FarHost; readonly listening: Disposable }>();
  private readonly listed = new Emitter<void>();
  private readonly changes = new Emitter<InventoryChange>();
  private attended = false;
  private disposed = false;

  /** Fires when hosts came, went, or were let go of. */
  readonly onDidList = this.listed.event;
  /** Fires for what differs on a host, with its ids. */
  readonly onDidChange = this.changes.event;

  /** @param find those that are to be shown, in their order; must not reject */
  constructor(private readonly find: () => Promise<readonly FoundHost[]>) {}

  get all(): readonly FarHost[] {
    return [...this.known.values()].map(({ host }) => host);
  }

  get(key: string | undefined): FarHost | undefined {
    return key === undefined ? undefined : this.known.get(key)?.host;
  }

  /** Reads anew which hosts there are. Those that stay keep their connection. Dials nobody. */
  async update(): Promise<void> {
    const found = await this.find();
    if (this.disposed) return;
    const before = [...this.known.keys()].join();
    const wanted = new Set(found.map(({ about }) => about.key));
    for (const key of [...this.known.keys()]) if (!wanted.has(key)) this.forget(key);
    for (const one of found) if (!this.known.has(one.about.key)) this.add(one);
    if (before !== [...this.known.keys()].join()) this.listed.fire();
  }

  /** Ends a host's connection; its row stays. */
  disconnect(key: string): void {
    this.get(key)?.disconnect();
    this.listed.fire();
  }

  /** Looks again at those that are connected. Nobody waits for them, and one that fails says so in its row. */
  refreshConnected(): void {
    for (const host of this.all)
      if (host.connection.state !== 'none') void host.refresh('asked by the user').catch(() => undefined);
  }

  setAttended(attended: boolean): void {
    this.attended = attended;
    for (const host of this.all) host.setAttended(attended);
  }

  dispose(): void {
    this.disposed = true;
    for (const key of [...this.known.keys()]) this.forget(key);
    this.listed.dispose();
    this.changes.dispose();
  }

  private add(found: FoundHost): void {
    const host = new FarHost(found);
    host.setAttended(this.attended);
    this.known.set(found.about.key, { host, listening: host.onDidChange((change) => this.changes.fire(change)) });
  }

  private forget(key: string): void {
    const gone = this.known.get(key);
    this.known.delete(key);
    gone?.listening.dispose();
    gone?.host.dispose();
  }
}
