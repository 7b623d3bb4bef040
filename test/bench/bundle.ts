import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { atMost, middle, type Row } from './rows';

/** How long the extension's file takes to load, in a Node of its own each time, and how large it is. */
export function measureBundle(rounds: number): Row[] {
  const file = join(process.cwd(), 'dist/extension.js');
  const script = `
    const Module = require('node:module'), load = Module._load;
    const any = new Proxy(function () {}, { get: (_, key) => (key === Symbol.toPrimitive ? () => '' : any), apply: () => any, construct: () => any });
    Module._load = (name, ...rest) => (name === 'vscode' ? any : load(name, ...rest));
    const begin = performance.now();
    require(${JSON.stringify(file)});
    console.log(performance.now() - begin);`;
  const times = Array.from({ length: rounds }, () =>
    Number(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' })),
  );
  execFileSync(process.execPath, ['scripts/package.mjs', '--check'], { stdio: 'ignore' });
  const packages = readdirSync('out', { withFileTypes: true }).filter(({ name }) => name.endsWith('.vsix'));
  return [
    { what: 'loading dist/extension.js', value: middle(times), unit: 'ms' },
    { what: 'size of dist/extension.js', value: statSync(file).size / 1_024, unit: 'KiB' },
    ...packages.map(({ name }): Row => {
      const value = statSync(join('out', name)).size / 1_024;
      return { what: `size of ${name}`, value, unit: 'KiB', goal: atMost(1_536, value, 'under 1,536 KiB') };
    }),
  ];
}
