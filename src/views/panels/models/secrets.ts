import { asRecord } from '../../../util/records';

/** What stands in the place of a secret. Its length says nothing of the secret's. */
export const MASK = '••••••••';

const SECRET_NAME =
  /(?:pass(?:word|wd|phrase)?|secret|token|api[-_.]?key|access[-_.]?key|private[-_.]?key|secret[-_.]?key|encryption[-_.]?key|signing[-_.]?key|credential|auth|bearer|cookie|session[-_.]?id|jwt|dsn|connection[-_.]?string|(?:^|[-_.])key$)/i;
/** Names that hold such a word and are no secret: paths, addresses and switches. */
const HARMLESS_NAME =
  /(?:_file|_path|_dir|_url_path|_enabled|_timeout|_ttl|author|authority|xauthority|ssh_auth_sock)$/i;
const SECRET_VALUE =
  /(?:-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----|\beyJ[\w-]{10,2000}\.[\w-]{10,4000}\.|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{20,255}|\bxox[abprs]-[\w-]{10,255}|\bsk-[\w-]{20,255}|\bglpat-[\w-]{20,255})/;
const USER_INFO = /(\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@]{0,200}:)[^\s/@]{1,500}@/gi;
/** Longer texts are not searched to their end: no pattern may cost time without bound. */
const SEARCHED = 64 * 1024;

/** True for a name whose value should not be seen by chance. */
export function isSecretName(name: string): boolean {
  const short = name.slice(0, 256);
  return SECRET_NAME.test(short) && !HARMLESS_NAME.test(short);
}

/** A copy of a document with every secret masked, and how many there were. Pure: the document stays as it is. */
export function maskSecrets(document: unknown): { readonly document: unknown; readonly secrets: number } {
  let secrets = 0;
  const hit = (text: string): string => {
    secrets++;
    return text;
  };
  const maskText = (text: string): string => {
    const head = text.slice(0, SEARCHED);
    if (SECRET_VALUE.test(head)) return hit(MASK);
    const without = head.replace(USER_INFO, `$1${MASK}@`);
    return without === head ? text : hit(without + text.slice(SEARCHED));
  };
  const maskAssignment = (text: string): string => {
    const equals = text.indexOf('=');
    const name = equals < 0 ? text : text.slice(0, equals);
    if (equals < 0 || equals + 1 === text.length || !isSecretName(name)) return maskText(text);
    return hit(`${name}=${MASK}`);
  };
  const maskList = (items: readonly unknown[]): unknown[] =>
    items.map((item, index) => {
      const before = items[index - 1];
      // "--password hunter2": the word after a flag that names a secret and holds no value itself.
      const flagged = typeof before === 'string' && /^--?[\w-]+$/.test(before.slice(0, 256)) && isSecretName(before);
      if (typeof item === 'string') return flagged && !item.startsWith('-') ? hit(MASK) : maskAssignment(item);
      return walk(item);
    });
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return maskText(value);
    if (Array.isArray(value)) return maskList(value as unknown[]);
    const record = asRecord(value);
    if (!record) return value;
    return Object.fromEntries(
      Object.entries(record).map(([key, member]) => [
        key,
        typeof member === 'string' && member !== '' && isSecretName(key) ? hit(MASK) : walk(member),
      ]),
    );
  };
  return { document: walk(document), secrets };
}
