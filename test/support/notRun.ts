const NOT_RUN = Symbol.for('container-runtime-explorer.notRun');

/** Says that a test is left out because this machine lacks something; the reporter counts and names it at the end. */
export function sayNotRun(what: string): void {
  const said = globalThis as { [NOT_RUN]?: string[] };
  (said[NOT_RUN] ??= []).push(what);
}
