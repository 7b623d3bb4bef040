/**
 * The value of a command-line option, as `--name value` or `--name=value`. Words after `--` are no options.
 *
 * @param argv with the program as its first word
 * @param names each with its dashes: Go's flags take one or two, `-id` and `--id`
 */
export function optionOf(argv: readonly string[], names: readonly string[]): string | undefined {
  for (const [index, argument] of argv.entries()) {
    if (index === 0) continue;
    if (argument === '--') return undefined;
    for (const name of names) {
      if (argument === name) return argv[index + 1];
      if (argument.startsWith(`${name}=`)) return argument.slice(name.length + 1);
    }
  }
  return undefined;
}
