import { ChannelCredentials, Client, credentials, Metadata, type ClientReadableStream } from '@grpc/grpc-js';
import type { Socket } from 'node:net';
import { RuntimeError } from '../../model/problem';
import { costs } from '../../util/costs';
import { withDeadline } from '../../util/deadline';
import type { Disposable } from '../../util/disposables';
import { fromGrpc } from './errors';
import type { Fields, MessageOf, MessageType } from './message';
import { probeSocket } from './probe';

/** The largest message taken. containerd itself sends no larger ones. Source: containerd defaults.DefaultMaxSendMsgSize. */
const MESSAGE_LIMIT = 16 * 1024 * 1024;

/** Opening has deadlines of its own; this one is the net below. */
const OPEN_MS = 10_000;

/** One method of a gRPC service. */
export interface Method<Request extends Fields, Response extends Fields> {
  /** `/package.Service/Method`. */
  readonly path: string;
  readonly request: MessageType<Request>;
  readonly response: MessageType<Response>;
}

export interface CallOptions {
  readonly timeoutMs: number;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

export interface StreamOptions<Response extends Fields> extends Omit<CallOptions, 'timeoutMs'> {
  /** Absent for a stream that is meant to stay open. */
  readonly timeoutMs?: number;
  readonly onMessage: (message: MessageOf<Response>) => void;
  /** Asked after each message: true ends the stream, which was read as far as it was wanted. */
  readonly isEnough?: () => boolean;
  /** An element that could not be decoded: it is left out, the others still come. */
  readonly onMalformed?: () => void;
}

interface Cancellable {
  cancel(): void;
}

/**
 * A gRPC connection over a unix socket. Every call has a deadline; there are no keepalive pings, because containerd
 * ends connections that send them; close() ends the connection at once, also one whose server never answers.
 */
export class UnixChannel implements Disposable {
  private readonly sockets = new Set<Socket>();
  private readonly calls = new Set<Cancellable>();
  private readonly client: Client;
  private closed = false;

  private constructor(private readonly path: string) {
    this.client = new Client(`unix:${path}`, new TrackedCredentials((socket) => this.track(socket)), {
      'grpc.max_receive_message_length': MESSAGE_LIMIT,
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 2_000,
      'grpc.enable_retries': 0,
      'grpc.enable_http_proxy': 0,
      // A connection shared with other channels would outlive this one.
      'grpc.use_local_subchannel_pool': 1,
      'grpc.default_authority': 'localhost',
      'grpc.service_config_disable_resolution': 1,
    });
  }

  /** @throws RuntimeError naming the cause when the socket cannot be connected to */
  static async open(path: string, signal?: AbortSignal): Promise<UnixChannel> {
    await probeSocket(path, undefined, signal);
    return new UnixChannel(path);
  }

  /** @throws RuntimeError */
  async unary<Q extends Fields, R extends Fields>(
    method: Method<Q, R>,
    request: Partial<MessageOf<Q>>,
    options: CallOptions,
  ): Promise<MessageOf<R>> {
    const what = this.describe(method.path);
    this.mustBeOpen(what);
    const response = await withDeadline(what, options.timeoutMs, options.signal, (signal) =>
      costs.measure(
        `unix://${this.path}`,
        method.path,
        () => this.send(what, method.path, method.request.encode(request), options, signal),
        (bytes) => bytes.length,
      ),
    );
    return method.response.decode(response);
  }

  /** Hands on every message of a server's stream as it comes; resolves when the server ends it. @throws RuntimeError */
  async stream<Q extends Fields, R extends Fields>(
    method: Method<Q, R>,
    request: Partial<MessageOf<Q>>,
    options: StreamOptions<R>,
  ): Promise<void> {
    const what = this.describe(method.path);
    this.mustBeOpen(what);
    const read = (signal?: AbortSignal): Promise<void> =>
      this.receive(what, method, method.request.encode(request), options, signal);
    if (options.timeoutMs === undefined) return read(options.signal);
    return withDeadline(what, options.timeoutMs, options.signal, read);
  }

  /** Cancels what is under way and destroys the connection. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const call of this.calls) call.cancel();
    this.calls.clear();
    this.client.close();
    // The library only asks politely, and waits for ever for a server that does not answer.
    for (const socket of this.sockets) socket.destroy();
    this.sockets.clear();
  }

  dispose(): void {
    this.close();
  }

  private send(
    what: string,
    path: string,
    request: Buffer,
    options: CallOptions,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const deadline = Date.now() + options.timeoutMs + 1_000;
      let release = (): void => undefined;
      const call = this.client.makeUnaryRequest<Buffer, Buffer>(
        path,
        identity,
        identity,
        request,
        metadataOf(options.metadata),
        { deadline },
        (error, response) => {
          release();
          if (error) reject(fromGrpc(error, what));
          else resolve(response ?? new Uint8Array(0));
        },
      );
      release = this.follow(call, signal);
    });
  }

  private receive<Q extends Fields, R extends Fields>(
    what: string,
    method: Method<Q, R>,
    request: Buffer,
    options: StreamOptions<R>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const call: ClientReadableStream<Buffer> = this.client.makeServerStreamRequest<Buffer, Buffer>(
        method.path,
        identity,
        identity,
        request,
        metadataOf(options.metadata),
        options.timeoutMs === undefined ? {} : { deadline: Date.now() + options.timeoutMs + 1_000 },
      );
      const release = this.follow(call, signal);
      const begun = performance.now();
      let received = 0;
      let isSettled = false;
      const settle = (done: () => void, failed = false): void => {
        if (isSettled) return;
        isSettled = true;
        release();
        costs.note(`unix://${this.path}`, method.path, {
          milliseconds: performance.now() - begun,
          bytes: received,
          failed,
        });
        done();
      };
      call.on('data', (bytes: Buffer) => {
        if (isSettled) return;
        received += bytes.length;
        let message: MessageOf<R>;
        try {
          message = method.response.decode(bytes);
        } catch {
          options.onMalformed?.();
          return;
        }
        options.onMessage(message);
        if (options.isEnough?.() !== true) return;
        settle(resolve);
        call.cancel();
      });
      call.on('end', () => settle(resolve));
      call.on('error', (error: unknown) => settle(() => reject(fromGrpc(error, what)), true));
    });
  }

  /** Cancels a call with its signal or with the channel, until released. */
  private follow(call: Cancellable, signal: AbortSignal | undefined): () => void {
    const cancel = (): void => call.cancel();
    this.calls.add(call);
    if (signal?.aborted) cancel();
    else signal?.addEventListener('abort', cancel, { once: true });
    return () => {
      this.calls.delete(call);
      signal?.removeEventListener('abort', cancel);
    };
  }

  private track(socket: Socket): void {
    if (this.closed) {
      socket.destroy();
      return;
    }
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
  }

  private mustBeOpen(what: string): void {
    if (this.closed) throw new RuntimeError({ code: 'cancelled', what, reason: 'The connection was closed.' });
  }

  private describe(path: string): string {
    return `Calling ${path.slice(1)} on unix://${this.path}`;
  }
}

/** A channel that is in use, and by how many. */
interface Shared {
  readonly opening: Promise<UnixChannel>;
  users: number;
}

const shared = new Map<string, Shared>();

/**
 * Gives `work` a channel to a socket. Those who ask at the same time share one, since making a connection costs more than
 * most questions; the last of them closes it. After a failure nobody new is given that channel.
 */
export async function withChannel<T>(
  path: string,
  signal: AbortSignal | undefined,
  work: (channel: UnixChannel) => Promise<T>,
): Promise<T> {
  const own = shared.get(path) ?? { opening: UnixChannel.open(path), users: 0 };
  shared.set(path, own);
  own.users++;
  const retire = (): void => {
    if (shared.get(path) === own) shared.delete(path);
  };
  try {
    // One who gives up must not end what others wait for.
    const channel = await withDeadline(`Connecting to unix://${path}`, OPEN_MS, signal, () => own.opening);
    return await work(channel);
  } catch (error) {
    retire();
    throw error;
  } finally {
    if (--own.users === 0) {
      retire();
      own.opening.then(
        (channel) => channel.close(),
        () => undefined,
      );
    }
  }
}

type SecureConnector = ReturnType<ChannelCredentials['_createSecureConnector']>;
type ConnectorArguments = Parameters<ChannelCredentials['_createSecureConnector']>;

/** Credentials of a plaintext connection that show us its socket, so that we can destroy it. */
class TrackedCredentials extends ChannelCredentials {
  private readonly plain = credentials.createInsecure();

  constructor(private readonly onSocket: (socket: Socket) => void) {
    super();
  }

  override _isSecure(): boolean {
    return false;
  }

  override _equals(other: ChannelCredentials): boolean {
    return other === this;
  }

  override _createSecureConnector(...given: ConnectorArguments): SecureConnector {
    const connector = this.plain._createSecureConnector(...given);
    return {
      ...connector,
      connect: (socket) => {
        this.onSocket(socket);
        return connector.connect(socket);
      },
    };
  }
}

function identity(bytes: Buffer): Buffer {
  return bytes;
}

function metadataOf(values: Readonly<Record<string, string>> = {}): Metadata {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(values)) metadata.set(key, value);
  return metadata;
}
