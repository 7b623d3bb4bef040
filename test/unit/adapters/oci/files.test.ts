import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { findBundle, readBundleFiles, shimAddressOf } from '../../../../src/adapters/oci/bundle';
import { isFileName, kindBelow, listBelow, readBelow } from '../../../../src/adapters/oci/safeRead';
import { RuntimeError, type ProblemCode } from '../../../../src/model/problem';
import { runs } from '../../../support/runs';

let root: string;

/** A folder of its own for every test of the suite that calls this. */
function withFolder(): void {
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'cre-oci-'))));
  afterEach(() => rmSync(root, { recursive: true, force: true }));
}

async function rejectsWith(promise: Promise<unknown>, code: ProblemCode, reason = /./): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof RuntimeError, String(error));
    assert.equal(error.problem.code, code, error.message);
    assert.match(error.problem.reason, reason);
    return true;
  });
}

describe('reading below a known folder', () => {
  withFolder();

  it('reads a regular file', async () => {
    mkdirSync(join(root, 'a'));
    writeFileSync(join(root, 'a/file'), 'text');
    const file = await readBelow(root, ['a', 'file']);
    assert.equal(file.text, 'text');
    assert.equal(file.path, join(root, 'a/file'));
    assert.equal(file.modifiedAtMs, statSync(file.path).mtimeMs);
    assert.equal((await readBelow('/proc/self', ['status'])).text.startsWith('Name:'), true);
  });

  it('follows no link, neither as the file nor on the way', async () => {
    mkdirSync(join(root, 'real'));
    writeFileSync(join(root, 'real/file'), 'secret');
    symlinkSync('real', join(root, 'linked'));
    symlinkSync('/etc/passwd', join(root, 'link'));
    await rejectsWith(readBelow(root, ['link']), 'unsupported', /regular file/);
    await rejectsWith(readBelow(root, ['linked', 'file']), 'absent', /not a directory/);
  });

  it('never leaves the folder, whatever the components are', async () => {
    for (const name of ['..', '.', '', '../x', 'a/b', 'a\0b', 'x'.repeat(256)]) {
      assert.ok(!isFileName(name));
      await rejectsWith(readBelow(root, [name, 'file']), 'unsupported');
      await rejectsWith(readBelow(root, [name]), 'unsupported');
    }
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: fc.constantFrom('.', '/', 'a', '\0') }), { minLength: 1 }),
        async (names) => {
          const answer = await readBelow(root, names).catch((error: unknown) => error);
          assert.ok(answer instanceof RuntimeError, 'the folder is empty: nothing can have been read');
        },
      ),
      { numRuns: runs(500) },
    );
  });

  it('opens no FIFO, device or folder: a reader on a shim’s log would take its output', async () => {
    execFileSync('mkfifo', [join(root, 'log')]);
    mkdirSync(join(root, 'folder'));
    symlinkSync('/dev/zero', join(root, 'zero'));
    await rejectsWith(readBelow(root, ['log']), 'unsupported', /regular file/);
    await rejectsWith(readBelow(root, ['folder']), 'unsupported', /regular file/);
    await rejectsWith(readBelow(root, ['zero']), 'unsupported', /regular file/);
    await rejectsWith(readBelow('/dev', ['null']), 'unsupported', /regular file/);
    assert.equal(await kindBelow(root, ['log']), 'fifo');
    assert.equal(await kindBelow(root, ['nothing']), undefined);
  });

  it('refuses what is larger than its limit, holes included', async () => {
    writeFileSync(join(root, 'sparse'), '');
    truncateSync(join(root, 'sparse'), 2 ** 30);
    await rejectsWith(readBelow(root, ['sparse']), 'too-large', /1073741824/);
    writeFileSync(join(root, 'exact'), 'x'.repeat(100));
    assert.equal((await readBelow(root, ['exact'], 100)).text.length, 100);
    await rejectsWith(readBelow(root, ['exact'], 99), 'too-large');
  });

  it('reads a file with several names, and lists in order', async () => {
    writeFileSync(join(root, 'b'), 'text');
    linkSync(join(root, 'b'), join(root, 'a'));
    assert.equal((await readBelow(root, ['a'])).text, 'text');
    assert.deepEqual(await listBelow(root, []), ['a', 'b']);
    await rejectsWith(listBelow(root, ['nothing']), 'absent');
  });
});

describe('a bundle', () => {
  withFolder();

  const place = (name: string) => ({ folder: root, name, reason: 'test' });

  it('is found only where a trusted folder is', async () => {
    mkdirSync(join(root, 'own'), { mode: 0o700 });
    mkdirSync(join(root, 'open'));
    chmodSync(join(root, 'open'), 0o777);
    symlinkSync('own', join(root, 'linked'));
    writeFileSync(join(root, 'file'), '');
    for (const name of ['open', 'linked', 'file', 'nothing', '..', '']) {
      assert.equal(await findBundle([place(name)]), undefined, name);
    }
    assert.equal((await findBundle([place('nothing'), place('own')]))?.path, join(root, 'own'));
  });

  it('tells of shim and runtime in the form of every version', async () => {
    mkdirSync(join(root, 'b'));
    const write = (file: string, text: string): void => writeFileSync(join(root, 'b', file), text);
    assert.deepEqual(await readBundleFiles(place('b')), {});
    write('address', 'unix:///run/containerd/s/a\n');
    write('init.pid', '3544');
    write('runtime', '');
    write('options.json', '{}');
    write('shim-binary-path', '/usr/bin/containerd-shim-runc-v2');
    assert.deepEqual(await readBundleFiles(place('b')), {
      shimAddress: { address: 'unix:///run/containerd/s/a', version: 2 },
      initPid: 3544,
      runtime: 'runc',
      systemdCgroup: false,
      shimBinary: '/usr/bin/containerd-shim-runc-v2',
    });
    write('bootstrap.json', '{"version":3,"address":"unix:///run/containerd/s/b","protocol":"ttrpc"}');
    write('options.json', '{"binary_name":"/usr/bin/crun","root":"/r","systemd_cgroup":true}');
    write('init.pid', 'no number');
    assert.deepEqual(await readBundleFiles(place('b')), {
      shimAddress: { address: 'unix:///run/containerd/s/b', version: 3 },
      runtime: '/usr/bin/crun',
      root: '/r',
      systemdCgroup: true,
      shimBinary: '/usr/bin/containerd-shim-runc-v2',
    });
  });

  it('names no address that is not ttrpc’s', () => {
    assert.equal(shimAddressOf('{"version":3,"address":"unix:///x","protocol":"grpc"}', undefined), undefined);
    assert.equal(shimAddressOf('{', ''), undefined);
    assert.deepEqual(shimAddressOf('{', 'unix:///a'), { address: 'unix:///a', version: 2 });
  });
});
