import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { isLeft } from '../../../../src/adapters/docker/reader/journal';
import { EMPTY_TAR, firstEntry } from '../../../../src/adapters/docker/reader/tar';

describe('the archives that engines answer', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'cre-tar-'));
    writeFileSync(join(folder, 'file'), 'content\n');
    symlinkSync('/target', join(folder, 'link'));
    symlinkSync(`/${'deep/'.repeat(60)}end`, join(folder, 'far'));
    mkdirSync(join(folder, 'folder'));
    writeFileSync(join(folder, 'n'.repeat(140)), 'long name');
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  // GNU tar is the reference; Go's writer, of which the real engine tells, uses the pax form.
  const archive = (name: string, format: string): Buffer =>
    execFileSync('tar', ['-C', folder, `--format=${format}`, '-c', name]);

  for (const format of ['ustar', 'gnu', 'pax']) {
    it(`are read as tar --format=${format} writes them`, () => {
      assert.deepEqual(firstEntry(archive('file', format)), { kind: 'file', content: Buffer.from('content\n') });
      assert.deepEqual(firstEntry(archive('link', format)), { kind: 'link', target: '/target' });
      assert.deepEqual(firstEntry(archive('folder', format)), { kind: 'other' });
      if (format === 'ustar') return;
      assert.deepEqual(firstEntry(archive('far', format)), { kind: 'link', target: `/${'deep/'.repeat(60)}end` });
      const long = firstEntry(archive('n'.repeat(140), format));
      assert.deepEqual(long, { kind: 'file', content: Buffer.from('long name') });
    });
  }

  it('that end in the middle, or are none, give nothing', () => {
    const whole = archive('file', 'pax');
    assert.equal(firstEntry(whole.subarray(0, whole.indexOf('content') + 3)), undefined);
    assert.equal(firstEntry(EMPTY_TAR), undefined);
    assert.equal(firstEntry(Buffer.from('{"message":"no such file"}')), undefined);
  });

  it('never break the reader, whatever bytes they hold', () => {
    const whole = archive('far', 'pax');
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 20 }), (changes) => {
        const copy = Buffer.from(whole);
        for (const [at, byte] of changes) copy[at] = byte;
        const entry = firstEntry(copy);
        return entry === undefined || ['file', 'link', 'other'].includes(entry.kind);
      }),
    );
  });

  it('the empty one is an archive without entries', () => {
    assert.equal(execFileSync('tar', ['-t'], { input: EMPTY_TAR }).toString(), '');
  });
});

describe('an entry of the journal of reader containers', () => {
  const entry = { token: '0', endpoint: 'unix:///s', machine: 'm', pid: process.pid, atMs: Date.now() };
  it('is left alone while its process reads', () => assert.equal(isLeft(entry), false));
  it('is cleaned up after when its process has ended', () => {
    const ended = Number(execFileSync('sh', ['-c', 'echo $$']).toString());
    assert.equal(isLeft({ ...entry, pid: ended }), true);
  });
  it('is cleaned up after when the reading is over', () => assert.equal(isLeft({ ...entry, over: true }), true));
  it('is cleaned up after when its PID may be another’s by now', () =>
    assert.equal(isLeft({ ...entry, atMs: Date.now() - 3_600_000 }), true));
});
