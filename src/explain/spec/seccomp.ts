import { asArray, asNumber, asRecord, asString, asStrings } from '../../util/records';
import { counted } from '../../util/text';
import type { Explanation } from '../explanation';
import { kernelDoc, man, specLinux } from '../references';
import { explainSeccompAction, seccompArchitecture, seccompOperator } from '../seccomp';
import type { FieldTable } from './field';
import { countOf, oneOf } from './words';

const seccomp = [specLinux('seccomp'), man('seccomp', 2), kernelDoc('userspace-api/seccomp_filter.html', 'seccomp')];

/** Errors that filters answer with. */
const ERRORS: Readonly<Record<number, string>> = {
  1: 'EPERM, “Operation not permitted”',
  13: 'EACCES, “Permission denied”',
  22: 'EINVAL, “Invalid argument”',
  38: 'ENOSYS, “Function not implemented”: programs then try an older way',
  97: 'EAFNOSUPPORT, “Address family not supported”',
};

function errorInWords(value: unknown): string | undefined {
  const number = asNumber(value);
  if (number === undefined) return undefined;
  return Object.hasOwn(ERRORS, number) ? `${ERRORS[number] ?? ''}.` : `Error number ${number}.`;
}

function actionDetail(value: unknown): Partial<Explanation> | undefined {
  const explanation = explainSeccompAction(asString(value) ?? '');
  if (!explanation) return undefined;
  return {
    valueInWords: explanation.meaning,
    ...(explanation.consequence === undefined ? {} : { consequence: explanation.consequence }),
  };
}

function ruleInWords(value: unknown): string | undefined {
  const rule = asRecord(value);
  if (!rule) return undefined;
  const names = asStrings(rule.names);
  const action = explainSeccompAction(asString(rule.action) ?? '');
  const conditions = asArray(rule.args).length;
  const which = names.length === 1 ? (names[0] ?? '') : counted(names.length, 'system call');
  return `${which}: ${action?.meaning ?? asString(rule.action) ?? ''}${conditions > 0 ? ` Under ${counted(conditions, 'condition')}.` : ''}`;
}

/** The fields of `linux.seccomp`. */
export const SECCOMP_FIELDS: FieldTable = {
  'linux.seccomp': {
    meaning: 'A filter of system calls: which the kernel makes for the container and which it refuses.',
    consequence:
      'Docker’s default allows some 300 to 400 and refuses what is seldom needed and often abused. Privileged containers have no filter.',
    check: 'grep Seccomp /proc/PID/status',
    references: seccomp,
  },
  'linux.seccomp.defaultAction': {
    meaning: 'What happens to a system call that no rule names.',
    references: seccomp,
    detail: actionDetail,
  },
  'linux.seccomp.defaultErrnoRet': {
    meaning: 'The error that the default action answers with.',
    references: seccomp,
    words: errorInWords,
  },
  'linux.seccomp.architectures': {
    meaning: 'The architectures for which the filter holds: a 64-bit machine can make 32-bit calls too.',
    references: seccomp,
    words: countOf('architecture'),
  },
  'linux.seccomp.architectures.*': {
    meaning: 'An architecture for which the filter holds.',
    references: seccomp,
    words: archInWords,
  },
  'linux.seccomp.flags': { meaning: 'Switches for loading the filter.', references: seccomp },
  'linux.seccomp.flags.*': {
    meaning: 'A switch for loading the filter.',
    references: seccomp,
    words: oneOf({
      SECCOMP_FILTER_FLAG_TSYNC: 'For all threads at once.',
      SECCOMP_FILTER_FLAG_LOG: 'Everything but allowed calls is logged.',
      SECCOMP_FILTER_FLAG_SPEC_ALLOW: 'Protection against speculation (Spectre v4) is not switched on; faster.',
      SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: 'While the supervisor decides, only fatal signals interrupt.',
    }),
  },
  'linux.seccomp.listenerPath': {
    meaning: 'The socket of the supervisor that answers SCMP_ACT_NOTIFY.',
    references: seccomp,
  },
  'linux.seccomp.listenerMetadata': { meaning: 'A text that is handed to the supervisor.', references: seccomp },
  'linux.seccomp.syscalls': {
    meaning: 'The rules. A call that matches gets the rule’s action, any other the default action.',
    references: seccomp,
    words: (value) => {
      if (!Array.isArray(value)) return undefined;
      const names = asArray(value).flatMap((rule) => asStrings(asRecord(rule)?.names));
      return `${counted(asArray(value).length, 'rule')} for ${counted(new Set(names).size, 'system call')}.`;
    },
  },
  'linux.seccomp.syscalls.*': { meaning: 'One rule.', references: seccomp, words: ruleInWords },
  'linux.seccomp.syscalls.*.names': {
    meaning: 'The system calls of this rule, by name. Names that the kernel does not know are passed over.',
    references: seccomp,
    words: countOf('system call'),
  },
  'linux.seccomp.syscalls.*.names.*': {
    meaning: 'A system call.',
    references: seccomp,
    detail: (value) => {
      const name = asString(value);
      return name !== undefined && /^[a-z_][a-z0-9_]{0,60}$/.test(name)
        ? { references: [man(name, 2), ...seccomp] }
        : undefined;
    },
  },
  'linux.seccomp.syscalls.*.action': {
    meaning: 'What happens to these system calls.',
    references: seccomp,
    detail: actionDetail,
  },
  'linux.seccomp.syscalls.*.errnoRet': {
    meaning: 'The error that this rule answers with.',
    references: seccomp,
    words: errorInWords,
  },
  'linux.seccomp.syscalls.*.args': {
    meaning: 'Conditions on the call’s arguments. All must hold.',
    references: seccomp,
    words: countOf('condition'),
  },
  'linux.seccomp.syscalls.*.args.*': {
    meaning: 'One condition on an argument.',
    references: seccomp,
    words: (value) => {
      const { index, op } = asRecord(value) ?? {};
      const how = seccompOperator(op);
      return typeof index === 'number' && how !== undefined ? `Holds when argument ${index + 1} ${how}.` : undefined;
    },
  },
  'linux.seccomp.syscalls.*.args.*.index': {
    meaning: 'Which argument, counted from 0.',
    references: seccomp,
    words: (value) => (typeof value === 'number' ? `Argument ${value + 1}.` : undefined),
  },
  'linux.seccomp.syscalls.*.args.*.value': {
    meaning: 'The number to compare with; the mask for SCMP_CMP_MASKED_EQ.',
    references: seccomp,
    words: hexadecimal,
  },
  'linux.seccomp.syscalls.*.args.*.valueTwo': {
    meaning: 'The number to compare with for SCMP_CMP_MASKED_EQ; else unused.',
    references: seccomp,
    words: hexadecimal,
  },
  'linux.seccomp.syscalls.*.args.*.op': {
    meaning: 'How it is compared.',
    references: seccomp,
    words: (value) => {
      const how = seccompOperator(value);
      return how === undefined ? undefined : `Holds when the argument ${how}.`;
    },
  },
};

function archInWords(value: unknown): string | undefined {
  const words = seccompArchitecture(value);
  return words === undefined ? undefined : `System calls of ${words}.`;
}

function hexadecimal(value: unknown): string | undefined {
  return typeof value === 'number' && value > 9 ? `Hexadecimal 0x${value.toString(16)}.` : undefined;
}
