import * as path from 'node:path';
import { RuntimeError } from '../../model/problem';
import { MessageType, text, uint } from '../grpc/message';
import { callTtrpc } from './ttrpc';

/** The only method of a shim that is called: it tells PIDs and changes nothing. */
const METHOD = 'Connect';
const SERVICES = { 2: 'containerd.task.v2.Task', 3: 'containerd.task.v3.Task' } as const;
const ANSWER_MS = 2_000;

/** Source: containerd api/runtime/task/v2/shim.proto, the same in v3. */
const ConnectRequest = new MessageType('containerd.task.v2.ConnectRequest', { id: text(1) });
const ConnectResponse = new MessageType('containerd.task.v2.ConnectResponse', {
  shimPid: uint(1),
  taskPid: uint(2),
  version: text(3),
});

/** What a shim tells of itself and of one of its containers. */
export interface ShimConnection {
  readonly shimPid: number;
  /** The container's init process; 0 when it is not created. */
  readonly taskPid: number;
  /** Empty for most shims. */
  readonly version: string;
}

/** Where a shim serves. Source: the files `address` and `bootstrap.json` of a bundle. */
export interface ShimAddress {
  /** `unix:///run/containerd/s/…` */
  readonly address: string;
  /** The task API it speaks; 2 when the bundle does not say. */
  readonly version: 2 | 3;
}

/**
 * Asks a shim for its PID, over ttrpc. A shim answers only its own user, so for most containers only root.
 *
 * @throws RuntimeError
 */
export async function connectToShim(
  where: ShimAddress,
  namespace: string,
  containerId: string,
  signal?: AbortSignal,
): Promise<ShimConnection> {
  const socketPath = socketPathOf(where.address);
  if (socketPath === undefined) {
    const what = `Asking the shim of ${containerId}`;
    throw new RuntimeError({
      code: 'unsupported',
      what,
      reason: `It serves at ${where.address}, not at a unix socket.`,
    });
  }
  const ask = async (version: 2 | 3): Promise<ShimConnection> =>
    ConnectResponse.decode(
      await callTtrpc(
        socketPath,
        {
          service: SERVICES[version],
          method: METHOD,
          payload: ConnectRequest.encode({ id: containerId }),
          metadata: { 'containerd-namespace-ttrpc': namespace },
          timeoutMs: ANSWER_MS,
        },
        signal,
      ),
    );
  try {
    return await ask(where.version);
  } catch (error) {
    // A bundle may outlive an upgrade of containerd: then its shim speaks the other version.
    if (!(error instanceof RuntimeError) || error.problem.code !== 'unsupported') throw error;
    return ask(where.version === 2 ? 3 : 2);
  }
}

/** The path in a `unix://` address; undefined for anything else. */
export function socketPathOf(address: string): string | undefined {
  const match = /^(?:ttrpc\+)?unix:\/\/(\/[^\0]*)$/.exec(address.trim());
  return match?.[1] === undefined ? undefined : path.normalize(match[1]);
}

/** The service that a version of the task API has, for people. */
export function taskServiceOf(version: 2 | 3): string {
  return `${SERVICES[version]}/${METHOD}`;
}
