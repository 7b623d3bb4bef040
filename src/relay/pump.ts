import { connect, type Socket } from 'node:net';
import { ReadMemory } from './readMemory';
import type { Tap } from './tap';

/** Whoever is told how a pump fares. */
export interface PumpListener {
  /** The engine cannot be connected to. The client is let go when this is settled. */
  onUnreachable(): Promise<void>;
  /** Both ends of the connection are closed. */
  onClose(): void;
}

/**
 * Carries the bytes of one connection both ways, as they are. Each direction ends by itself (a client closes its input and
 * still waits for output), and a reader that is slow makes its writer wait. Nothing is looked at: `tap` is shown the bytes.
 */
export function pump(client: Socket, realSocket: string, tap: Tap, listener: PumpListener): void {
  // The engine sends most: its bytes are read into memory that is used again as soon as the client has them.
  const memory = new ReadMemory();
  const engine = connect({
    path: realSocket,
    allowHalfOpen: true,
    onread: {
      buffer: () => memory.take(),
      callback: (length, buffer) => {
        const bytes = buffer.subarray(0, length);
        client.write(bytes, () => {
          memory.giveBack(buffer, length);
          if (client.writableLength === 0) engine.resume();
        });
        tap.bytes('response', bytes);
        return client.writableLength === 0;
      },
    },
  });
  let open = 2;
  const closed = (): void => {
    open--;
    if (open > 0) return;
    tap.close();
    listener.onClose();
  };
  let connected = false;
  engine.on('connect', () => (connected = true));
  client.on('data', (bytes: Buffer) => {
    // Not what write() says: that is how much it was given, even where the kernel has taken all at once.
    engine.write(bytes, () => (engine.writableLength === 0 ? client.resume() : undefined));
    if (engine.writableLength > 0) client.pause();
    tap.bytes('request', bytes);
  });
  endWith(client, engine, () => tap.end('request'));
  endWith(engine, client, () => tap.end('response'));
  // A connection that breaks on one side breaks on the other, as it would without us.
  client.on('error', () => engine.destroy()).on('close', closed);
  engine
    .on('error', () => {
      if (connected) client.destroy();
      else void listener.onUnreachable().finally(() => client.destroy());
    })
    .on('close', closed);
}

function endWith(from: Socket, to: Socket, onEnd: () => void): void {
  from.on('end', () => {
    to.end();
    onEnd();
  });
}
