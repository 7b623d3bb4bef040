import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readComposeFiles } from '../../../../src/adapters/compose/files';
import { RuntimeError } from '../../../../src/model/problem';

describe('files that labels of Compose name', () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'cre-compose-'))));
  after(() => rmSync(folder, { recursive: true }));

  const write = (name: string, text: string): string => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  const problemOf = async (file: string): Promise<RuntimeError['problem']> => {
    const error: unknown = await readComposeFiles([file]).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof RuntimeError, String(error));
    return error.problem;
  };

  it('are read in their order, as plain YAML', async () => {
    const files = [write('a.yaml', 'services: { a: { image: x } }'), write('b.yaml', '# nothing\n')];
    assert.deepEqual(await readComposeFiles(files), [{ services: { a: { image: 'x' } } }, null]);
  });

  it('are named when they cannot be read, without a word of what stands in them', async () => {
    const secret = 'hunter2-hunter2';
    const broken = await problemOf(write('broken.yaml', `a: b\n  ${secret}: [\n`));
    assert.equal(broken.code, 'malformed');
    const own = await problemOf(write('own.yaml', `password: !!js/function ${secret}\n`));
    assert.equal(own.code, 'malformed');
    for (const problem of [broken, own]) assert.ok(!JSON.stringify(problem).includes(secret));
    const absent = await problemOf(join(folder, 'absent.yaml'));
    assert.equal(absent.code, 'absent');
    assert.match(absent.what, /absent\.yaml/);
    assert.match(absent.remedy ?? '', /docker compose/);
  });

  it('are small regular files: no FIFO is waited for, no device is read', async () => {
    execFileSync('mkfifo', [join(folder, 'fifo')]);
    for (const file of [join(folder, 'fifo'), '/dev/zero', folder, write('large.yaml', 'a'.repeat(2 ** 20 + 1))]) {
      assert.match((await problemOf(file)).what, /Compose file/);
    }
    await assert.rejects(readComposeFiles(Array<string>(11).fill('/x')), /at most 10/);
  });
});
