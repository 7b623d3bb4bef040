// Entry of the tests inside VS Code: `--extensionTestsPath` names the bundle made from it.
import { join } from 'node:path';
import { format } from 'node:util';
import Mocha from 'mocha';
import { driver } from './driver';

const MARKERS = ['@restricted', '@no-engine', '@every-runtime', '@korean'];

/** Called by VS Code's extension host; a rejection means failure. */
export async function run(): Promise<void> {
  process.env['CRE_TEST_HOST'] = 'vscode';
  if (driver.available) printInTerminal();
  const mocha = new Mocha({
    ui: 'bdd',
    // The bundle is out/test/vscode/index.js.
    reporter: join(__dirname, '../../../test/support/specAndJson.cjs'),
    timeout: 180_000,
    retries: 1,
    forbidOnly: true,
    forbidPending: true,
    color: false,
    ...(process.env['CRE_GREP'] ? { grep: process.env['CRE_GREP'] } : {}),
  });
  // Tests marked @restricted want an untrusted workspace, those marked @no-engine a machine without containers, those
  // marked @every-runtime a lab with containers of every runtime, those marked @korean a window in Korean; all others a
  // trusted workspace on the lab.
  const marker = MARKERS.find((one) => one === `@${process.env['CRE_WINDOW'] ?? ''}`);
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  await import('all-tests');
  keepTests(mocha.suite, (title) => MARKERS.find((one) => title.includes(one)) === marker);
  if (mocha.suite.total() === 0) throw new Error('no test to run');

  const failures = await new Promise<number>((resolve) => mocha.run(resolve));
  if (failures > 0) throw new Error(`${failures} tests failed`);
}

/** The console of an extension host is full of VS Code's own words: what tests print goes past it. */
function printInTerminal(): void {
  const print = (...args: unknown[]): void => void driver.print(format(...args)).catch(() => undefined);
  Object.assign(console, { log: print, warn: print, error: print });
  Mocha.reporters.Base.consoleLog = print;
}

function keepTests(suite: Mocha.Suite, wanted: (title: string) => boolean): void {
  suite.tests = suite.tests.filter((test) => wanted(test.fullTitle()));
  for (const child of suite.suites) keepTests(child, wanted);
}
