import { load, YAMLException } from 'js-yaml';
import { RuntimeError } from '../../model/problem';
import { withDeadline } from '../../util/deadline';
import { visible } from '../../util/text';
import { readSmallFile } from '../smallFile';

/** A folder may be on a file system that has gone. */
const DEADLINE_MS = 3000;
/** More files than anybody lays over each other: a label may name any number. */
const MOST_FILES = 10;

/**
 * Reads Compose files of this machine: what labels name, so any path at all. Regular files of at most 1 MiB, parsed as plain
 * YAML; nothing in them is followed, filled in or run.
 *
 * @param files absolute paths, in the order in which Compose lays them over each other
 * @throws RuntimeError naming the file; what stands in it is never quoted
 */
export async function readComposeFiles(files: readonly string[], signal?: AbortSignal): Promise<readonly unknown[]> {
  if (files.length > MOST_FILES) {
    const reason = `The label names ${files.length} files, of which at most ${MOST_FILES} are read.`;
    throw new RuntimeError({ code: 'too-large', what: 'Reading its Compose files', reason });
  }
  return Promise.all(files.map((file) => readOne(file, signal)));
}

async function readOne(file: string, signal?: AbortSignal): Promise<unknown> {
  const what = `Reading the Compose file ${visible(file, 200)}`;
  const remedy = 'Its label names it as the machine knew it on which docker compose ran. Open the project there.';
  try {
    return load(await withDeadline(what, DEADLINE_MS, signal, () => readSmallFile(file)));
  } catch (error) {
    if (error instanceof RuntimeError) throw error;
    if (error instanceof YAMLException) {
      // The parser's own words quote the file, which may be any file.
      const line = (error as { mark?: { line?: unknown } }).mark?.line;
      const where = typeof line === 'number' ? ` It breaks off in line ${line + 1}.` : '';
      const reason = `It is no plain YAML.${where}`;
      throw new RuntimeError({ code: 'malformed', what, reason });
    }
    const { problem } = RuntimeError.from(error, what);
    throw new RuntimeError({ ...problem, remedy: problem.remedy ?? remedy }, error);
  }
}
