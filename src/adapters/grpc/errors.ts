import { status } from '@grpc/grpc-js';
import { RuntimeError, type ProblemCode } from '../../model/problem';
import { visible } from '../../util/text';

const CODES: ReadonlyMap<number, ProblemCode> = new Map([
  [status.DEADLINE_EXCEEDED, 'deadline'],
  [status.NOT_FOUND, 'absent'],
  [status.PERMISSION_DENIED, 'denied'],
  [status.UNAUTHENTICATED, 'denied'],
  [status.UNIMPLEMENTED, 'unsupported'],
  [status.UNAVAILABLE, 'gone'],
]);

/** A gRPC failure as a RuntimeError: its status decides the code, the server's words (made harmless) are the reason. */
export function fromGrpc(error: unknown, what: string): RuntimeError {
  if (error instanceof RuntimeError) return error;
  const code = grpcStatusOf(error);
  if (code === undefined) return RuntimeError.from(error, what);
  const details = visible(detailsOf(error), 300);
  const reason = `${details || 'No reason was given'} (gRPC status ${code} ${status[code] ?? ''})`.replace(' )', ')');
  if (code === Number(status.RESOURCE_EXHAUSTED) && /larger than max|message size/i.test(details)) {
    return new RuntimeError({ code: 'too-large', what, reason }, error);
  }
  const known = CODES.get(code) ?? 'failed';
  const remedy = known === 'gone' ? 'The daemon has ended or is restarting: refresh once it runs again.' : undefined;
  return new RuntimeError({ code: known, what, reason, ...(remedy ? { remedy } : {}) }, error);
}

/** The gRPC status number of an error; undefined when it is not one of gRPC's. */
export function grpcStatusOf(error: unknown): number | undefined {
  const code: unknown = typeof error === 'object' && error !== null ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'number' ? code : undefined;
}

function detailsOf(error: unknown): string {
  const details: unknown = (error as { details?: unknown }).details;
  return typeof details === 'string' ? details : '';
}
