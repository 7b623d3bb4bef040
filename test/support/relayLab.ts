import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { buildSync } from 'esbuild';
import { eventually } from './fakeAdapter';

/** The relay built as the product's bundles are, and a folder for its socket and recordings. */
export interface RelayLab {
  readonly folder: string;
  /** Holds relay.js, recorderWorker.js and owner.js. */
  readonly built: string;
  readonly recordings: string;
  remove(): void;
}

const ROOT = path.join(__dirname, '../..');
const OWNER = `
import { CallRecorder } from ${JSON.stringify(path.join(ROOT, 'src/adapters/recording/recorder.ts'))};
const [folder, built, socket] = process.argv.slice(2);
const recorder = new CallRecorder({
  socketFolders: [folder + '/s'], name: 'test', recordings: folder + '/recordings', builtFolder: built,
  engineSocket: async () => socket,
});
recorder.start().then((link) => console.log(JSON.stringify({ link, relayPid: recorder.relayPid })));
setInterval(() => undefined, 1000);
`;

/** @param parent of its folder: where the commands that use it run in another file tree, one that both have */
export function makeRelayLab(parent = tmpdir()): RelayLab {
  const folder = mkdtempSync(path.join(parent, 'cre-relay-'));
  const built = path.join(folder, 'built');
  const common = { bundle: true, platform: 'node', format: 'cjs', logLevel: 'error' } as const;
  for (const [source, file] of [
    ['main', 'relay'],
    ['recorderWorker', 'recorderWorker'],
  ]) {
    buildSync({ ...common, entryPoints: [path.join(ROOT, `src/relay/${source}.ts`)], outfile: `${built}/${file}.js` });
  }
  buildSync({ ...common, stdin: { contents: OWNER, resolveDir: ROOT, loader: 'ts' }, outfile: `${built}/owner.js` });
  return {
    folder,
    built,
    recordings: path.join(folder, 'recordings'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A process of its own that records, as the extension host does. */
export interface Owner {
  readonly link: string;
  readonly relayPid: number;
  readonly process: ChildProcess;
}

export async function startOwner({ folder, built }: RelayLab, engineSocket: string): Promise<Owner> {
  const owner = spawn(process.execPath, [`${built}/owner.js`, folder, built, engineSocket], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  owner.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  await eventually(() => said.includes('\n'), 'the owner records');
  const { link, relayPid } = JSON.parse(said) as { link: string; relayPid: number };
  return { link, relayPid, process: owner };
}

/** Whether a process runs: one that has ended and was not waited for does not. */
export function runs(pid: number): boolean {
  if (!existsSync(`/proc/${pid}/stat`)) return false;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    return false;
  }
}

/** Polls the sockets of a folder from another process, as fast as it can, and says every mode that it saw. */
export interface ModeWatch {
  stop(): Promise<readonly string[]>;
}

export async function watchModes(folder: string): Promise<ModeWatch> {
  const script = path.join(folder, 'watch.cjs');
  writeFileSync(
    script,
    `const fs = require('node:fs');
const seen = new Set();
let over = false;
process.stdin.resume().on('end', () => (over = true));
console.log('watching');
const look = () => {
  for (let i = 0; i < 50; i++) {
    let names = [];
    try { names = fs.readdirSync(process.argv[2]); } catch {}
    for (const name of names) {
      try {
        const found = fs.lstatSync(process.argv[2] + '/' + name);
        if (found.isSocket()) seen.add((found.mode & 0o777).toString(8));
      } catch {}
    }
  }
  if (over) console.log(JSON.stringify([...seen]));
  else setImmediate(look);
};
look();
`,
  );
  const watcher = spawn(process.execPath, [script, path.join(folder, 's')], { stdio: ['pipe', 'pipe', 'inherit'] });
  let said = '';
  watcher.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  const closed = new Promise<void>((resolve) => watcher.once('close', () => resolve()));
  await eventually(() => said.includes('\n'), 'the watcher watches');
  return {
    async stop() {
      watcher.stdin.end();
      await closed;
      return JSON.parse(said.split('\n')[1] ?? '') as string[];
    },
  };
}
