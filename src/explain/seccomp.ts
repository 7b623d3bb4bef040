import type { Explanation } from './explanation';
import { kernelDoc, man, specLinux } from './references';

const ACTIONS: Readonly<Record<string, { readonly does: string; readonly note: string }>> = {
  SCMP_ACT_ALLOW: { does: 'The call is made.', note: 'As a default action it makes the list a list of exceptions.' },
  SCMP_ACT_ERRNO: {
    does: 'The call is not made; the program gets an error, EPERM unless errnoRet says another.',
    note: 'The usual default: programs see an ordinary failure and can go on.',
  },
  SCMP_ACT_KILL: {
    does: 'The thread that makes the call is killed.',
    note: 'The same as SCMP_ACT_KILL_THREAD; other threads go on, which seldom ends well.',
  },
  SCMP_ACT_KILL_THREAD: {
    does: 'The thread that makes the call is killed.',
    note: 'Other threads go on, which seldom ends well.',
  },
  SCMP_ACT_KILL_PROCESS: {
    does: 'The whole process is killed, as by SIGSYS.',
    note: 'The strictest answer: an unexpected call ends the program.',
  },
  SCMP_ACT_TRAP: {
    does: 'The call is not made; the thread gets SIGSYS, which the program may handle.',
    note: 'Lets a program emulate calls itself.',
  },
  SCMP_ACT_TRACE: {
    does: 'A tracer (ptrace) is asked; without one the call fails with ENOSYS.',
    note: 'For debuggers and sandboxes that decide outside the kernel.',
  },
  SCMP_ACT_LOG: { does: 'The call is made and written to the log.', note: 'For finding out what a program needs.' },
  SCMP_ACT_NOTIFY: {
    does: 'A supervisor outside the container is asked by a file descriptor, and answers for the kernel.',
    note: 'Its socket stands in listenerPath. If the supervisor is gone, the call fails with ENOSYS.',
  },
};

/** What the kernel does when a rule with this action matches: `SCMP_ACT_ERRNO`. */
export function explainSeccompAction(action: string): Explanation | undefined {
  if (!Object.hasOwn(ACTIONS, action)) return undefined;
  const text = ACTIONS[action];
  if (!text) return undefined;
  return {
    title: action,
    meaning: text.does,
    consequence: text.note,
    references: [specLinux('seccomp'), man('seccomp', 2), kernelDoc('userspace-api/seccomp_filter.html', 'seccomp')],
  };
}

const ARCHITECTURES: Readonly<Record<string, string>> = {
  SCMP_ARCH_X86: '32-bit x86 programs',
  SCMP_ARCH_X86_64: '64-bit x86 programs',
  SCMP_ARCH_X32: 'the x32 ABI: 64-bit x86 with 32-bit pointers',
  SCMP_ARCH_ARM: '32-bit ARM programs',
  SCMP_ARCH_AARCH64: '64-bit ARM programs',
  SCMP_ARCH_MIPS: 'MIPS, big-endian',
  SCMP_ARCH_MIPS64: 'MIPS64, big-endian',
  SCMP_ARCH_MIPS64N32: 'MIPS64 with 32-bit pointers',
  SCMP_ARCH_MIPSEL: 'MIPS, little-endian',
  SCMP_ARCH_MIPSEL64: 'MIPS64, little-endian',
  SCMP_ARCH_MIPSEL64N32: 'MIPS64, little-endian, with 32-bit pointers',
  SCMP_ARCH_PPC: '32-bit PowerPC',
  SCMP_ARCH_PPC64: '64-bit PowerPC, big-endian',
  SCMP_ARCH_PPC64LE: '64-bit PowerPC, little-endian',
  SCMP_ARCH_S390: '31-bit IBM Z',
  SCMP_ARCH_S390X: '64-bit IBM Z',
  SCMP_ARCH_PARISC: 'PA-RISC',
  SCMP_ARCH_PARISC64: '64-bit PA-RISC',
  SCMP_ARCH_RISCV64: '64-bit RISC-V',
  SCMP_ARCH_LOONGARCH64: 'LoongArch',
  SCMP_ARCH_M68K: 'Motorola 68000',
  SCMP_ARCH_SH: 'SuperH, little-endian',
  SCMP_ARCH_SHEB: 'SuperH, big-endian',
};

/** An architecture of the filter in words; undefined when it is not known. */
export function seccompArchitecture(name: unknown): string | undefined {
  return typeof name === 'string' && Object.hasOwn(ARCHITECTURES, name) ? ARCHITECTURES[name] : undefined;
}

const OPERATORS: Readonly<Record<string, string>> = {
  SCMP_CMP_NE: 'is not equal to the value',
  SCMP_CMP_LT: 'is less than the value',
  SCMP_CMP_LE: 'is at most the value',
  SCMP_CMP_EQ: 'equals the value',
  SCMP_CMP_GE: 'is at least the value',
  SCMP_CMP_GT: 'is greater than the value',
  SCMP_CMP_MASKED_EQ: 'equals valueTwo once only the bits of value are kept',
};

/** A comparison of a rule in words; undefined when it is not known. */
export function seccompOperator(name: unknown): string | undefined {
  return typeof name === 'string' && Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
}
