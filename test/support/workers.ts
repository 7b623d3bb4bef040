import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { buildSync } from 'esbuild';

/** Builds one of the product's workers as its bundle is built, for tests that run from the sources. */
export function buildWorker(source: string): { file: string; remove(): void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'cre-worker-'));
  const file = path.join(folder, `${path.basename(source, '.ts')}.js`);
  buildSync({
    ...{ entryPoints: [source], outfile: file, bundle: true, platform: 'node', format: 'cjs', logLevel: 'error' },
    // As in esbuild.mjs: native parts of libraries are not needed and not bundled.
    external: ['cpu-features', '*.node'],
    alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
  });
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Builds several into one folder, which is then what the product takes for the folder of its workers. */
export function buildWorkers(sources: readonly string[]): { folder: string; remove(): void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'cre-workers-'));
  for (const source of sources) {
    const built = buildWorker(source);
    renameSync(built.file, path.join(folder, path.basename(built.file)));
    built.remove();
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Those that a host runs while somebody looks at it. */
export const HOST_WORKERS = [
  'src/adapters/docker/eventsWorker.ts',
  'src/adapters/containerd/containerdEventsWorker.ts',
  'src/adapters/machine/machineWorker.ts',
];
