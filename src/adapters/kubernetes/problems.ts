import { errnoOf, RuntimeError, type Problem } from '../../model/problem';
import { asRecord, asString } from '../../util/records';
import { visible } from '../../util/text';
import { networkProblem } from '../networkProblems';

/** An answer that is no success. */
export class StatusError extends Error {
  constructor(
    readonly status: number,
    /** The message of the API's Status object, hostile. */
    message: string,
  ) {
    super(message);
  }
}

/** The message of an API server's Status object; empty for anything else. Source: Kubernetes API, meta/v1 Status. */
export function statusMessage(body: string): string {
  try {
    const status = asRecord(JSON.parse(body));
    return status?.kind === 'Status' ? (asString(status.message) ?? '') : '';
  } catch {
    return '';
  }
}

/** Why an API server could not be asked, and what helps. */
export function explainFailure(error: unknown, what: string, server: string): RuntimeError {
  if (error instanceof RuntimeError) return error;
  if (error instanceof StatusError) return new RuntimeError(statusProblem(error, what), error);
  const problem = connectionProblem(errnoOf(error) ?? '', what, server);
  return problem ? new RuntimeError(problem, error) : RuntimeError.from(error, what);
}

function statusProblem({ status, message }: StatusError, what: string): Problem {
  const said = visible(message.trim(), 300);
  const words = said ? `: ${said}` : '';
  switch (true) {
    case status === 401:
      return {
        code: 'denied',
        what,
        reason: `The API server does not know who asks (401)${words}. The credentials are wrong or have expired.`,
        remedy: 'Log in again with the tool that made this context, then refresh. Check with: kubectl auth whoami',
      };
    case status === 403:
      return {
        code: 'denied',
        what,
        reason: `The API server knows who asks and does not permit it (403)${words}.`,
        remedy: 'Ask for a role with these rights (get and list are enough). What you may: kubectl auth can-i --list',
      };
    case status === 404:
      return {
        code: 'absent',
        what,
        reason: `There is no such thing (404)${words}.`,
        remedy: 'Check that the server’s URL is that of a Kubernetes API server.',
      };
    case status === 410:
      return {
        code: 'gone',
        what,
        reason: `The list went out of date while it was read (410)${words}.`,
        remedy: 'Refresh to read it anew.',
      };
    case status === 429:
      return {
        code: 'refused',
        what,
        reason: `The API server is too busy for this question (429)${words}.`,
        remedy: 'Wait a little, then refresh.',
      };
    case status >= 300 && status < 400:
      return {
        code: 'malformed',
        what,
        reason: `It answered ${status}, which leads elsewhere and is not followed: credentials must not go there.`,
        remedy: 'Name the API server itself as server in the kubeconfig.',
      };
    default:
      return {
        code: 'failed',
        what,
        reason: `The API server answered ${status}${words}.`,
        remedy: 'See the log of the API server, or of the node’s kubelet where it was asked through it.',
      };
  }
}

function connectionProblem(code: string, what: string, server: string): Problem | undefined {
  const unreached = networkProblem(code, what, server, {
    unreachable: 'Check the name, the network and whether a VPN is needed.',
    refused: 'Check whether the cluster runs: a stopped kind, minikube or k3s looks like this.',
  });
  if (unreached) return unreached;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return {
      code: 'refused',
      what,
      reason: `The server’s certificate is not for the name in ${server} (${code}).`,
      remedy: 'Name the host as the certificate does, or set tls-server-name in the kubeconfig’s cluster.',
    };
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return {
      code: 'refused',
      what,
      reason: `The server’s certificate is not valid at this time (${code}).`,
      remedy: 'Renew it (kubeadm certs check-expiration shows which), or correct the clock.',
    };
  }
  if (/^(UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|CERT_|UNABLE)/.test(code)) {
    return {
      code: 'refused',
      what,
      reason: `The server’s certificate was not signed by an authority that is trusted (${code}).`,
      remedy: 'Put the cluster’s CA into the kubeconfig: certificate-authority or certificate-authority-data.',
    };
  }
  if (/^(ERR_TLS|ERR_SSL|ERR_OSSL|EPROTO)/.test(code)) {
    return {
      code: 'refused',
      what,
      reason: `The TLS handshake failed (${code}).`,
      remedy: 'Check the client certificate and key of this user, and that the server speaks TLS at all.',
    };
  }
  if (/^(ECONNRESET|EPIPE)$/.test(code)) {
    return {
      code: 'gone',
      what,
      reason: `The API server broke off (${code}).`,
      remedy: 'Refresh once it answers again.',
    };
  }
  if (code.startsWith('HPE_')) {
    return {
      code: 'malformed',
      what,
      reason: 'The answer is not HTTP: something else listens there, or TLS is spoken where plain HTTP was asked.',
      remedy: 'Check the server’s URL in the kubeconfig: https:// or http://, and the port.',
    };
  }
  return undefined;
}
