// The lab's images, made from the machine's own static busybox: no registry is asked.
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun } from './run';

/** Name of the image that all samples run. */
export const BUSYBOX_IMAGE = 'lab/busybox:1';

/** Name of the image that holds a CRI pod open, as containerd's configuration has to name it. */
export const PAUSE_IMAGE = 'docker.io/lab/pause:1';

/** Writes an archive that `docker load` and `ctr images import` both take; returns its path. */
export async function writeImageArchive(dir: string): Promise<string> {
  const work = join(dir, 'image');
  const rootfs = join(work, 'rootfs');
  await writeRootfs(rootfs);

  const layer = join(work, 'layer.tar');
  await mustRun('tar', ['--numeric-owner', '--owner=0', '--group=0', '-C', rootfs, '-cf', layer, '.']);
  const diffId = `sha256:${createHash('sha256').update(readFileSync(layer)).digest('hex')}`;

  // PID 1 has no default signal handlers: only a shell with a trap ends at once when it is asked to.
  const pause = ['sh', '-c', 'trap "exit 0" TERM INT; while :; do sleep 3600 & wait $!; done'];
  const manifest = [writeConfig('busybox.json', ['sh'], BUSYBOX_IMAGE), writeConfig('pause.json', pause, PAUSE_IMAGE)];
  writeFileSync(join(work, 'manifest.json'), JSON.stringify(manifest));

  const archive = join(dir, 'images.tar');
  const files = ['manifest.json', 'busybox.json', 'pause.json', 'layer.tar'];
  await mustRun('tar', ['-C', work, '-cf', archive, ...files]);
  rmSync(work, { recursive: true, force: true });
  return archive;

  function writeConfig(file: string, command: string[], tag: string): object {
    const config = {
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      os: 'linux',
      created: '2026-01-01T00:00:00Z',
      config: { Cmd: command, Env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'] },
      rootfs: { type: 'layers', diff_ids: [diffId] },
      history: [{ created: '2026-01-01T00:00:00Z', created_by: 'the lab: static busybox' }],
    };
    writeFileSync(join(work, file), JSON.stringify(config));
    return { Config: file, RepoTags: [tag], Layers: ['layer.tar'] };
  }
}

async function writeRootfs(rootfs: string): Promise<void> {
  for (const folder of ['bin', 'dev', 'etc', 'proc', 'root', 'sys', 'tmp', 'var/www']) {
    mkdirSync(join(rootfs, folder), { recursive: true });
  }
  const busybox = join(rootfs, 'bin/busybox');
  copyFileSync('/bin/busybox', busybox);
  const { stdout } = await mustRun(busybox, ['--list']);
  for (const applet of stdout.split('\n').filter((name) => name && name !== 'busybox')) {
    symlinkSync('busybox', join(rootfs, 'bin', applet));
  }
  writeFileSync(join(rootfs, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n');
  writeFileSync(join(rootfs, 'etc/group'), 'root:x:0:\nnogroup:x:65534:\n');
  writeFileSync(join(rootfs, 'var/www/index.html'), '<h1>lab</h1>\n');
}
