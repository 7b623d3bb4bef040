import { rmSync } from 'node:fs';
import { connect, createServer, type ListenOptions, type Socket } from 'node:net';
import type { Disposable } from '../../src/util/disposables';

export interface ByteRelay extends Disposable {
  /** How many connections were made. */
  readonly dialled: number;
  /** The port that it listens on, where it does. */
  readonly port: number | undefined;
}

/** Passes on every byte between whoever connects and an engine's socket, and knows nothing of what they mean: as to a VM. */
export async function startByteRelay(engineSocket: string, listen: ListenOptions): Promise<ByteRelay> {
  const sockets = new Set<Socket>();
  let dialled = 0;
  const server = createServer({ allowHalfOpen: true }, (client) => {
    dialled++;
    const engine = connect({ path: engineSocket, allowHalfOpen: true });
    const pair = [client, engine] as const;
    for (const socket of pair) {
      sockets.add(socket);
      const end = (): void => pair.forEach((one) => one.destroy());
      socket.on('error', end).on('close', () => {
        sockets.delete(socket);
        end();
      });
    }
    client.pipe(engine).pipe(client);
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(listen, resolve));
  const address = server.address();
  return {
    get dialled() {
      return dialled;
    },
    port: typeof address === 'object' && address ? address.port : undefined,
    dispose: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      if (listen.path !== undefined) rmSync(listen.path, { force: true });
    },
  };
}
