import { constants } from 'node:fs';
import { open, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { known, unknown, type Fact } from '../../model/fact';
import { errnoOf } from '../../model/problem';
import type { ProcessRecord, ProcessTable } from '../../model/process';
import { containerOfPath } from '../../model/recording/subject';
import type { LoggedCall } from '../../model/trace/observation';
import { asRecord, asString } from '../../util/records';
import { shellLine } from '../../util/text';

/** What is read from the end of the log. */
const TAIL_BYTES = 4 * 1024 * 1024;
const JOURNAL = 'journalctl --unit docker.service --output short-iso-precise --grep "Calling|handling .* request"';
const DEBUG =
  'Set "debug": true in the daemon.json of dockerd and have it read that again (kill -HUP of its PID): no container is touched.';

/**
 * The calls that dockerd's own debug log tells of, oldest first. Its log is what it writes to its standard error: read where
 * that is a file and this user may, and never asked of anybody else.
 *
 * @param socket the engine's socket, which tells its dockerd from others
 * @param debug whether the engine says that it is in debug mode (`Debug` of GET /info), where known
 */
export async function readDaemonLog(
  processes: ProcessTable,
  socket: string | undefined,
  debug: boolean | undefined,
  procRoot = '/proc',
): Promise<Fact<readonly LoggedCall[]>> {
  const daemon = daemonOf(processes, socket);
  if (!daemon)
    return unknown(
      'Which process is the dockerd of this engine cannot be told on this machine.',
      `Where it logs to the journal: ${JOURNAL}`,
      'procfs',
    );
  const file = join(procRoot, String(daemon.pid), 'fd/2');
  try {
    const target = await readlink(file);
    const found = await stat(file);
    if (!found.isFile())
      return unknown(
        target.startsWith('socket:')
          ? "dockerd logs to a socket (systemd's journal, by all rules), which is not read from here."
          : `dockerd's standard error is ${target}, and no file.`,
        `${debug === false ? `${DEBUG} Then: ` : ''}${JOURNAL}`,
        'procfs',
      );
    const calls = loggedCalls(await readTail(file));
    if (calls.length === 0 && debug !== true)
      return unknown(`dockerd is not in debug mode, so its log ${target} tells of no calls.`, DEBUG, 'procfs');
    return known(
      'procfs',
      calls,
      `dockerd's log ${target}, its standard error`,
      shellLine(['grep', '-E', 'Calling|handling .* request', target]),
    );
  } catch (error) {
    const code = errnoOf(error);
    const denied = code === 'EACCES' || code === 'EPERM';
    return unknown(
      denied
        ? `Only root may see where dockerd (PID ${daemon.pid}) logs to.`
        : `The log of dockerd (PID ${daemon.pid}) cannot be read (${code ?? 'unknown reason'}).`,
      `${denied ? 'Run as root, or ask' : 'Ask'} the journal: ${JOURNAL}`,
      'procfs',
    );
  }
}

/** The only dockerd, or the one whose command line names the socket. */
function daemonOf(processes: ProcessTable, socket: string | undefined): ProcessRecord | undefined {
  const all = [...processes.byPid.values()].filter(({ comm }) => comm === 'dockerd');
  if (all.length === 1) return all[0];
  const named = all.filter(
    ({ argv }) => socket !== undefined && argv.some((word) => word.endsWith(`unix://${socket}`)),
  );
  return named.length === 1 ? named[0] : undefined;
}

async function readTail(file: string): Promise<string> {
  // Opened through /proc it is the very file that dockerd writes, also when it lives in another file tree or was renamed.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const { size } = await handle.stat();
    const from = Math.max(0, size - TAIL_BYTES);
    const buffer = Buffer.alloc(size - from);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, from);
    const text = buffer.toString('utf8', 0, bytesRead);
    // The first line may have been cut.
    return from > 0 ? text.slice(text.indexOf('\n') + 1) : text;
  } finally {
    await handle.close();
  }
}

/** The calls in a log, oldest first. Total: lines of other kinds are left out. */
export function loggedCalls(log: string): LoggedCall[] {
  return log.split('\n').flatMap((line) => {
    if (!line.includes('Calling ') && !line.includes('request-url')) return [];
    const fields = line.startsWith('{') ? jsonFields(line) : logfmtFields(line);
    const called = /^Calling ([A-Z]+) (\/\S*)$/.exec(fields.get('msg') ?? '');
    // Source: moby api/server/middleware/debug.go: "Calling GET /path" before 27, fields after.
    const method =
      called?.[1] ?? (/^handling [A-Z]+ request$/.test(fields.get('msg') ?? '') ? fields.get('method') : undefined);
    const path = called?.[2] ?? fields.get('request-url');
    const atUs = microsecondsOf(fields.get('time') ?? '');
    if (method === undefined || !path?.startsWith('/') || atUs === undefined) return [];
    const containerId = containerOfPath(path);
    return [
      {
        source: 'dockerd-log',
        atUs,
        precisionUs: 1,
        method,
        path,
        ...(containerId === undefined ? {} : { containerId }),
      },
    ];
  });
}

function jsonFields(line: string): ReadonlyMap<string, string> {
  try {
    const record = asRecord(JSON.parse(line)) ?? {};
    return new Map(
      Object.entries(record).flatMap(([key, value]) =>
        asString(value) === undefined ? [] : [[key, asString(value) ?? '']],
      ),
    );
  } catch {
    return new Map();
  }
}

/** `key=word key="quoted text"`, as logrus writes it. */
function logfmtFields(line: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const [, key = '', quoted, word] of line
    .slice(0, 64 * 1024)
    .matchAll(/(?<![a-z-])([a-z-]{1,64})=(?:"((?:[^"\\]|\\.)*)"|(\S*))/g)) {
    fields.set(key, quoted === undefined ? (word ?? '') : quoted.replace(/\\(["\\])/g, '$1'));
  }
  return fields;
}

/** Unix microseconds of RFC 3339 with up to nine digits of a second. */
export function microsecondsOf(text: string): number | undefined {
  const [, whole, fraction = '', zone] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text) ?? [];
  const seconds = Date.parse(`${whole}${zone}`);
  return Number.isNaN(seconds) ? undefined : seconds * 1000 + Number(fraction.padEnd(9, '0').slice(0, 6));
}

/** Of all logged calls those about one container; its create names no id, and is found by name or by being the only one. */
export function callsAbout(
  calls: readonly LoggedCall[],
  container: { readonly id: string; readonly name: string | undefined; readonly createdUs: number | undefined },
): readonly LoggedCall[] {
  const { id, name, createdUs } = container;
  const own = calls.filter(
    ({ containerId }) =>
      containerId !== undefined &&
      (containerId === id || (/^[0-9a-f]{12,63}$/.test(containerId) && id.startsWith(containerId))),
  );
  if (createdUs === undefined) return own;
  const creates = calls.filter(
    ({ method, path, atUs }) =>
      method === 'POST' &&
      /\/containers\/create(?:\?|$)/.test(path) &&
      atUs <= createdUs &&
      createdUs - atUs < CREATE_WITHIN_US,
  );
  const named = creates.filter(
    ({ path }) => name !== undefined && new URLSearchParams(path.split('?')[1] ?? '').get('name') === name,
  );
  const nameless = creates.filter(({ path }) => !/[?&]name=/.test(path));
  const create = named.at(-1) ?? (nameless.length === 1 ? nameless[0] : undefined);
  return [...(create ? [create] : []), ...own].sort((a, b) => a.atUs - b.atUs);
}

/** Making a container takes dockerd less. */
const CREATE_WITHIN_US = 10_000_000;
