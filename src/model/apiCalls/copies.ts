import type { UnknownRecord } from '../../util/records';
import { maskArgs, maskPayload } from '../secrets';
import type { CreateRequest } from './createRequest';
import { dockerCommand } from './dockerFlags';
import { pasteLine, visibleJson } from './paste';
import { dockerodeCreate, goCreate } from './replay';

/** Where the engine of a copied call is. */
export interface CallTarget {
  /** `unix:///var/run/docker.sock`, `tcp://…`. */
  readonly endpoint: string;
  readonly apiVersion: string;
}

/** The path of the create call with its query. */
export function createPath(request: CreateRequest, target: CallTarget): string {
  // Half a character has no encoding.
  const name = request.name?.replace(/\p{Surrogate}/gu, '\ufffd');
  const query = name === undefined ? '' : `?name=${encodeURIComponent(name)}`;
  return `/v${target.apiVersion}/containers/create${query}`;
}

/** The create call in every form in which it can be pasted. Secrets are masked unless revealed. */
export function createCopies(request: CreateRequest, target: CallTarget, reveal: boolean): Record<string, string> {
  const body = reveal ? request.body : (maskPayload(request.body).value as UnknownRecord);
  const path = createPath(request, target);
  return {
    curl: curl(target, 'POST', path, body),
    'docker create': dockerLine(request, target, ['create'], reveal),
    'docker run': dockerLine(request, target, isAttached(request) ? ['run'] : ['run', '--detach'], reveal),
    'Raw HTTP': rawHttp('POST', path, body),
    dockerode: dockerodeCreate(request, target, body),
    'Go SDK': goCreate(request, target, body),
  };
}

/** Attached and detached runs differ in the request: the first leaves the streams on the terminal. */
function isAttached({ body }: CreateRequest): boolean {
  return ['AttachStdin', 'AttachStdout', 'AttachStderr'].some((key) => body[key] === true);
}

function dockerLine(request: CreateRequest, target: CallTarget, verb: readonly string[], reveal: boolean): string {
  const { words, notExpressible } = dockerCommand(request, target.endpoint, verb);
  const line = pasteLine(reveal ? words : maskArgs(words));
  if (notExpressible.length === 0) return line;
  // A comment after the command, so that pasting still runs it. Names of fields are ours, not the container's.
  return `${line}\n# Not to be said with options: ${notExpressible.join(', ').replace(/[^\w.,() ]/g, '')}`;
}

/** A call as curl sends it over the engine's socket. */
export function curl(target: CallTarget, method: string, path: string, body?: unknown): string {
  const data =
    body === undefined ? [] : ['--header', 'Content-Type: application/json', '--data-binary', visibleJson(body)];
  const socket = /^unix:\/\/(.*)$/.exec(target.endpoint)?.[1];
  const where =
    socket === undefined
      ? [target.endpoint.replace(/^tcp:/, 'http:') + path]
      : ['--unix-socket', socket, `http://localhost${path}`];
  const verb = method === 'HEAD' ? ['--head'] : ['--request', method];
  return pasteLine(['curl', ...verb, ...data, ...where]);
}

/** A call as it goes over the wire, ready for `nc -U` or `socat`. */
export function rawHttp(method: string, path: string, body?: unknown): string {
  const text = body === undefined ? '' : visibleJson(body);
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: localhost', 'Connection: close'];
  if (body !== undefined)
    lines.push('Content-Type: application/json', `Content-Length: ${new TextEncoder().encode(text).length}`);
  return `${lines.join('\r\n')}\r\n\r\n${text}`;
}
