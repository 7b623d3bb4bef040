import { maskNamed, maskPayload, maskText } from '../secrets';
import type { RecordedBody, RecordedCall } from './recordedCall';

/** A recorded call as it is shown: secrets masked in its path and bodies. */
export function maskRecordedCall(call: RecordedCall): RecordedCall {
  return {
    ...call,
    path: maskPath(call.path),
    ...(call.request ? { request: maskBody(call.request) } : {}),
    ...(call.response ? { response: maskBody(call.response) } : {}),
    ...(call.grpc?.error === undefined ? {} : { grpc: { ...call.grpc, error: maskText(call.grpc.error) } }),
  };
}

/** A body's value with its secrets masked; texts (and JSON that was cut) as running text. */
export function maskValueOf(value: unknown): unknown {
  return typeof value === 'string' ? maskText(value) : maskPayload(value).value;
}

function maskBody(body: RecordedBody): RecordedBody {
  return body.value === undefined ? body : { ...body, value: maskValueOf(body.value) };
}

/** A path whose query may hold secrets: by the parameter's name, by the value's form, or inside JSON (build arguments). */
export function maskPath(path: string): string {
  const at = path.indexOf('?');
  if (at < 0) return path;
  const pairs = path
    .slice(at + 1)
    .split('&')
    .map((pair) => {
      const sign = pair.indexOf('=');
      if (sign < 0) return pair;
      const value = decode(pair.slice(sign + 1));
      const masked = maskQueryValue(decode(pair.slice(0, sign)), value);
      return masked === value ? pair : `${pair.slice(0, sign)}=${encodeURIComponent(masked)}`;
    });
  return `${path.slice(0, at)}?${pairs.join('&')}`;
}

function maskQueryValue(name: string, value: string): string {
  if (/^[[{]/.test(value)) {
    try {
      const { value: masked, count } = maskPayload(JSON.parse(value));
      return count > 0 ? JSON.stringify(masked) : value;
    } catch {
      return maskText(value);
    }
  }
  return maskNamed(name, value);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
