import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { Har } from 'har-format';
import type { Birth } from '../../../../src/model/trace/birth';
import { layOut } from '../../../../src/model/trace/diagram';
import { toHar } from '../../../../src/model/trace/har';
import { toMermaid } from '../../../../src/model/trace/mermaid';
import { toSvg } from '../../../../src/model/trace/svg';
import { Phrasebook } from '../../../../src/util/phrasebook';
import { birth, HOSTILE_NAMES, RECORDED } from './births';

/** A birth in which every text from outside is the same hostile one. */
function hostile(text: string): Birth {
  const plain = birth();
  return {
    ...plain,
    name: text,
    failure: text,
    steps: plain.steps.map((step) => ({ ...step, label: text, detail: text })),
    times: plain.times.map((time) => ({ ...time, label: text })),
  };
}

interface Parser {
  parse(text: string): Promise<unknown>;
  mermaidAPI: {
    getDiagramFromText(text: string): Promise<{ db: { getMessages(): unknown[]; getActorKeys(): string[] } }>;
  };
}

/** Mermaid cleans titles by the document of a browser, which is not here: the line must be a title by its form. */
function withoutTitle(mermaid: string): string {
  const lines = mermaid.split('\n');
  assert.match(lines[1] ?? '', /^ {4}accTitle: (?:[\p{L}\p{N} .,/_+?()[\]±=•…-]|#\d+;)+$/u);
  return [...lines.slice(0, 1), ...lines.slice(2)].join('\n');
}

describe('a birth as Mermaid', () => {
  let mermaid: Parser;

  before(async () => {
    mermaid = (await import('mermaid')).default as unknown as Parser;
    // Its kinds of diagrams are known to it once it has parsed something.
    await mermaid.parse('sequenceDiagram');
  });

  it('is a sequence diagram with all messages and no others, by Mermaid’s own parser', async () => {
    for (const text of [undefined, ...HOSTILE_NAMES]) {
      const shown = text === undefined ? { ...birth(), failure: 'no' } : hostile(text);
      const { db } = await mermaid.mermaidAPI.getDiagramFromText(withoutTitle(toMermaid(shown)));
      assert.deepEqual(db.getActorKeys(), shown.lanes, text);
      assert.equal(db.getMessages().length, shown.steps.length + shown.times.length + 1, text);
    }
  });

  it('is taken whatever the names are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
        await mermaid.parse(withoutTitle(toMermaid(hostile(text))));
      }),
      { numRuns: 25 },
    );
  });
});

describe('a birth as SVG', () => {
  it('is well-formed and holds no element, attribute or entity that is not ours', () => {
    const known = new Set(['svg', 'title', 'desc', 'style', 'rect', 'text', 'g', 'line', 'polyline', 'polygon']);
    for (const text of HOSTILE_NAMES) {
      const svg = toSvg(hostile(text));
      const elements = [...svg.matchAll(/<([a-zA-Z]+)/g)].map(([, name]) => name!);
      assert.deepEqual(
        elements.filter((name) => !known.has(name)),
        [],
        text,
      );
      assert.equal(elements.length, [...toSvg(hostile('plain')).matchAll(/<([a-zA-Z]+)/g)].length, text);
      assert.deepEqual(wellFormedProblems(svg), [], text);
      assert.doesNotMatch(svg, /<[^>]*\s(?:on[a-z]+|(?:xlink:)?href|src|style)=/i, text);
    }
  });

  it('says in words what it draws', () => {
    const [, words = ''] = /<desc id="d">([^<]*)<\/desc>/.exec(toSvg(birth())) ?? [];
    assert.match(words, /shim → containerd: .tasks.start/);
    assert.match(words, /moment not known, .*reconstructed/);
  });
});

describe('an exported birth in Korean', () => {
  const bundle = JSON.parse(readFileSync('l10n/bundle.l10n.ko.json', 'utf8')) as Record<string, string>;
  const book = new Phrasebook(bundle);
  const say = (text: string): string => book.translate(text);

  it('has no English sentence left, and all names as they are', () => {
    const shown: Birth = { ...birth(), name: 'shop-web', failure: 'no such file' };
    const svg = toSvg(shown, say);
    assert.match(svg, /컨테이너 shop-web의 탄생 과정/);
    assert.match(toMermaid(shown, say), /재구성됨/);
    const texts = [...svg.matchAll(/>([^<>]+)<\/(?:text|title)>/g)].map(([, text = '']) => text);
    // What an engine calls its events stays as it is.
    const ours = texts.filter((text) => !/^event [a-z]+ [a-z]+$/.test(text));
    const english = ours.filter((text) => /[A-Za-z]+ [a-z]+ [a-z]+/.test(text) && !/[가-힣]/.test(text));
    assert.deepEqual(english, []);
    assert.deepEqual(wellFormedProblems(svg), []);
  });
});

describe('the picture of a birth', () => {
  it('has its axis true to scale and its rows apart', () => {
    const { rows, ticks, height } = layOut(birth());
    const timed = rows.flatMap(({ step, axis }) =>
      axis && step.atUs !== undefined ? [{ us: step.atUs, y: axis.y1 }] : [],
    );
    const [first, last] = [timed[0]!, timed.reduce((a, b) => (b.us > a.us ? b : a))];
    const perUs = (last.y - first.y) / (last.us - first.us);
    for (const { us, y } of timed) assert.ok(Math.abs(first.y + (us - first.us) * perUs - y) < 0.01);
    for (const [index, { y }] of rows.entries()) if (index > 0) assert.ok(y - rows[index - 1]!.y >= 30);
    assert.ok(ticks.length >= 3 && ticks.every(({ y }) => y > 0 && y < height));
  });

  it('can be drawn when nothing at all is known', () => {
    const empty: Birth = { containerId: 'x', status: 'unknown', lanes: [], steps: [], times: [], recorded: [] };
    assert.equal(layOut(empty).rows.length, 0);
    assert.match(toMermaid(empty), /^sequenceDiagram/);
    assert.deepEqual(wellFormedProblems(toSvg(empty)), []);
  });
});

describe('a birth as HAR', () => {
  it('has every field that HTTP Archive 1.2 asks for, of its type', () => {
    const cases = [
      RECORDED,
      [{ ...RECORDED[1]!, request: { bytes: 3 }, incomplete: 'Cut.' }],
      [(({ status: _status, durationMs: _durationMs, ...rest }) => rest)(RECORDED[2]!)],
    ];
    for (const calls of cases) {
      const { log } = JSON.parse(toHar(calls, false, '1.0.0')) as Har;
      assert.equal(log.version, '1.2');
      assert.deepEqual([typeof log.creator.name, typeof log.creator.version], ['string', 'string']);
      assert.equal(log.entries.length, calls.length);
      for (const entry of log.entries) assert.deepEqual(harProblems(entry), []);
    }
  });

  it('masks secrets unless they are revealed', () => {
    assert.doesNotMatch(toHar(RECORDED, false, '1'), /canary-0815/);
    assert.match(toHar(RECORDED, true, '1'), /canary-0815/);
  });

  it('tells the query and the body', () => {
    const { log } = JSON.parse(toHar(RECORDED, true, '1')) as Har;
    assert.deepEqual(log.entries[1]?.request.queryString, [{ name: 'name', value: 'web' }]);
    assert.deepEqual(JSON.parse(log.entries[1]?.request.postData?.text ?? ''), RECORDED[1]?.request?.value);
    assert.equal(log.entries[1]?.time, 34);
  });
});

/** What HAR 1.2 requires of an entry. Source: http://www.softwareishard.com/blog/har-12-spec/ */
function harProblems(entry: unknown): string[] {
  const required: Readonly<Record<string, 'string' | 'number' | 'array' | 'object'>> = {
    startedDateTime: 'string',
    time: 'number',
    cache: 'object',
    'request.method': 'string',
    'request.url': 'string',
    'request.httpVersion': 'string',
    'request.cookies': 'array',
    'request.headers': 'array',
    'request.queryString': 'array',
    'request.headersSize': 'number',
    'request.bodySize': 'number',
    'response.status': 'number',
    'response.statusText': 'string',
    'response.httpVersion': 'string',
    'response.cookies': 'array',
    'response.headers': 'array',
    'response.content.size': 'number',
    'response.content.mimeType': 'string',
    'response.redirectURL': 'string',
    'response.headersSize': 'number',
    'response.bodySize': 'number',
    'timings.send': 'number',
    'timings.wait': 'number',
    'timings.receive': 'number',
  };
  const at = (path: string): unknown =>
    path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], entry);
  const kind = (value: unknown): string => (Array.isArray(value) ? 'array' : typeof value);
  const problems = Object.entries(required)
    .filter(([path, type]) => kind(at(path)) !== type)
    .map(([path, type]) => `${path} is no ${type}`);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(String(at('startedDateTime'))))
    problems.push('startedDateTime is no ISO 8601');
  for (const one of ['time', 'timings.send', 'timings.wait', 'timings.receive'])
    if (!(Number(at(one)) >= 0)) problems.push(`${one} is negative`);
  if (!URL.canParse(String(at('request.url')))) problems.push('url is none');
  const post = at('request.postData') as Record<string, unknown> | undefined;
  if (post && (typeof post.mimeType !== 'string' || typeof post.text !== 'string'))
    problems.push('postData lacks its type or text');
  return problems;
}

// eslint-disable-next-line no-control-regex -- these are what XML 1.0 forbids
const NO_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff\p{Surrogate}]/u;

/** Whether tags are balanced, text is escaped and every character is one of XML 1.0. */
function wellFormedProblems(xml: string): string[] {
  const problems: string[] = [];
  if (NO_XML.test(xml)) problems.push('a character that XML has no place for');
  const open: string[] = [];
  const body = xml.replace(/^<\?xml [^?]*\?>\n/, '');
  for (const [, close, name, attributes = '', empty] of body.matchAll(
    /<(\/?)([a-zA-Z]+)((?:\s+[a-zA-Z0-9:-]+="[^"<]*")*)\s*(\/?)>/g,
  )) {
    if (close) {
      if (open.pop() !== name) problems.push(`</${name}> closes nothing`);
    } else if (!empty) open.push(name!);
    if (/&(?!#\d+;|amp;|lt;|gt;|quot;)/.test(attributes)) problems.push(`an attribute of ${name} is not escaped`);
  }
  const text = body
    .replace(/<style>[^<]*<\/style>/, '')
    .replace(/<\/?[a-zA-Z]+(?:\s+[a-zA-Z0-9:-]+="[^"<]*")*\s*\/?>/g, '');
  if (/[<>]|&(?!#\d+;)/.test(text)) problems.push('a text is not escaped');
  return open.length === 0 ? problems : [...problems, `${open.join()} is not closed`];
}
