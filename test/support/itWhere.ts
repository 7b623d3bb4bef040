/*
 * A test that a generation of the stack cannot honestly pass is not run there, and named at the end of `npm test` with the
 * reason: never skipped in silence.
 */

/** Read by the reporter, specAndJson.cjs. */
const NOT_RUN = Symbol.for('container-runtime-explorer.not-run');

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
  const shared = globalThis as { [NOT_RUN]?: string[] };
  (shared[NOT_RUN] ??= []).push(`${title} (${why})`);
}
