import { readRelayOptions } from './options';
import { Relay } from './relay';

/*
 * The relay's process: detached, so that it lives on when whoever started it dies, until its last connection has ended. It
 * says "ready" once on its output, and learns from the end of its input that its owner is gone.
 */

// Before anything is made: the socket is its owner's alone from its first instant on.
process.umask(0o177);

const relay = new Relay(readRelayOptions(process.argv[2]), () => process.exit(0));
const retire = (): void => void relay.retire();

process.stdout.on('error', () => undefined);
process.on('uncaughtException', retire);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, retire);

relay.listen().then(
  () => {
    process.umask(0o077);
    process.stdout.write('ready\n');
    process.stdin.on('end', retire).on('close', retire).on('error', retire).resume();
  },
  (error: unknown) => {
    process.stdout.write(`failed ${error instanceof Error ? error.message : String(error)}\n`, () => process.exit(1));
  },
);
