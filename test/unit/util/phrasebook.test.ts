import assert from 'node:assert/strict';
import { Phrasebook } from '../../../src/util/phrasebook';

const BOOK = new Phrasebook({
  'No limit.': '제한이 없습니다.',
  'One mount.': '마운트 하나입니다.',
  'Reading its cgroups': 'cgroup 읽기',
  '{n} mounts': '마운트 {n}개',
  'Reading {0}': '{0} 읽기',
  'The namespace {0} belongs to {1}.': '{1}의 네임스페이스 {0}입니다.',
  'It runs: {0}': '실행 중: {0}',
  '{0}: {1}': '{0}={1}',
  running: '실행 중',
});

describe('a phrasebook', () => {
  it('translates what it knows and leaves what it does not', () => {
    assert.equal(BOOK.translate('No limit.'), '제한이 없습니다.');
    assert.equal(BOOK.translate('Some limit.'), 'Some limit.');
    assert.equal(new Phrasebook({}).translate('No limit.'), 'No limit.');
  });

  it('fills templates, in the order of the translation', () => {
    assert.equal(BOOK.translate('The namespace moby belongs to Docker.'), 'Docker의 네임스페이스 moby입니다.');
    assert.equal(BOOK.translate('3 mounts'), '마운트 3개');
    assert.equal(BOOK.translate('3 mounts.'), '마운트 3개.');
    assert.equal(BOOK.translate('Shows all mounts'), 'Shows all mounts');
  });

  it('takes the text that says most', () => {
    assert.equal(BOOK.translate('Reading its cgroups'), 'cgroup 읽기');
    assert.equal(BOOK.translate('Reading /proc/1/cgroup'), '/proc/1/cgroup 읽기');
  });

  it('translates parts of several words, and leaves single words alone: they may be names', () => {
    assert.equal(BOOK.translate('It runs: Reading its cgroups'), '실행 중: cgroup 읽기');
    assert.equal(BOOK.translate('It runs: running'), '실행 중: running');
    assert.equal(BOOK.translate('The namespace running belongs to Docker.'), 'Docker의 네임스페이스 running입니다.');
  });

  it('takes sentence after sentence apart', () => {
    assert.equal(
      BOOK.translate('One mount. No limit. What is this?'),
      '마운트 하나입니다. 제한이 없습니다. What is this?',
    );
    assert.equal(
      BOOK.translate('One mount. The namespace a. B c belongs to D.'),
      '마운트 하나입니다. D의 네임스페이스 a. B c입니다.',
    );
  });

  it('takes single words alone where a template says little', () => {
    const book = new Phrasebook({ '{0} and {1}': '{0} 및 {1}' });
    assert.equal(book.translate('runc and crun'), 'runc 및 crun');
    assert.equal(book.translate('The shim and what it serves'), 'The shim and what it serves');
  });

  it('takes no template without words of its own', () => {
    assert.equal(BOOK.translate('name: value'), 'name: value');
  });

  it('is fast on hostile text, and leaves long text alone', () => {
    const begun = performance.now();
    for (const hostile of ['. A'.repeat(1300), 'The namespace '.repeat(280), `${'{0} '.repeat(900)}.`])
      BOOK.translate(hostile);
    const long = `No limit. ${'x'.repeat(5000)}`;
    assert.equal(BOOK.translate(long), long);
    assert.ok(performance.now() - begun < 5000);
  });

  it('does not fill what a value says in the place of a placeholder', () => {
    assert.equal(BOOK.translate('The namespace {1} belongs to $& {0}.'), '$& {0}의 네임스페이스 {1}입니다.');
  });
});
