import type { Origin, Verdict } from '../model/lineage/row';

const VERDICTS: Readonly<Record<Verdict, string>> = {
  'in-force': 'in force',
  differs: 'differs',
  'not-enforced': 'not enforced',
  unreadable: 'unreadable',
  unset: 'unset',
};

const ORIGINS: Readonly<Record<Origin, string>> = {
  request: 'by the request',
  image: 'by the image',
  engine: 'by the engine',
  nobody: 'by nobody',
};

/** A verdict in a word or two. */
export function verdictWord(verdict: Verdict): string {
  return VERDICTS[verdict];
}

/** Who wanted a value: "by the image". */
export function originWords(origin: Origin): string {
  return ORIGINS[origin];
}
