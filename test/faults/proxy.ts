// A socket before an engine's: it writes down what is asked, and can hold, cut or split what is answered.
import { createServer, createConnection, type Server, type Socket } from 'node:net';

/** How the answers of connections that carry events are passed on. */
export type Trouble = 'none' | 'freeze' | 'byte by byte' | { readonly cutAfterBytes: number };

export class Proxy {
  /** "GET /v1.41/containers/json?all=1", in order. */
  readonly asked: string[] = [];
  trouble: Trouble = 'none';
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;

  private constructor(
    readonly path: string,
    private readonly engine: string,
  ) {
    this.server = createServer((client) => this.serve(client));
  }

  static async start(path: string, engine: string): Promise<Proxy> {
    const proxy = new Proxy(path, engine);
    await new Promise<void>((resolve, reject) => proxy.server.on('error', reject).listen(path, resolve));
    return proxy;
  }

  /** How many connections are open now. */
  get open(): number {
    return [...this.sockets].filter((socket) => !socket.destroyed).length;
  }

  get connections(): readonly Socket[] {
    return [...this.sockets];
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private serve(client: Socket): void {
    const engine = createConnection({ path: this.engine });
    this.sockets.add(client);
    client.on('close', () => {
      this.sockets.delete(client);
      engine.destroy();
    });
    engine.on('close', () => client.destroy());
    client.on('error', () => engine.destroy());
    engine.on('error', () => client.destroy());
    let isEvents = false;
    client.on('data', (bytes) => {
      // A GET has no body, so a request begins where a chunk does.
      const line = /^([A-Z]+ \S+) HTTP\/1\.1\r\n/.exec(bytes.toString('latin1'))?.[1];
      if (line) this.asked.push(line);
      isEvents ||= line !== undefined && /\/events(\?|$)/.test(line);
      engine.write(bytes);
    });
    client.on('end', () => engine.end());
    engine.on('end', () => client.end());
    let passed = 0;
    engine.on('data', (bytes) => {
      const trouble = isEvents ? this.trouble : 'none';
      if (trouble === 'freeze') return;
      if (trouble === 'none') client.write(bytes);
      else if (trouble === 'byte by byte') for (const byte of bytes) client.write(Uint8Array.of(byte));
      else {
        // The headers are passed whole: what is cut is an event.
        const start = passed === 0 ? bytes.indexOf('\r\n\r\n') + 4 : 0;
        client.write(bytes.subarray(0, start + Math.max(0, trouble.cutAfterBytes - passed)));
        passed += bytes.length - start;
        if (passed > trouble.cutAfterBytes) client.destroySoon();
      }
    });
  }
}
