// Runs the scenarios of cliScenarios.ts, and says what came of them in a form that can be compared.
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import * as path from 'node:path';
import { mustRun } from '../lab/run';
import { CLI_SCENARIOS, type CliScenario, type Step } from './cliScenarios';

/** Where scenarios run. */
export interface CliPlace {
  /** The environment in which docker leads to the engine, with nothing in between. */
  readonly direct: NodeJS.ProcessEnv;
  /** A folder that client and engine have at the same path. */
  readonly folder: string;
  readonly image: string;
  /** A container that sleeps. */
  readonly target: string;
  /** A file of 100 MB. */
  readonly big: string;
  /** A docker command line with BuildKit, where there is one. */
  readonly builder?: string;
  /** Kills the engine, and starts it again, where that may be done. */
  readonly engine?: { kill(): Promise<void>; start(): Promise<void> };
}

/** What came of a scenario: what differs by nature (ids, times, the socket's path) is replaced. */
export interface Outcome {
  /** The exit code, or the signal that ended it. */
  readonly ended: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly effects: string;
}

/** Ends everything that a scenario may leave. */
const PUT_AWAY = `docker ps --all --quiet --filter name=$NAME | xargs -r docker rm --force --volumes
docker images --quiet --filter "reference=$NAME*" | sort -u | xargs -r docker rmi --force
docker volume ls --quiet --filter name=$NAME | xargs -r docker volume rm`;

/** What is there afterwards, in every scenario. */
const LEFT = `docker ps --all --format '{{.Names}} {{.State}}' --filter name=$NAME | sort
docker images --format '{{.Repository}}:{{.Tag}}' --filter "reference=$NAME*" | sort; docker volume ls --quiet --filter name=$NAME`;

/** Its output where nothing is there, and its exit code. */
const NOTHING = '0';

const LONGEST_MS = 240_000;

/** Runs a scenario. @param way the environment in which docker leads to the engine as it is to be tried */
export async function runScenario(scenario: CliScenario, place: CliPlace, way: NodeJS.ProcessEnv): Promise<Outcome> {
  const dir = path.join(place.folder, 'dir');
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir);
  const given = {
    NAME: `cli-${CLI_SCENARIOS.indexOf(scenario)}`,
    DIR: dir,
    IMAGE: place.image,
    TARGET: place.target,
    BIG: place.big,
    BUILDER: place.builder ?? 'docker',
  };
  const direct = { ...place.direct, ...given };
  const inShell = async (text: string): Promise<string> => {
    const { stdout, stderr, code } = await output(spawn('sh', ['-c', text], { env: direct }));
    return `${stdout}${stderr}${code}`;
  };
  let left: string | undefined;
  try {
    const { stdout, stderr, code } = await perform(scenario, { ...way, ...given }, place);
    const effects = scenario.effects === undefined ? '' : await inShell(scenario.effects);
    left = await inShell(LEFT);
    const same = (text: string): string => comparable(text, [way, place.direct]);
    return { ended: code, stdout: same(stdout), stderr: same(stderr), effects: same(effects + left) };
  } finally {
    // Each command takes its time: most scenarios leave nothing.
    if (left !== NOTHING) await mustRun('sh', ['-c', PUT_AWAY], { env: direct });
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Makes a terminal of the size of old ones, and tells its name. */
const IN_TERMINAL = 'stty rows 24 cols 80; tty > "$DIR/.tty"; exec sh -c "$CRE_RUN"';

async function perform(scenario: CliScenario, env: NodeJS.ProcessEnv, place: CliPlace): Promise<Said> {
  const { run, terminal, steps = [] } = scenario;
  const child = terminal
    ? spawn('script', ['--quiet', '--flush', '--return', '--command', IN_TERMINAL, '/dev/null'], {
        env: { ...env, CRE_RUN: run, SHELL: '/bin/sh', TERM: 'xterm' },
      })
    : spawn('sh', ['-c', run], { env });
  if (!terminal && !steps.some((step) => 'type' in step && step.type !== '')) child.stdin.end();
  // A command that ends before it has read its input closes the pipe: no concern of ours.
  child.stdin.on('error', () => undefined);
  let engineIsDown = false;
  let seen = '';
  const waiting = [...steps];
  const act = async (step: Step): Promise<void> => {
    if ('type' in step) child.stdin.write(step.type);
    else if ('endInput' in step) child.stdin.end();
    else if ('signal' in step) child.kill(step.signal);
    else if ('killEngine' in step) {
      engineIsDown = true;
      await place.engine?.kill();
    } else {
      const tty = readFileSync(path.join(env['DIR'] ?? '', '.tty'), 'utf8').trim();
      await mustRun('stty', ['-F', tty, 'rows', String(step.rows), 'cols', String(step.columns)]);
    }
  };
  let acting: Promise<void> | undefined;
  const goOn = async (): Promise<void> => {
    for (let step = waiting[0]; step; step = waiting[0]) {
      const at = seen.indexOf(step.after ?? '');
      if (at < 0) return;
      seen = seen.slice(at + (step.after ?? '').length);
      waiting.shift();
      await act(step);
    }
  };
  const look = (): void => void (acting ??= goOn().finally(() => (acting = undefined)));
  child.stdout.on('data', (bytes: Buffer) => {
    seen += bytes.toString('latin1');
    look();
  });
  look();
  const said = await output(child);
  await acting;
  if (engineIsDown) await place.engine?.start();
  if (waiting.length > 0)
    throw new Error(`${scenario.title}: never said ${waiting[0]?.after}: ${JSON.stringify(said)}`);
  return said;
}

interface Said {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: string;
}

function output(child: ChildProcess): Promise<Said> {
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.setEncoding('latin1').on('data', (text: string) => (said[name] += text));
  let isLate = false;
  const patience = setTimeout(() => {
    isLate = true;
    child.kill('SIGKILL');
  }, LONGEST_MS);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(patience);
      if (isLate) reject(new Error(`not over after ${LONGEST_MS} ms: ${JSON.stringify(said).slice(0, 2000)}`));
      else resolve({ ...said, code: String(code ?? signal) });
    });
  });
}

/** A text without what differs from run to run; what is long by its digest, so that a difference can be read. */
function comparable(text: string, ways: readonly NodeJS.ProcessEnv[]): string {
  const ids = new Map<string, string>();
  const numbered = (id: string): string => {
    const short = id.slice(0, 12);
    if (!ids.has(short)) ids.set(short, `<id ${ids.size + 1}>`);
    return ids.get(short) ?? '';
  };
  const sockets = ways.flatMap(({ DOCKER_HOST: host }) => (host === undefined ? [] : [host.replace('unix://', '')]));
  const named = sockets.reduce((rest, socket) => {
    // In errors of the HTTP client it is a part of a URL.
    return rest.replaceAll(encodeURIComponent(socket), '<socket>').replaceAll(socket, '<socket>');
  }, text);
  const same = named
    .replace(/\b(?:[0-9a-f]{64}|[0-9a-f]{12})\b/g, numbered)
    .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| ?[+-]\d\d:?\d\d(?: [A-Z]+)?)?/g, '<time>');
  return same.length > 6000 ? `${same.length} characters, ${createHash('sha256').update(same).digest('hex')}` : same;
}

/** The first docker command line that can build by BuildKit: one with buildx, or one so old that it needs none. */
export async function findBuilder(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const answers = async (program: string, args: readonly string[]): Promise<Said> =>
    output(spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] }));
  if ((await answers('docker', ['buildx', 'version'])).code === '0') return 'docker';
  const folders = (env['PATH'] ?? '').split(':');
  for (const program of folders.map((folder) => path.join(folder, 'docker')).filter((file) => existsSync(file))) {
    const version = /version (\d+)\./.exec((await answers(program, ['--version'])).stdout)?.[1];
    if (version !== undefined && Number(version) < 23) return program;
  }
  return undefined;
}
