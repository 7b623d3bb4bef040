import * as path from 'node:path';

/** Where a Docker endpoint is, in a closed set of forms. */
export type DockerAddress =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls: boolean }
  | SshAddress;

/** An engine behind ssh: as ssh's own words for the host, and the engine's socket there, where it is not the usual one. */
export interface SshAddress {
  readonly kind: 'ssh';
  readonly user?: string;
  /** A name or an address, without the brackets of IPv6. */
  readonly host: string;
  readonly port?: number;
  readonly socket?: string;
}

/** A parsed address, or why the text is none. The text itself is never repeated: it may hold a password. */
export type ParsedAddress = { readonly address: DockerAddress } | { readonly refused: string };

const TCP_PORT = 2375;
const TLS_PORT = 2376;
/** sun_path holds 108 bytes with its end mark. A longer path would silently be cut, and another socket be asked. */
const LONGEST_SOCKET_PATH_BYTES = 107;

/**
 * Reads DOCKER_HOST and what contexts and settings say. Texts that could become something else on their way (an option
 * of ssh, a second line) are refused. Source of the forms: docker/cli opts/hosts.go.
 */
export function parseDockerAddress(text: string, tls = false): ParsedAddress {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u0020\u007f]/.test(text)) return { refused: 'It holds blanks or control characters.' };
  if (text === '') return { refused: 'It is empty.' };
  if (text.startsWith('-')) return { refused: 'It begins with "-", as an option would.' };
  const scheme = /^([a-z]+):\/\/(.*)$/.exec(text);
  if (!scheme && path.isAbsolute(text)) return parseUnix(text);
  const [, kind, rest = ''] = scheme ?? [undefined, 'tcp', text];
  switch (kind) {
    case 'unix':
      return parseUnix(rest);
    case 'tcp':
    case 'http':
    case 'https':
      return parseTcp(rest, tls || kind === 'https');
    case 'ssh':
      return parseSsh(rest);
    case 'npipe':
    case 'fd':
      return { refused: `Addresses of the form ${kind}:// are not reachable from here.` };
    default:
      return { refused: 'It is none of unix://, tcp:// and ssh://.' };
  }
}

function parseUnix(text: string): ParsedAddress {
  if (!path.isAbsolute(text)) return { refused: 'A unix address needs an absolute path.' };
  const normal = path.normalize(text);
  return Buffer.byteLength(normal) > LONGEST_SOCKET_PATH_BYTES
    ? { refused: `Its path is longer than the ${LONGEST_SOCKET_PATH_BYTES} bytes that a socket's path can have.` }
    : { address: { kind: 'unix', path: normal } };
}

function parseTcp(rest: string, tls: boolean): ParsedAddress {
  let url: URL;
  try {
    // Docker takes an address without a host for this machine.
    url = new URL(`http://${/^(:|$)/.test(rest) ? '127.0.0.1' : ''}${rest}`);
  } catch {
    return { refused: 'It is no host and port.' };
  }
  if (url.username || url.password)
    return { refused: 'It holds a user or a password, which Docker does not take in a TCP address.' };
  if (url.pathname !== '/' || url.search || url.hash) return { refused: 'It holds more than a host and a port.' };
  if (/^[-.]/.test(url.hostname)) return { refused: 'It is no host and port.' };
  const port = url.port === '' ? (/:80$/.test(rest) ? 80 : tls ? TLS_PORT : TCP_PORT) : Number(url.port);
  return { address: { kind: 'tcp', host: url.hostname, port, tls } };
}

/**
 * Names that ssh would take for options are refused, since those can run programs; so is whatever could be more than a name
 * in a ProxyCommand of the user's own configuration (%h, %r), or in the shell of the other host.
 * Source of the forms: docker/cli cli/connhelper/ssh.
 */
function parseSsh(rest: string): ParsedAddress {
  const [authority = ''] = rest.split('/');
  // However it is written: the root is no socket.
  const socket = path.posix.normalize(rest.slice(authority.length) || '/');
  const at = authority.lastIndexOf('@');
  const user = at < 0 ? undefined : authority.slice(0, at);
  const place = authority.slice(at + 1);
  if (place === '' || place.startsWith('-') || user?.startsWith('-'))
    return { refused: 'Its host would be taken for an option of ssh.' };
  if (user?.includes(':')) return { refused: 'It holds a password.' };
  const [, v6, name, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/.exec(place) ?? [];
  const host = v6 ?? name;
  const port = digits === undefined ? undefined : Number(digits);
  if (host === undefined || (user !== undefined && !/^[\w.+-]+$/.test(user)))
    return { refused: 'It holds characters that names of hosts and users do not have.' };
  if (port !== undefined && (port < 1 || port > 65_535)) return { refused: 'Its port is no port.' };
  if (socket !== '/' && !/^\/[\w./+-]+$/.test(socket))
    return { refused: 'The path of its socket holds characters that a shell could take otherwise.' };
  return {
    address: {
      kind: 'ssh',
      ...(user === undefined ? {} : { user }),
      host,
      ...(port === undefined ? {} : { port }),
      ...(socket === '/' ? {} : { socket }),
    },
  };
}

/** The address as clients write it. */
export function addressText(address: DockerAddress): string {
  switch (address.kind) {
    case 'unix':
      return `unix://${address.path}`;
    case 'tcp':
      return `tcp://${address.host}:${address.port}`;
    case 'ssh':
      return sshText(address);
  }
}

function sshText({ user, host, port, socket = '' }: SshAddress): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return `ssh://${user === undefined ? '' : `${user}@`}${name}${port === undefined ? '' : `:${port}`}${socket}`;
}
