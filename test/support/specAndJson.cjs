'use strict';
/**
 * The mocha reporter of every part of the tests: prints like `spec`, and adds what an unattended run needs.
 *
 * - Writes `{ passed, failed: [{ title, message, file, suite }], pending, retried, openHandles, notRun }` to the file named in CRE_TEST_RESULTS, if set.
 * - Names every test that passed only on a second try, and says what failed in the first.
 * - A run that stays open after its last test has leaked something: after a while it ends as failed, naming
 *   what keeps it open. (`mocha --exit` would hide the leak.)
 */
const fs = require('node:fs');
const Mocha = require('mocha');

const LINGER_MS = 15_000;
/** Where test/support/notRun.ts says what this machine lacks. */
const NOT_RUN = Symbol.for('container-runtime-explorer.notRun');

class SpecAndJson extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const results = { passed: 0, failed: [], pending: [], retried: [], openHandles: [], notRun: [] };
    runner.on('pass', (test) => {
      results.passed++;
      if (test.currentRetry() > 0) results.retried.push(test.fullTitle());
    });
    runner.on('retry', (test, error) =>
      console.log(`    first try of “${test.title}”: ${(error && error.stack) || error}`),
    );
    runner.on('fail', (test, error) =>
      results.failed.push({
        ...placeOf(test),
        title: test.fullTitle(),
        message: String((error && error.message) || error),
      }),
    );
    runner.on('pending', (test) => results.pending.push(test.fullTitle()));
    runner.once('end', () => {
      results.notRun = globalThis[NOT_RUN] ?? [];
      for (const what of results.notRun) console.log(`  could not run: ${what}`);
      for (const title of results.retried) console.log(`  passed only on a second try: ${title}`);
      writeResults(results);
      watchForLeaks(results);
    });
  }
}

/** Its file and its outermost suite, with which it can be run again. */
function placeOf(test) {
  let suite = test.parent;
  while (suite.parent && !suite.parent.root) suite = suite.parent;
  return { file: test.file ?? suite.file, suite: suite.title };
}

function writeResults(results) {
  const file = process.env.CRE_TEST_RESULTS;
  if (file) fs.writeFileSync(file, JSON.stringify(results, null, 2));
}

function watchForLeaks(results) {
  // The extension host lives on after the tests by design: its runner says so.
  if (process.env.CRE_TEST_HOST === 'vscode') return;
  setTimeout(() => {
    results.openHandles = describeOpenHandles();
    writeResults(results);
    console.error(`\nThe run is still open ${LINGER_MS / 1000} s after its last test. Kept open by:`);
    for (const handle of results.openHandles) console.error(`  - ${handle}`);
    // Mocha sets the exit code in an exit listener of its own; this one is added later, so it has the last word.
    process.on('exit', () => (process.exitCode = 1));
    process.exit();
  }, LINGER_MS).unref();
}

/** What keeps Node's event loop alive, with as much detail as Node gives. */
function describeOpenHandles() {
  const handles = process._getActiveHandles().filter((handle) => handle.fd === undefined || handle.fd > 2);
  const described = handles.map((handle) => {
    const name = handle.constructor ? handle.constructor.name : typeof handle;
    if (handle.spawnargs) return `${name} pid ${handle.pid}: ${handle.spawnargs.join(' ')}`;
    if (typeof handle.address === 'function') {
      const peer = handle.remoteAddress ? ` to ${handle.remoteAddress}:${handle.remotePort}` : '';
      return `${name} ${JSON.stringify(handle.address())}${peer}`;
    }
    return name;
  });
  const resources = process.getActiveResourcesInfo().filter((kind) => kind !== 'TTYWrap' && kind !== 'PipeWrap');
  return [...described, `resources: ${resources.join(', ')}`];
}

module.exports = SpecAndJson;
