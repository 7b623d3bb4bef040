import { maskRecordedCall } from '../recording/mask';
import type { RecordedBody, RecordedCall } from '../recording/recordedCall';

/*
 * HTTP Archive 1.2. Of headers nothing is recorded, so the lists are empty and their sizes "unknown" (-1), as the format has
 * it; what is missing is said in comments. Source: http://www.softwareishard.com/blog/har-12-spec/
 */

/** Recorded calls as an HTTP archive; secrets are masked unless revealed. */
export function toHar(calls: readonly RecordedCall[], reveal: boolean, version: string): string {
  const entries = calls.map((call) => entryOf(reveal ? call : maskRecordedCall(call)));
  const log = {
    version: '1.2',
    creator: { name: 'Container Runtime Explorer', version },
    entries,
    comment: `Calls on the Docker Engine API over its unix socket, recorded by a relay. Headers are not recorded.${
      reveal ? '' : ' Secrets are masked.'
    }`,
  };
  return `${JSON.stringify({ log }, undefined, 2)}\n`;
}

function entryOf(call: RecordedCall): unknown {
  const { at, durationMs, method, path, status, request, response, upgraded, incomplete, connection } = call;
  const comments = [
    durationMs === undefined ? 'It still went on when last seen: its time is not known.' : '',
    upgraded
      ? `The connection became ${upgraded.to}: ${upgraded.sentBytes} bytes to the engine, ${upgraded.receivedBytes} back.`
      : '',
    incomplete ?? '',
  ].filter((comment) => comment !== '');
  return {
    startedDateTime: at,
    time: durationMs ?? 0,
    request: {
      method,
      // A unix socket has no host: clients write any.
      url: `http://localhost${path.startsWith('/') ? '' : '/'}${path}`,
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: [],
      queryString: queryOf(path),
      ...(request ? { postData: { mimeType: mimeOf(request), text: textOf(request), ...kept(request) } } : {}),
      headersSize: -1,
      bodySize: request?.bytes ?? 0,
    },
    response: {
      status: status ?? 0,
      statusText: '',
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: [],
      content: {
        size: response?.bytes ?? 0,
        mimeType: response ? mimeOf(response) : 'x-unknown',
        ...(response && response.value !== undefined ? { text: textOf(response) } : {}),
        ...(response ? kept(response) : {}),
      },
      redirectURL: '',
      headersSize: -1,
      bodySize: response?.bytes ?? 0,
      ...(status === undefined ? { comment: 'No response was seen.' } : {}),
    },
    cache: {},
    // Only the whole is measured.
    timings: { send: 0, wait: durationMs ?? 0, receive: 0, comment: 'Only the whole time is recorded.' },
    connection: String(connection),
    ...(comments.length === 0 ? {} : { comment: comments.join(' ') }),
  };
}

function queryOf(path: string): { readonly name: string; readonly value: string }[] {
  const at = path.indexOf('?');
  return at < 0 ? [] : [...new URLSearchParams(path.slice(at + 1))].map(([name, value]) => ({ name, value }));
}

function mimeOf({ value }: RecordedBody): string {
  if (value === undefined) return 'application/octet-stream';
  return typeof value === 'string' ? 'text/plain' : 'application/json';
}

function textOf({ value }: RecordedBody): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function kept({ value, truncated, bytes }: RecordedBody): { readonly comment?: string } {
  if (value === undefined) return { comment: `${bytes} bytes, counted and not kept.` };
  return truncated === true ? { comment: `Only the beginning of ${bytes} bytes was kept.` } : {};
}
