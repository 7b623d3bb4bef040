import { spawn, type ChildProcess } from 'node:child_process';
import { RuntimeError } from '../../model/problem';
import type { RelayedProtocol } from '../../model/recording/connection';
import type { Disposable } from '../../util/disposables';
import { pointLink, removeSocket, withdrawLink, type RelayPaths } from './links';

/** How a relay is started. */
export interface RelayStart {
  readonly paths: RelayPaths;
  readonly realSocket: string;
  /** The folder in which it records. */
  readonly recordings: string;
  /** The built relay and its recorder. */
  readonly relayFile: string;
  readonly workerFile: string;
  readonly protocol: RelayedProtocol;
}

const READY_WITHIN_MS = 20_000;

/** A relay in a process of its own. It ends by itself once its input ends and its last connection is gone. */
export class RelayProcess implements Disposable {
  private stopping = false;

  private constructor(
    private readonly child: ChildProcess,
    private readonly start: RelayStart,
  ) {}

  /**
   * Starts a relay and makes the link lead to it. @param onLost called when it has died by itself; by then the link leads to
   * the engine again. @throws RuntimeError when it does not start
   */
  static async start(start: RelayStart, onLost: () => void): Promise<RelayProcess> {
    const { paths, realSocket, recordings, workerFile, relayFile, protocol } = start;
    const options = { socket: paths.socket, link: paths.link, realSocket, recordings, workerFile, protocol };
    const child = spawn(process.execPath, [relayFile, JSON.stringify(options)], {
      cwd: '/',
      // Of a session of its own: what ends the editor's processes does not end it.
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore'],
      // In a desktop editor, execPath is Electron, which is Node only when told so.
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: '' },
    });
    child.stdin?.on('error', () => undefined);
    const relay = new RelayProcess(child, start);
    try {
      await relay.ready();
      await pointLink(paths.link, paths.socket);
    } catch (error) {
      relay.dispose();
      throw RuntimeError.from(error, 'Starting the relay');
    }
    const lost = (): void => void relay.repair().finally(() => (relay.stopping ? undefined : onLost()));
    if (child.exitCode !== null || child.signalCode !== null) lost();
    else child.once('exit', lost);
    child.unref();
    return relay;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Makes the link lead to the engine; connections that are open go on through the relay until they end. */
  async stop(): Promise<void> {
    this.stopping = true;
    const { paths, realSocket } = this.start;
    try {
      await withdrawLink(paths.link, paths.socket, realSocket);
    } finally {
      this.dispose();
    }
  }

  /** Ends its input: it does the rest by itself. */
  dispose(): void {
    this.stopping = true;
    this.child.stdin?.destroy();
  }

  private async repair(): Promise<void> {
    const { paths, realSocket } = this.start;
    await withdrawLink(paths.link, paths.socket, realSocket).catch(() => undefined);
    await removeSocket(paths.socket);
  }

  private ready(): Promise<void> {
    const { child } = this;
    return new Promise((resolve, reject) => {
      const settle = (reason?: string): void => {
        clearTimeout(timer);
        // It says nothing more.
        child.stdout?.destroy();
        if (reason === undefined) resolve();
        else reject(new RuntimeError({ code: 'failed', what: 'Starting the relay', reason, remedy: 'Try again.' }));
      };
      const timer = setTimeout(() => settle('It did not say that it is ready.'), READY_WITHIN_MS);
      child.once('error', (error) => settle(error.message));
      child.once('exit', () => settle('Its process ended at once.'));
      let said = '';
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(0, 1000);
        if (said.includes('\n')) settle(said.startsWith('ready') ? undefined : said.trim());
      });
    });
  }
}
