import { sayNotRun } from './notRun';

/*
 * A test that a generation of the stack cannot honestly pass is not run there, and named at the end of `npm test` with the
 * reason: never skipped in silence.
 */

/**
 * `it`, where that can be.
 *
 * @param can whether it can run in this run
 * @param why what is missing where it cannot
 */
export function itWhere(can: boolean, why: string, title: string, body: Mocha.AsyncFunc): void {
  if (can) {
    it(title, body);
    return;
  }
  sayNotRun(`${title} (${why})`);
}

/** `describe`, where all of it can be. */
export function describeWhere(can: boolean, why: string, title: string, body: (this: Mocha.Suite) => void): void {
  if (can) describe(title, body);
  else sayNotRun(`all of “${title}” (${why})`);
}
