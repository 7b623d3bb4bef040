import { connect, type Socket } from 'node:net';
import type { Tap } from './tap';

/**
 * Carries the bytes of one connection both ways, as they are. Each direction ends by itself (a client closes its input and
 * still waits for output), and a reader that is slow makes its writer wait. Nothing is looked at: `tap` gets copies.
 */
export function pump(client: Socket, realSocket: string, tap: Tap, onClose: () => void): void {
  const engine = connect({ path: realSocket, allowHalfOpen: true });
  let open = 2;
  const closed = (): void => {
    open--;
    if (open > 0) return;
    tap.close();
    onClose();
  };
  carry(
    client,
    engine,
    (bytes) => tap.bytes('request', bytes),
    () => tap.end('request'),
  );
  carry(
    engine,
    client,
    (bytes) => tap.bytes('response', bytes),
    () => tap.end('response'),
  );
  for (const [socket, other] of [
    [client, engine],
    [engine, client],
  ] as const) {
    // A connection that breaks on one side breaks on the other, as it would without us.
    socket.on('error', () => other.destroy());
    socket.on('close', closed);
  }
}

function carry(from: Socket, to: Socket, onBytes: (bytes: Uint8Array) => void, onEnd: () => void): void {
  from.on('data', (bytes: Buffer) => {
    if (!to.write(bytes)) from.pause();
    onBytes(bytes);
  });
  to.on('drain', () => from.resume());
  from.on('end', () => {
    to.end();
    onEnd();
  });
}
