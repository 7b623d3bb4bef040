import type { PeerCertificate } from 'node:tls';
import type { Problem } from '../../model/problem';
import { asRecord, asString } from '../../util/records';
import { shellLine, visible } from '../../util/text';

/** Where a TLS connection was wanted. */
export interface TlsPlace {
  readonly host: string;
  readonly port: number;
  /** The folder of ca.pem, cert.pem and key.pem; absent where there is none. */
  readonly folder: string | undefined;
}

type Told = Omit<Problem, 'what'>;

/** Errors by which OpenSSL says that nobody it trusts has signed. */
const UNTRUSTED =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(GET_ISSUER_CERT(_LOCALLY)?|VERIFY_LEAF_SIGNATURE)|CERT_SIGNATURE_FAILURE)$/;
/** Alerts by which a server says that it does not take the client's certificate. Source: RFC 8446, section 6. */
const REJECTED =
  /ALERT_(CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA|HANDSHAKE_FAILURE|CERTIFICATE_EXPIRED|CERTIFICATE_UNKNOWN)/;

/** Why a TLS handshake failed, by Node's and OpenSSL's words for it; undefined for what is no failure of TLS. */
export function tlsProblem(error: unknown, code: string, place: TlsPlace): Told | undefined {
  if (!/^(ERR_TLS|ERR_SSL|ERR_OSSL|CERT_|DEPTH_|UNABLE_TO|SELF_SIGNED|EPROTO|HOSTNAME_MISMATCH)/.test(code))
    return undefined;
  const { host, port, folder } = place;
  const files = folder === undefined ? 'its TLS files (DOCKER_CERT_PATH, or those of the context)' : folder;
  const look = shellLine(['openssl', 's_client', '-connect', `${host}:${port}`]);
  const refused = (reason: string, remedy: string): Told => ({ code: 'refused', reason, remedy });
  if (UNTRUSTED.test(code)) {
    const ca = folder === undefined ? 'an authority of this machine' : `the one in ${folder}/ca.pem`;
    return refused(
      `The TLS handshake failed: the server’s certificate is not signed by ${ca} (${code}).`,
      `Put the certificate of the server’s own authority into ca.pem of ${files}. See what it shows: ${look}`,
    );
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    const when = code === 'CERT_HAS_EXPIRED' ? 'has expired' : 'is not valid yet';
    return refused(
      `The TLS handshake failed: the server’s certificate ${when} (${code}).`,
      `Renew it on the server, or set the clock of this machine right. See its dates: ${look} </dev/null | openssl x509 -noout -dates`,
    );
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'HOSTNAME_MISMATCH') {
    const certificate = asRecord(asRecord(error)?.cert) as Partial<PeerCertificate> | undefined;
    const names = visible(
      asString(certificate?.subjectaltname) ?? asString(certificate?.subject?.CN) ?? 'no name',
      200,
    );
    return refused(
      `The TLS handshake failed: the server’s certificate is for ${names}, and not for ${host} (${code}).`,
      'Name the engine by a name that is in its certificate, or have this one added to it.',
    );
  }
  if (REJECTED.test(code)) {
    return {
      code: 'denied',
      reason: `The TLS handshake failed: the server does not take our certificate, or wants one (${code}).`,
      remedy: `Put cert.pem and key.pem, signed by the authority that the server trusts, into ${files}.`,
    };
  }
  if (/WRONG_VERSION_NUMBER|UNKNOWN_PROTOCOL|PACKET_LENGTH|^EPROTO$/.test(code)) {
    return refused(
      `The TLS handshake failed: what listens at ${host}:${port} speaks no TLS (${code}).`,
      'Leave DOCKER_TLS_VERIFY and the TLS files of the context out, if it is meant to be without; anybody who reaches it is root there.',
    );
  }
  if (/KEY_VALUES_MISMATCH|PEM|ASN1|NO_START_LINE|BAD_DECRYPT|^ERR_OSSL/.test(code)) {
    return {
      code: 'malformed',
      reason: `The TLS files cannot be used (${code}): one is no PEM file, needs a password, or key.pem does not belong to cert.pem.`,
      remedy: `Correct ca.pem, cert.pem and key.pem of ${files}.`,
    };
  }
  return refused(
    `The TLS handshake failed (${code}).`,
    `Check ca.pem, cert.pem and key.pem of ${files}, and that it speaks TLS at all: ${look}`,
  );
}
