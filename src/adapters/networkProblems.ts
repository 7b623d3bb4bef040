import type { Problem } from '../model/problem';

/** What helps where a host, or a port of it, does not answer. */
export interface NetworkRemedies {
  readonly unreachable: string;
  readonly refused: string;
}

/** Why a server of another machine could not be reached, by the error code of the connection; undefined for other codes. */
export function networkProblem(
  code: string,
  what: string,
  where: string,
  remedies: NetworkRemedies,
): Problem | undefined {
  if (/^(ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT)$/.test(code)) {
    return {
      code: 'absent',
      what,
      reason: `The host of ${where} cannot be reached (${code}).`,
      remedy: remedies.unreachable,
    };
  }
  if (code !== 'ECONNREFUSED') return undefined;
  return {
    code: 'refused',
    what,
    reason: `The host answers, but nobody listens at ${where} (ECONNREFUSED).`,
    remedy: remedies.refused,
  };
}
