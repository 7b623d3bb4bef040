/*
 * Changed copies of a JSON document, as a careless tool or a hostile person might make them. Every mutation follows from
 * its number, so that one that finds something can be made again.
 */

/** A small generator of the same numbers for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** In every hostile text, so that a test can look for what became of it. */
export const CANARY = 'canary7f3a';

const HOSTILE: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  -1e308,
  2 ** 53,
  '',
  'x'.repeat(70_000),
  `<img src=x onerror=alert('${CANARY}')><script>${CANARY}</script>`,
  `[run](command:${CANARY}) $(zap) **bold**`,
  `javascript:${CANARY}`,
  `https://${CANARY}.example/`,
  `\u202e\u0000\u001b[31m${CANARY}\ud800`,
  `$(touch ${CANARY}) \`id\` ; rm -rf '${CANARY}"`,
  `../../../${CANARY}`,
  `@other/${CANARY}`,
  '9223372036854771712',
  '0001-01-01T00:00:00Z',
  '+275760-09-13T00:00:00.001Z',
  'NaN',
  'max',
  'procfs',
  [],
  {},
  [[[[[[]]]]]],
  { value: CANARY, source: CANARY, how: CANARY, observedAt: '2026-01-01T00:00:00Z', route: 'procfs' },
  { unavailable: CANARY, remedy: CANARY },
  Array.from({ length: 3_000 }, () => CANARY),
  Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`key${index}`, index])),
  JSON.parse(`{"__proto__": {"polluted": "${CANARY}"}, "constructor": "${CANARY}", "toString": 1}`),
];

/** One changed copy, as the bytes of a file. Most are changed in their structure, some in their bytes. */
export function mutated(json: string, seed: number): Buffer {
  const random = randomOf(seed);
  if (random() < 0.25) return mutatedBytes(Buffer.from(json), random);
  const document: unknown = JSON.parse(json);
  const changes = 1 + Math.floor(random() * 3);
  for (let change = 0; change < changes; change++) changeSomewhere(document, random);
  return Buffer.from(JSON.stringify(document));
}

function changeSomewhere(document: unknown, random: () => number): void {
  let parent: Record<string, unknown> | undefined;
  let key = '';
  let current = document;
  // A walk to a random place: the deeper, the more there is.
  for (let depth = 0; depth < 40; depth++) {
    if (typeof current !== 'object' || current === null) break;
    const keys = Object.keys(current);
    if (keys.length === 0 || (depth > 1 && random() < 0.06)) break;
    parent = current as Record<string, unknown>;
    key = pick(keys, random);
    current = parent[key];
  }
  if (!parent) return;
  const kind = random();
  if (kind < 0.12) delete parent[key];
  else if (kind < 0.2)
    parent[pick(['more', '__proto__x', CANARY, 'value', 'unavailable'], random)] = pick(HOSTILE, random);
  else if (kind < 0.3 && Array.isArray(parent)) parent.splice(0, 0, current);
  else if (kind < 0.4 && typeof current === 'string') parent[key] = current + JSON.stringify(pick(HOSTILE, random));
  else parent[key] = pick(HOSTILE, random);
}

function mutatedBytes(bytes: Buffer, random: () => number): Buffer {
  const at = Math.floor(random() * bytes.length);
  const length = Math.floor(random() * 40);
  switch (Math.floor(random() * 5)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    case 2:
      return Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
    case 3: {
      const copy = Buffer.from(bytes);
      for (let flip = 0; flip < 3; flip++) copy[Math.floor(random() * copy.length)] = Math.floor(random() * 256);
      return copy;
    }
    default:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from('['.repeat(length * 10)), bytes.subarray(at)]);
  }
}

function pick<T>(all: readonly T[], random: () => number): T {
  // A copy: what is put into a document may be changed there by the next change.
  return structuredClone(all[Math.floor(random() * all.length)] as T);
}
