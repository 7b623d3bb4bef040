import { createServer, type Server, type Socket } from 'node:net';
import { isSocketPath, listens, pointLink, targetOfLink, withdrawLink } from '../adapters/recording/links';
import type { RelayOptions } from './options';
import { pump } from './pump';
import { Recorder } from './recorder';

/** After the link leads elsewhere, a client may still be about to connect that has followed it before. */
const LINGER_MS = 2000;
/** How often it is tried whether the engine is back. */
const BACK_EVERY_MS = 500;

/** The relay: serves its socket until it is told to retire, and then until its last connection ends. */
export class Relay {
  private readonly server: Server;
  private readonly recorder: Recorder;
  private readonly connections = new Set<Socket>();
  private retiring = false;
  private lingering = true;
  private aside: NodeJS.Timeout | undefined;

  /** @param onDone called once, when it has retired and the last connection is gone */
  constructor(
    private readonly options: RelayOptions,
    private readonly onDone: () => void,
  ) {
    this.recorder = new Recorder(options.workerFile, options.recordings, options.protocol);
    this.server = createServer({ allowHalfOpen: true }, (client) => this.accept(client));
  }

  /** Resolves when clients can connect. The process's umask must leave the socket to its owner alone. */
  listen(): Promise<void> {
    const { socket } = this.options;
    // Node would cut the path silently and listen at another.
    if (!isSocketPath(socket)) return Promise.reject(new Error('the path of the socket is too long'));
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen({ path: socket, backlog: 4096 }, () => {
        this.server.off('error', reject);
        // A failed accept (out of descriptors) must not end the others.
        this.server.on('error', () => undefined);
        resolve();
      });
    });
  }

  /** Makes the link lead to the engine, takes no new connections, and ends with the last of the old. */
  async retire(): Promise<void> {
    if (this.retiring) return;
    this.retiring = true;
    clearTimeout(this.aside);
    const { link, socket, realSocket } = this.options;
    await withdrawLink(link, socket, realSocket).catch(() => undefined);
    setTimeout(() => {
      this.lingering = false;
      this.server.close();
      this.endIfLast();
    }, LINGER_MS);
  }

  private accept(client: Socket): void {
    this.connections.add(client);
    pump(client, this.options.realSocket, this.recorder.open(), {
      onUnreachable: () => this.stepAside(),
      onClose: () => {
        this.connections.delete(client);
        this.endIfLast();
      },
    });
  }

  /** Nobody listens at the engine's socket. Clients are to see that for themselves: until somebody does, the link leads there. */
  private async stepAside(): Promise<void> {
    if (this.retiring) return;
    const { link, socket, realSocket } = this.options;
    await withdrawLink(link, socket, realSocket).catch(() => undefined);
    if (this.hasRetired()) return;
    this.aside ??= setTimeout(() => void this.comeBack(), BACK_EVERY_MS);
  }

  private async comeBack(): Promise<void> {
    const { link, socket, realSocket } = this.options;
    const isBack = await listens(realSocket);
    this.aside = undefined;
    if (this.hasRetired()) return;
    if (!isBack) {
      this.aside = setTimeout(() => void this.comeBack(), BACK_EVERY_MS);
      return;
    }
    // Unless another relay has taken over.
    if ((await targetOfLink(link).catch(() => undefined)) !== realSocket) return;
    await pointLink(link, socket).catch(() => undefined);
    if (this.hasRetired()) await withdrawLink(link, socket, realSocket).catch(() => undefined);
  }

  /** Asked after a wait, in which that may have changed. */
  private hasRetired(): boolean {
    return this.retiring;
  }

  private endIfLast(): void {
    if (!this.retiring || this.lingering || this.connections.size > 0) return;
    void this.recorder.finish().then(this.onDone);
  }
}
