import { fullCapabilityName } from '../../model/capabilities';
import { isSecretName } from '../../model/secrets';
import { asArray, asNumber, asRecord, asString, asStrings } from '../../util/records';
import { counted } from '../../util/text';
import { explainCapability } from '../capabilities';
import { splitEntry, variableInWords } from '../environment';
import type { Explanation } from '../explanation';
import { kernelDoc, man, spec } from '../references';
import type { FieldTable, FieldText } from './field';
import { countOf, either, idInWords, oneOf } from './words';

const general = [spec('process')];
const posix = [spec('posix-process')];
const linux = [spec('linux-process')];
const user = [spec('posix-platform-user'), man('credentials', 7)];
const capabilities = [...linux, man('capabilities', 7)];
const scheduler = [...linux, man('sched_setattr', 2), man('sched', 7)];

const SETS = {
  bounding: {
    meaning:
      'The most that the process and all its children can ever have: a capability that is not here cannot be gained, not even by a set-user-ID program.',
    consequence: 'A name taken out of here is gone for good. It is CapBnd in /proc/PID/status.',
  },
  effective: {
    meaning: 'The capabilities that count now, whenever the kernel asks.',
    consequence:
      'For a user other than root the kernel empties it when the program starts, unless the ambient set holds them. It is CapEff in /proc/PID/status.',
  },
  permitted: {
    meaning: 'The capabilities that the process may make effective.',
    consequence:
      'For a user other than root the kernel empties it when the program starts, unless the ambient set holds them. It is CapPrm in /proc/PID/status.',
  },
  inheritable: {
    meaning: 'The capabilities that pass to a program with matching file capabilities.',
    consequence:
      'Engines leave it empty since 2022: filled, it let programs gain more than was meant. It is CapInh in /proc/PID/status.',
  },
  ambient: {
    meaning: 'The capabilities that an ordinary program keeps when a user other than root starts it.',
    consequence:
      'Without it a container that runs as another user than root has no capabilities at all. It is CapAmb in /proc/PID/status.',
  },
} as const;

function capabilitySets(): FieldTable {
  return Object.fromEntries(
    Object.entries(SETS).flatMap(([name, { meaning, consequence }]): [string, FieldText][] => [
      [
        `process.capabilities.${name}`,
        { meaning, consequence, check: 'grep ^Cap /proc/PID/status', references: capabilities, words: namesInWords },
      ],
      [
        `process.capabilities.${name}.*`,
        { meaning: `A capability in the ${name} set.`, references: capabilities, detail: capabilityDetail },
      ],
    ]),
  );
}

function namesInWords(value: unknown): string | undefined {
  if (!Array.isArray(value)) return undefined;
  const names = asStrings(value).map((name) => fullCapabilityName(name).slice(4).toLowerCase());
  return names.length === 0 ? 'None.' : `${counted(names.length, 'capability', 'capabilities')}: ${names.join(', ')}.`;
}

function capabilityDetail(value: unknown): Partial<Explanation> | undefined {
  const explanation = explainCapability(asString(value) ?? '');
  if (!explanation)
    return { valueInWords: 'A capability that is not known here: newer than this extension, or misspelt.' };
  const { meaning, consequence, check, references } = explanation;
  return { meaning, references, ...(consequence ? { consequence } : {}), ...(check ? { check } : {}) };
}

const RLIMITS: Readonly<Record<string, readonly [what: string, unit: string]>> = {
  RLIMIT_AS: ['Address space', 'bytes'],
  RLIMIT_CORE: ['Size of a core dump', 'bytes; 0 means none'],
  RLIMIT_CPU: ['CPU time', 'seconds; at the soft limit comes SIGXCPU, at the hard one SIGKILL'],
  RLIMIT_DATA: ['Size of the data segment', 'bytes'],
  RLIMIT_FSIZE: ['Size of a file that it writes', 'bytes; beyond it comes SIGXFSZ'],
  RLIMIT_LOCKS: ['File locks', 'locks; not enforced since Linux 2.4'],
  RLIMIT_MEMLOCK: ['Memory that it may lock', 'bytes'],
  RLIMIT_MSGQUEUE: ['Memory of POSIX message queues', 'bytes, for all processes of the user'],
  RLIMIT_NICE: ['How far it may raise its priority', '20 minus the lowest nice value'],
  RLIMIT_NOFILE: ['Open files', 'file descriptors; beyond them open fails with EMFILE, “Too many open files”'],
  RLIMIT_NPROC: [
    'Processes and threads',
    'for all of the same user on this host, other containers included; root is not bound',
  ],
  RLIMIT_RSS: ['Memory in use', 'bytes; not enforced by Linux'],
  RLIMIT_RTPRIO: ['Highest realtime priority', 'priority'],
  RLIMIT_RTTIME: ['CPU time with realtime scheduling without a pause', 'microseconds'],
  RLIMIT_SIGPENDING: ['Waiting signals', 'signals, for all processes of the user'],
  RLIMIT_STACK: ['Size of the stack', 'bytes'],
};

/** What a resource limit bounds, and in which unit: "Open files, in file descriptors…". */
function limitInWords(value: unknown): string | undefined {
  const type = asString(value) ?? '';
  const text = Object.hasOwn(RLIMITS, type) ? RLIMITS[type] : undefined;
  return text && `${text[0]}. Unit: ${text[1]}.`;
}

/** The names of all resource limits. */
export const RLIMIT_NAMES: readonly string[] = Object.keys(RLIMITS);

function amountInWords(value: unknown): string | undefined {
  // RLIM_INFINITY, 2^64 - 1, does not fit a number and arrives as its digits.
  if (value === '18446744073709551615') return 'No limit.';
  return undefined;
}

function entryDetail(value: unknown): Partial<Explanation> | undefined {
  const entry = asString(value);
  if (entry === undefined) return undefined;
  const { name, value: content } = splitEntry(entry);
  const known = variableInWords(name);
  return {
    ...(known === undefined ? {} : { meaning: known }),
    ...(content && isSecretName(name)
      ? { consequence: 'Its name says that it holds a secret. Whoever may inspect the container can read it.' }
      : {}),
    ...(content === ''
      ? { valueInWords: 'Set, and empty.' }
      : name === 'PATH' && content !== undefined
        ? { valueInWords: `${counted(content.split(':').length, 'folder')}, searched in this order.` }
        : {}),
  };
}

/** The fields below `process`. */
export const PROCESS_FIELDS: FieldTable = {
  process: {
    meaning: 'The container’s first process: what it runs, as whom, and with which rights and limits.',
    consequence: 'When it ends, the container ends, and every other process of its PID namespace with it.',
    references: general,
  },
  'process.terminal': {
    meaning: 'Whether the process has a terminal (docker run -t).',
    consequence: 'With a terminal, output and errors become one stream, and Ctrl+C reaches the program.',
    references: general,
    words: either('It has a pseudo terminal.', 'It has pipes instead of a terminal.'),
  },
  'process.consoleSize': { meaning: 'The terminal’s size at start. Ignored without a terminal.', references: general },
  'process.consoleSize.height': { meaning: 'Lines of the terminal at start.', references: general },
  'process.consoleSize.width': { meaning: 'Columns of the terminal at start.', references: general },
  'process.cwd': {
    meaning: 'The folder in which the process starts, as seen in the container. It must be absolute.',
    check: 'readlink /proc/PID/cwd',
    references: general,
    words: (value) => (value === '/' ? 'The root of the container’s file tree.' : undefined),
  },
  'process.args': {
    meaning: 'The program and its arguments. No shell takes part unless the program is one.',
    consequence: 'Engines join the image’s entry point and command, or what the user gave instead.',
    check: 'tr "\\0" "\\n" < /proc/PID/cmdline',
    references: posix,
    words: (value) => {
      const words = asArray(value).length;
      return words === 0 ? undefined : `A program with ${counted(words - 1, 'argument')}.`;
    },
  },
  'process.args.*': {
    meaning: 'An argument of the program, exactly as it is passed on.',
    references: posix,
    detail: (_, path) =>
      path.at(-1) === '0'
        ? { meaning: 'The program. Without a slash it is searched in the PATH of the container’s own environment.' }
        : undefined,
  },
  'process.env': {
    meaning: 'The environment variables with which the process starts.',
    consequence:
      'What the program changes later does not show here. Whoever may inspect the container can read them, so they are a poor place for secrets.',
    check: 'tr "\\0" "\\n" < /proc/PID/environ',
    references: posix,
    words: countOf('variable'),
  },
  'process.env.*': {
    meaning: 'An environment variable. What it does is up to the program.',
    references: posix,
    detail: entryDetail,
  },
  'process.user': { meaning: 'The user, groups and file mask of the process, as numbers.', references: user },
  'process.user.uid': {
    meaning: 'The user ID inside the container’s user namespace.',
    check: 'grep Uid /proc/PID/status',
    references: user,
    words: idInWords('User'),
  },
  'process.user.gid': {
    meaning: 'The group ID inside the container’s user namespace.',
    check: 'grep Gid /proc/PID/status',
    references: user,
    words: idInWords('Group'),
  },
  'process.user.umask': {
    meaning:
      'The permission bits that new files and folders do not get. Without it the runtime’s own mask counts, usually 0022.',
    check: 'grep Umask /proc/PID/status',
    references: [...user, man('umask', 2)],
    words: (value) => {
      const mask = asNumber(value);
      return mask === undefined ? undefined : `Octal ${mask.toString(8).padStart(4, '0')}.`;
    },
  },
  'process.user.additionalGids': {
    meaning: 'Further groups of the process: those of the user in the container’s /etc/group, and of --group-add.',
    check: 'grep Groups /proc/PID/status',
    references: user,
    words: countOf('group'),
  },
  'process.user.additionalGids.*': {
    meaning: 'A further group of the process.',
    references: user,
    words: idInWords('Group'),
  },
  'process.user.username': { meaning: 'The user’s name. For Windows containers only.', references: general },
  'process.commandLine': {
    meaning: 'The whole command line in one. For Windows containers only.',
    references: general,
  },
  'process.capabilities': {
    meaning: 'What of root’s power the process has, split into five sets of capabilities.',
    consequence: 'Docker gives 14 of 41 by default; --cap-add and --cap-drop change that, --privileged gives all.',
    check: 'grep ^Cap /proc/PID/status',
    references: capabilities,
  },
  ...capabilitySets(),
  'process.rlimits': {
    meaning:
      'Resource limits of the process (ulimit), each with a soft value that counts and a hard one up to which it may be raised.',
    consequence: 'What is not listed is inherited from the shim, thus from containerd’s own limits.',
    check: 'cat /proc/PID/limits',
    references: [...posix, man('getrlimit', 2)],
    words: countOf('limit'),
  },
  'process.rlimits.*': {
    meaning: 'One resource limit.',
    check: 'cat /proc/PID/limits',
    references: [...posix, man('getrlimit', 2)],
    detail: (value) => {
      const words = limitInWords(asRecord(value)?.type);
      return words === undefined ? undefined : { meaning: words };
    },
  },
  'process.rlimits.*.type': {
    meaning: 'Which resource is limited.',
    references: [...posix, man('getrlimit', 2)],
    words: limitInWords,
  },
  'process.rlimits.*.soft': {
    meaning: 'The limit that counts. The process may raise it up to the hard one.',
    references: [...posix, man('getrlimit', 2)],
    words: amountInWords,
  },
  'process.rlimits.*.hard': {
    meaning: 'The ceiling for the soft limit. Raising it needs CAP_SYS_RESOURCE.',
    references: [...posix, man('getrlimit', 2)],
    words: amountInWords,
  },
  'process.noNewPrivileges': {
    meaning:
      'Whether set-user-ID programs and file capabilities are without effect, for this process and all its children, for good.',
    consequence: 'With it, sudo and su do not work. It is a cheap and strong protection.',
    check: 'grep NoNewPrivs /proc/PID/status',
    references: [...linux, kernelDoc('userspace-api/no_new_privs.html', 'no_new_privs')],
    words: either('No program it starts can gain privileges.', 'A set-user-ID program can gain privileges.'),
  },
  'process.apparmorProfile': {
    meaning: 'The AppArmor profile that confines the process. It must be loaded in the host’s kernel.',
    consequence: 'Without AppArmor in the kernel it has no effect.',
    check: 'cat /proc/PID/attr/current',
    references: [...linux, kernelDoc('admin-guide/LSM/apparmor.html', 'AppArmor')],
    words: oneOf({
      'docker-default': 'Docker’s own profile: it forbids mounting, and writing to most of /proc and /sys.',
      unconfined: 'No profile: AppArmor does not confine it.',
      'cri-containerd.apparmor.d': 'The profile of containerd’s CRI plugin.',
    }),
  },
  'process.selinuxLabel': {
    meaning: 'The SELinux label of the process: user, role, type and level.',
    consequence: 'The level (two categories such as c12,c34) keeps containers apart from each other.',
    check: 'ps -Z PID',
    references: [...linux, man('selinux', 8)],
  },
  'process.oomScoreAdj': {
    meaning: 'How gladly the OOM killer chooses this process: -1000 (never) to 1000 (first).',
    consequence: 'Kubernetes sets it by quality of service: -997 for guaranteed pods, 1000 for best-effort ones.',
    check: 'cat /proc/PID/oom_score_adj',
    references: [...linux, man('proc_pid_oom_score_adj', 5)],
    words: (value) => {
      const score = asNumber(value);
      if (score === undefined) return undefined;
      if (score === 0) return 'Neither preferred nor spared.';
      return score < 0 ? `Spared by ${-score} of 1000.` : `Preferred by ${score} of 1000.`;
    },
  },
  'process.scheduler': { meaning: 'How the kernel’s scheduler treats the process.', references: scheduler },
  'process.scheduler.policy': {
    meaning: 'The scheduling policy.',
    check: 'chrt -p PID',
    references: scheduler,
    words: oneOf({
      SCHED_OTHER: 'The usual one: fair shares.',
      SCHED_BATCH: 'For work that needs no quick answers.',
      SCHED_IDLE: 'Only when nobody else wants the CPU.',
      SCHED_FIFO: 'Realtime: runs until it waits.',
      SCHED_RR: 'Realtime: takes turns with equals.',
      SCHED_DEADLINE: 'Realtime: so much time in each period.',
      SCHED_ISO: 'Reserved, not implemented.',
    }),
  },
  'process.scheduler.nice': { meaning: 'The nice value, -20 (favoured) to 19.', references: scheduler },
  'process.scheduler.priority': { meaning: 'The priority of realtime policies, 1 to 99.', references: scheduler },
  'process.scheduler.flags': { meaning: 'Further switches of sched_setattr.', references: scheduler },
  'process.scheduler.flags.*': {
    meaning: 'A switch of sched_setattr.',
    references: scheduler,
    words: oneOf({
      SCHED_FLAG_RESET_ON_FORK: 'Children get the usual policy.',
      SCHED_FLAG_RECLAIM: 'May use time that other deadline processes leave.',
      SCHED_FLAG_DL_OVERRUN: 'Wants a signal when it used more than its time.',
      SCHED_FLAG_KEEP_POLICY: 'Leaves the policy as it is.',
      SCHED_FLAG_KEEP_PARAMS: 'Leaves the parameters as they are.',
      SCHED_FLAG_UTIL_CLAMP_MIN: 'Sets the least speed of the CPU.',
      SCHED_FLAG_UTIL_CLAMP_MAX: 'Sets the highest speed of the CPU.',
    }),
  },
  'process.scheduler.runtime': {
    meaning: 'CPU time in each period, in nanoseconds. For SCHED_DEADLINE.',
    references: scheduler,
  },
  'process.scheduler.deadline': {
    meaning: 'Until when in each period it must have had its time, in nanoseconds. For SCHED_DEADLINE.',
    references: scheduler,
  },
  'process.scheduler.period': {
    meaning: 'Length of the period, in nanoseconds. For SCHED_DEADLINE.',
    references: scheduler,
  },
  'process.ioPriority': {
    meaning: 'Priority of its disk access.',
    check: 'ionice -p PID',
    references: [...linux, man('ioprio_set', 2)],
  },
  'process.ioPriority.class': {
    meaning: 'The class of its disk access.',
    references: [...linux, man('ioprio_set', 2)],
    words: oneOf({
      IOPRIO_CLASS_RT: 'Realtime: before all others.',
      IOPRIO_CLASS_BE: 'Best effort: the usual one.',
      IOPRIO_CLASS_IDLE: 'Only when nobody else wants the disk.',
    }),
  },
  'process.ioPriority.priority': {
    meaning: 'The priority within the class: 0 is highest, 7 lowest.',
    references: [...linux, man('ioprio_set', 2)],
  },
  'process.execCPUAffinity': {
    meaning: 'On which CPUs processes run that are added later (exec). It does not concern the first process.',
    references: [...linux, man('sched_setaffinity', 2)],
  },
  'process.execCPUAffinity.initial': {
    meaning: 'CPUs on which the runtime’s helper runs before it enters the container’s cgroup.',
    references: linux,
  },
  'process.execCPUAffinity.final': {
    meaning: 'CPUs on which the process runs once it is in the container’s cgroup.',
    references: linux,
  },
};
