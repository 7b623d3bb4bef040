import { createRequire } from 'node:module';
import type { LoggedConnection } from './byteLog';

/*
 * The calls in what a byte log noted of an engine's clients, as llhttp reads them: Node's own parser of HTTP, in C, which
 * has nothing in common with the product's. It has no public name, so what is used of it is described here.
 */

interface Parser {
  initialize(type: number, owner: object): void;
  /** The bytes that it took; fewer than given where the connection leaves HTTP. */
  execute(bytes: Buffer): number | Error;
  [callback: number]: unknown;
}

interface ParserClass {
  new (): Parser;
  readonly REQUEST: number;
  readonly RESPONSE: number;
  readonly kOnHeadersComplete: number;
  readonly kOnBody: number;
  readonly kOnMessageComplete: number;
  readonly methods?: readonly string[];
}

const { HTTPParser, methods } = createRequire(__filename)('_http_common') as {
  HTTPParser: ParserClass;
  methods: readonly string[];
};

/** A call as it went over the wire. */
export interface WitnessedCall {
  readonly method: string;
  readonly path: string;
  /** Undefined when no answer came. */
  readonly status: number | undefined;
  /** Bodies without their framing. */
  readonly request: Buffer;
  readonly response: Buffer;
  /** What the connection became with it, and how many bytes went each way from there. */
  readonly upgraded?: { readonly to: string; readonly sentBytes: number; readonly receivedBytes: number };
}

interface Message {
  readonly method: string;
  readonly target: string;
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: Buffer[];
}

/** Every call of a connection, in the order of the requests. @throws Error when it is not HTTP/1.1 */
export function readCalls(connection: LoggedConnection): WitnessedCall[] {
  const sent = Buffer.concat(connection.request);
  const received = Buffer.concat(connection.response);
  const requests: Message[] = [];
  let at = 0;
  for (;;) {
    at += readMessages('REQUEST', sent.subarray(at), requests, () => false);
    const answers: Message[] = [];
    const answered = readMessages('RESPONSE', received, answers, (index) => requests[index]?.method === 'HEAD');
    const last = answers.at(-1);
    const isRaw = last?.status === 101;
    // The client has asked to leave HTTP, and the engine has not: more requests may follow.
    if (!isRaw && at < sent.length) continue;
    return requests.map((request, index) => {
      const answer = answers[index];
      const upgraded = isRaw && answer === last;
      return {
        method: request.method,
        path: request.target,
        status: answer?.status,
        request: Buffer.concat(request.body),
        response: Buffer.concat(answer?.body ?? []),
        ...(upgraded
          ? {
              upgraded: {
                to: valueOf(answer.headers, 'upgrade'),
                sentBytes: sent.length - at,
                receivedBytes: received.length - answered,
              },
            }
          : {}),
      };
    });
  }
}

/** Adds the messages of one direction; returns how many bytes were read until its end, or until it leaves HTTP. */
function readMessages(
  type: 'REQUEST' | 'RESPONSE',
  bytes: Buffer,
  messages: Message[],
  hasNoBody: (index: number) => boolean,
): number {
  const parser = new HTTPParser();
  parser.initialize(HTTPParser[type], {});
  parser[HTTPParser.kOnHeadersComplete] = (
    ...[, , headers, method, target, status]: [number, number, string[], number, string, number]
  ): number => {
    // 100 Continue is no answer.
    const isAnswer = type === 'REQUEST' || status >= 200 || status === 101;
    const index = messages.length;
    const message = { method: methods[method] ?? '', target, status, headers, body: [] };
    if (isAnswer) messages.push(message);
    return type === 'RESPONSE' && hasNoBody(index) ? 1 : 0;
  };
  parser[HTTPParser.kOnBody] = (piece: Buffer): void => void messages.at(-1)?.body.push(piece);
  const read = parser.execute(bytes);
  if (read instanceof Error) throw read;
  return read;
}

function valueOf(headers: readonly string[], name: string): string {
  const at = headers.findIndex((header, index) => index % 2 === 0 && header.toLowerCase() === name);
  return headers[at + 1] ?? '';
}
