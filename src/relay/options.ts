import type { RelayedProtocol } from '../model/recording/connection';
import { asRecord, asString } from '../util/records';

/** What the relay is told when it is started, as JSON in its first argument. All are absolute paths. */
export interface RelayOptions {
  /** The socket that it makes and serves. */
  readonly socket: string;
  /** The engine's socket. */
  readonly realSocket: string;
  /** The link that terminals know. */
  readonly link: string;
  /** The folder in which recordings are kept. */
  readonly recordings: string;
  /** The built recorder. */
  readonly workerFile: string;
  /** What clients speak: HTTP/1.1 with an engine, or gRPC with containerd. */
  readonly protocol: RelayedProtocol;
}

/** @throws Error when a path is missing */
export function readRelayOptions(text: string | undefined): RelayOptions {
  const record = asRecord(JSON.parse(text ?? 'null'));
  const take = (name: string): string => {
    const value = asString(record?.[name]);
    if (value === undefined || !value.startsWith('/')) throw new Error(`the relay needs ${name}`);
    return value;
  };
  return {
    socket: take('socket'),
    realSocket: take('realSocket'),
    link: take('link'),
    recordings: take('recordings'),
    workerFile: take('workerFile'),
    protocol: record?.protocol === 'grpc' ? 'grpc' : 'http',
  };
}
