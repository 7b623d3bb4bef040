// Runs a command and collects what it says.
import { spawn } from 'node:child_process';

/** What a command has said and how it ended. */
export interface Output {
  readonly stdout: string;
  readonly stderr: string;
  /** Exit code; -1 when it was killed by a signal or its deadline. */
  readonly code: number;
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Written to its standard input, which is then closed. */
  readonly input?: string;
  /** After that time it is killed; 120 s by default. */
  readonly timeoutMs?: number;
}

/** Runs a command without a shell. A failure is an ordinary answer; only a program that is not there throws. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Output> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: options.env ?? process.env,
      stdio: 'pipe',
      timeout: options.timeoutMs ?? 120_000,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    // A command that ends before it has read its input closes the pipe: no concern of ours.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
    child.on('error', reject);
    child.on('close', (code) => resolve({ stdout, stderr, code: code ?? -1 }));
  });
}

/** Like {@link run}, and throws with what the command said when it fails. */
export async function mustRun(program: string, args: readonly string[], options: RunOptions = {}): Promise<Output> {
  const output = await run(program, args, options);
  if (output.code !== 0) {
    throw new Error(`${[program, ...args].join(' ')} ended with ${output.code}: ${output.stderr || output.stdout}`);
  }
  return output;
}
