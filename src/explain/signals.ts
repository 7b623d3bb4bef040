import type { Explanation } from './explanation';
import { signalNumberOf } from '../model/lineage/signalNumbers';
import { man } from './references';

/** Name without SIG → number on x86 and ARM, and what it does by default and is used for. */
const SIGNALS: readonly (readonly [name: string, number: number, meaning: string])[] = [
  ['HUP', 1, 'The terminal is gone; by custom also “read your configuration again”. Ends the process unless handled.'],
  ['INT', 2, 'Interrupt, as by Ctrl+C. Ends the process unless handled.'],
  [
    'QUIT',
    3,
    'Quit, as by Ctrl+\\; nginx and PHP-FPM take it as “finish gracefully”. Ends the process with a core dump unless handled.',
  ],
  ['ILL', 4, 'The processor met an illegal instruction. Ends the process with a core dump.'],
  ['TRAP', 5, 'A breakpoint of a debugger.'],
  ['ABRT', 6, 'The program gave up by itself (abort). Ends it with a core dump.'],
  ['BUS', 7, 'Memory access that the hardware refuses. Ends the process with a core dump.'],
  ['FPE', 8, 'An arithmetic error such as division by zero. Ends the process with a core dump.'],
  [
    'KILL',
    9,
    'Ends the process at once. It cannot be handled, blocked or ignored. Exit code 137 means it, often from the OOM killer.',
  ],
  ['USR1', 10, 'For the program’s own use. Ends the process unless handled.'],
  ['SEGV', 11, 'Access to memory that is not its own. Ends the process with a core dump; exit code 139.'],
  ['USR2', 12, 'For the program’s own use. Ends the process unless handled.'],
  ['PIPE', 13, 'Writing to a pipe that nobody reads. Ends the process unless handled.'],
  ['ALRM', 14, 'A timer has run out. Ends the process unless handled.'],
  ['TERM', 15, 'The polite request to end, and what docker stop sends first. Exit code 143 when it is not handled.'],
  ['STKFLT', 16, 'Not used by Linux.'],
  ['CHLD', 17, 'A child process has changed its state. Ignored by default.'],
  ['CONT', 18, 'Go on after a stop.'],
  ['STOP', 19, 'Stops the process until SIGCONT. It cannot be handled, blocked or ignored.'],
  ['TSTP', 20, 'Stop, as by Ctrl+Z.'],
  ['TTIN', 21, 'A background process reads from the terminal. Stops it.'],
  ['TTOU', 22, 'A background process writes to the terminal. Stops it.'],
  ['URG', 23, 'Urgent data on a socket. Ignored by default.'],
  ['XCPU', 24, 'The CPU time limit (RLIMIT_CPU) is reached.'],
  ['XFSZ', 25, 'The file size limit (RLIMIT_FSIZE) is reached.'],
  ['VTALRM', 26, 'A virtual timer has run out.'],
  ['PROF', 27, 'A profiling timer has run out.'],
  [
    'WINCH',
    28,
    'The terminal window has changed its size; Apache takes it as “finish gracefully”. Ignored by default.',
  ],
  ['IO', 29, 'I/O is possible now.'],
  ['PWR', 30, 'Power is failing.'],
  ['SYS', 31, 'A system call that does not exist, or that a seccomp filter trapped.'],
];

/** What a signal does. Takes names with and without SIG, and numbers. */
export function explainSignal(signal: string | number): Explanation | undefined {
  const number = signalNumberOf(signal);
  if (number === undefined) return undefined;
  const known = SIGNALS.find(([, candidate]) => candidate === number);
  const title = known ? `SIG${known[0]}` : `Realtime signal ${number}`;
  return {
    title,
    meaning:
      known?.[2] ??
      'A realtime signal: its meaning is up to the program; systemd as PID 1 takes SIGRTMIN+3 as “power off”.',
    valueInWords: `Signal ${number}; a process that it ends has exit code ${128 + number} for the engine.`,
    consequence:
      'PID 1 of a PID namespace has no default handlers: a signal from inside that it does not handle is dropped, except KILL and STOP from outside.',
    check: `kill -l ${number}`,
    references: [man('signal', 7)],
  };
}
