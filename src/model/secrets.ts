import { asRecord } from '../util/records';

/*
 * Secrets are masked by where they stand first (the value of a variable named …PASSWORD, the password of a URL, what
 * follows --token) and by what they look like second (keys with a well-known form). A masked value masks only its own
 * field: a secret of one character must not blacken a page.
 */

export const MASK = '••••••';

/** Names whose values are secrets, as whole words: TOKEN and API_KEY, but not KEYBOARD or MONKEY. */
const SECRET_NAME =
  /(?:^|[^a-z])(?:pass|passwd|password|passphrase|pwd|secret|secrets|token|tokens|apikey|api[_-]?key|access[_-]?key|private[_-]?key|secret[_-]?key|signing[_-]?key|encryption[_-]?key|master[_-]?key|license[_-]?key|ssh[_-]?key|auth|authorization|credential|credentials|cookie|jwt|bearer|dsn|connection[_-]?string)(?:$|[^a-z])/;

/** Names that end in such a word without a sign before it: DBPASSWORD, AUTHTOKEN, PGPASSWORD, PGPASS. */
const SECRET_END =
  /(?:password|passwd|passphrase|secret|authtoken|accesstoken|apitoken|apikey|accesskey|secretkey|privatekey|pgpass)(?:$|[^a-z])/;

/** Values that are secrets whatever their name. Each form is anchored by a prefix, so a look costs one pass. */
const SECRET_VALUES: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/,
  /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/,
  /\bgh[pousr]_[A-Za-z0-9]{30,}\b/,
  /\bgithub_pat_[A-Za-z0-9_]{30,}\b/,
  /\bglpat-[A-Za-z0-9_-]{20,}/,
  /\bxox[abprs]-[A-Za-z0-9-]{10,}/,
  /\bsk_(?:live|test)_[A-Za-z0-9]{16,}\b/,
  /\bAIza[A-Za-z0-9_-]{35}/,
  /\bnpm_[A-Za-z0-9]{36}\b/,
];

/** True when a variable, label or option of this name holds a secret. */
export function isSecretName(name: string): boolean {
  // camelCase and SNAKE_CASE alike: dbPassword → db_password.
  const words = name
    .slice(0, 200)
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase();
  return (
    (SECRET_NAME.test(words) || SECRET_END.test(words)) &&
    !/(?:^|[^a-z])(?:file|path|dir|url_path|name|length|ttl|expiry|count)$/.test(words)
  );
}

/** True when a text is a secret by its form. */
export function isSecretValue(value: string): boolean {
  return SECRET_VALUES.some((form) => form.test(value.slice(0, 64 * 1024)));
}

/** A value, masked when it is a secret by its form, with the password of every URL in it masked. */
export function maskValue(value: string): string {
  return isSecretValue(value) ? MASK : maskUrls(value);
}

/** `scheme://user:password@host` → the same with the password masked. */
function maskUrls(text: string): string {
  if (!text.includes('://')) return text;
  return text.replace(/([a-z][a-z0-9+.-]{0,30}:\/\/[^\s:/@'"]{0,200}):([^\s/'"]{1,500})@/gi, `$1:${MASK}@`);
}

/** `NAME=value`, masked by its name or its value; without `=` unchanged. */
export function maskEnvEntry(entry: string): string {
  const at = entry.indexOf('=');
  if (at < 0) return entry;
  const name = entry.slice(0, at);
  const value = entry.slice(at + 1);
  return `${name}=${maskNamed(name, value)}`;
}

/** The value of a name: masked when either gives it away. */
export function maskNamed(name: string, value: string): string {
  return value !== '' && isSecretName(name) ? MASK : maskPhrase(value);
}

/** Words of a command line: `--password=x`, `--password x`, `-e NAME=x`, and values by their form. */
export function maskArgs(argv: readonly string[]): string[] {
  let masksNext = false;
  let envNext = false;
  return argv.map((word) => {
    if (masksNext || envNext) {
      const masked = envNext ? maskEnvEntry(word) : MASK;
      masksNext = envNext = false;
      return masked;
    }
    const option = /^(--?[A-Za-z][\w.-]*)(?:=([\s\S]*))?$/.exec(word);
    if (!option) return /^[A-Za-z_][\w.-]*=/.test(word) ? maskEnvEntry(word) : maskPhrase(word);
    const [, name = '', value] = option;
    if (value !== undefined) {
      if (/^(?:-e|--env|-l|--label|--annotation|--build-arg|--log-opt|--storage-opt)$/.test(name))
        return `${name}=${maskEnvEntry(value)}`;
      return isSecretName(name) ? `${name}=${MASK}` : `${name}=${maskPhrase(value)}`;
    }
    envNext = /^(?:-e|--env|-l|--label|--annotation|--build-arg|--log-opt|--storage-opt)$/.test(name);
    masksNext = !envNext && isSecretName(name);
    return word;
  });
}

/** A value that may hold more than one word, such as the script of `sh -c` or a header: then it is running text. */
function maskPhrase(value: string): string {
  return /[\s{]/.test(value) ? maskText(value) : maskValue(value);
}

/** What {@link maskPayload} found. */
export interface Masked {
  readonly value: unknown;
  /** How many fields were masked. */
  readonly count: number;
}

/** Keys below which an array holds `NAME=value`. All other arrays of texts are read as words of a command line. */
const ENV_KEYS = /^env(?:ironment)?$/i;
/** Deeper than anything real; a deeper value is shown as a mark of it. */
const DEEPEST = 60;

/**
 * A copy of any JSON value with its secrets masked: variables in `env`, words of command lines, members and labels by
 * their names, texts by their form. Members keep their order; keys such as `__proto__` stay plain members.
 */
export function maskPayload(value: unknown): Masked {
  let count = 0;
  const noted = (before: string, after: string): string => {
    if (before !== after) count++;
    return after;
  };
  const walk = (current: unknown, key: string, depth: number): unknown => {
    if (depth > DEEPEST) return '… (deeper than is shown)';
    if (typeof current === 'string')
      return noted(current, isSecretName(key) ? maskNamed(key, current) : maskPhrase(current));
    if (typeof current === 'number' && isSecretName(key)) return noted(String(current), MASK);
    if (Array.isArray(current)) {
      const words = current.every((item) => typeof item === 'string') ? current : undefined;
      if (words && ENV_KEYS.test(key)) return words.map((word) => noted(word, maskEnvEntry(word)));
      if (words && !isSecretName(key)) return maskArgs(words).map((word, index) => noted(words[index] ?? '', word));
      return current.map((item: unknown) => walk(item, words ? key : '', depth + 1));
    }
    const record = asRecord(current);
    if (!record) return current;
    // A pair of members, as CRI and Compose have variables: {key: "DB_PASSWORD", value: "…"}.
    const pairName = [record.key, record.name, record.Key, record.Name].find((one) => typeof one === 'string');
    const copy: [string, unknown][] = Object.entries(record).map(([name, member]) => [
      name,
      walk(member, /^value$/i.test(name) && pairName !== undefined ? pairName : name, depth + 1),
    ]);
    return fromEntries(copy);
  };
  return { value: walk(value, '', 0), count };
}

/** Like Object.fromEntries; a member named `__proto__` stays one there too. */
function fromEntries(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  return Object.fromEntries(entries);
}

/** The masked copy of an OCI config.json. */
export function maskSpec(spec: unknown): { readonly masked: unknown; readonly count: number } {
  const { value, count } = maskPayload(spec);
  return { masked: value, count };
}

/** A private key to its end, or to the end of the text where that is cut off. */
const PEM_BLOCK = /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g;
/** Headers whose whole value is a secret, with the kind of it kept: "Authorization: Bearer ••••••". */
const HEADERS =
  /\b((?:proxy-)?authorization|x-registry-auth|x-registry-config|(?:set-)?cookie)(["']?\s{0,3}:\s{0,3}["']?)((?:bearer|basic|token|digest)\s{1,3})?([^\r\n"']{1,8000})/gi;
/** `NAME=value`, `name: value`, `--name value`; a value in quotes reaches to its end. */
const PAIRS =
  /(^|[\s'",;{(&?])(-{0,2}[A-Za-z_][\w.-]{0,100})(["']?(?:=|:\s?)|(?<=--?[\w.-]{1,100})\s)("[^"\r\n]{0,4000}"|'[^'\r\n]{0,4000}'|[^\s'"&,;}]{1,4000})/g;

/** Running text, such as a log line, a header or a command line: pairs by their name, URLs, and secrets by their form. */
export function maskText(text: string): string {
  const withoutKeys = text.replace(PEM_BLOCK, MASK);
  const formed = SECRET_VALUES.reduce(
    (current, form) => current.replace(new RegExp(form.source, `${form.flags.replace('g', '')}g`), MASK),
    withoutKeys,
  );
  const headers = formed.replace(
    HEADERS,
    (_, name: string, sign: string, kind: string | undefined) => `${name}${sign}${kind ?? ''}${MASK}`,
  );
  const pairs = headers.replace(PAIRS, (whole, before: string, name: string, sign: string, value: string) => {
    // What follows the kind of a credential is masked as its header.
    if (!isSecretName(name) || /^(?:bearer|basic|token|digest)$/i.test(value)) return whole;
    const quote = /^["']/.exec(value)?.[0] ?? '';
    return `${before}${name}${sign}${quote}${MASK}${quote}`;
  });
  return maskUrls(pairs);
}
