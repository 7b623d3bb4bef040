import { asArray, asBoolean, asNumber, asRecord, asString } from '../../util/records';
import { counted } from '../../util/text';
import { formatBytes, formatCount, toInteger } from '../../util/units';

/** "Yes." and "No." sentences for a switch. */
export function either(yes: string, no: string): (value: unknown) => string | undefined {
  return (value) => {
    const is = asBoolean(value);
    return is === undefined ? undefined : is ? yes : no;
  };
}

/** "3 mounts." */
export function countOf(one: string, many?: string): (value: unknown) => string | undefined {
  return (value) =>
    Array.isArray(value)
      ? `${counted(asArray(value).length, one, many)}.`
      : asRecord(value)
        ? `${counted(Object.keys(asRecord(value) ?? {}).length, one, many)}.`
        : undefined;
}

/** An amount of bytes where 0 is a placeholder and a negative number means no limit. */
export function limitInBytes(value: unknown): string | undefined {
  const bytes = toInteger(value);
  if (bytes === undefined) return undefined;
  if (bytes < 0n) return 'No limit.';
  if (bytes === 0n) return '0 stands for “not set”: the runtime leaves the kernel’s default.';
  return `${formatBytes(bytes)}.`;
}

/** An amount of things where 0 is a placeholder and a negative number means no limit. */
export function limitOf(one: string, many?: string): (value: unknown) => string | undefined {
  return (value) => {
    const limit = toInteger(value);
    if (limit === undefined) return undefined;
    if (limit < 0n) return 'No limit.';
    if (limit === 0n) return '0 stands for “not set”: most runtimes leave the kernel’s default.';
    return `${formatCount(limit)} ${limit === 1n ? one : (many ?? `${one}s`)}.`;
  };
}

/** A user or group ID; 0 is root. */
export function idInWords(kind: 'User' | 'Group'): (value: unknown) => string | undefined {
  return (value) => {
    const id = asNumber(value);
    if (id === undefined) return undefined;
    return id === 0
      ? `${kind} 0: root. Without a user namespace it is the host’s root, held back by capabilities and other means.`
      : `${kind} ${id}. It need not have a name in the container.`;
  };
}

/** One of a closed set of words. */
export function oneOf(words: Readonly<Record<string, string>>): (value: unknown) => string | undefined {
  return (value) => {
    const word = asString(value);
    return word !== undefined && Object.hasOwn(words, word) ? words[word] : undefined;
  };
}
