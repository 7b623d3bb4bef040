import type { FindingKind, Severity } from '../model/doctor/finding';
import type { Reference } from './explanation';
import { man } from './references';

/** A kind of finding in words. It diagnoses: what people do about it is told, never done. */
export interface FindingWords {
  readonly title: string;
  readonly meaning: string;
  /** What people do about it, mildest first. */
  readonly whatToDo: readonly string[];
  readonly references: readonly Reference[];
}

function issue(number: number, label: string): Reference {
  return { label: `containerd#${number}: ${label}`, url: `https://github.com/containerd/containerd/issues/${number}` };
}

const ACCUMULATION = issue(8381, 'shims accumulate that containerd no longer knows');
const CHURN = issue(12344, 'shims leak when many pods come and go');
const MID_CREATE = issue(6860, 'a shim leaks when containerd crashes while it creates a container');
const MISSED_EXIT = issue(6771, 'a container ends while containerd is down, and its shim stays');
const WITHOUT_SHIM = issue(8285, 'running containers without a shim');
const TWO_SHIMS = issue(5015, 'containerd is killed at a start, and a second shim follows');
const WRONGLY_LEAKED = issue(13784, 'a restarted containerd takes a shim for leaked and forgets its container');
const STATE_LEFT = issue(13293, 'a shim is killed, and the runtime’s state stays on disk');
const RELATED = issue(13849, 'another report for which people compare processes with ctr by hand');

const LOOK_FIRST = 'See what containerd logged about this id: journalctl -u containerd (or -u docker) | grep the id.';
const CORDON = 'On a Kubernetes node, drain it first: a repair by hand can end other containers of the pod.';

const WORDS: Readonly<Record<FindingKind, FindingWords>> = {
  'container-without-shim': {
    title: 'A container runs without its shim',
    meaning:
      'The container’s first process is alive, and its parent is no shim: the shim was killed or crashed, and the kernel gave the process to another parent. Nobody keeps its output, collects its exit code or can tell containerd of its end; exec, attach and stop cannot work.',
    whatToDo: [
      LOOK_FIRST,
      'When containerd is down, start it: it looks for bundles whose shim is gone, ends what is left of their containers and removes them. That ends this container.',
      'To save what is in it, read its files by /proc/PID/root while it still runs.',
      'People who want to keep the service start a second container first and end this one afterwards, by its PID, after comparing the start time.',
    ],
    references: [WITHOUT_SHIM, STATE_LEFT, man('prctl', 2)],
  },
  'shim-without-child': {
    title: 'A shim runs without a container',
    meaning:
      'The shim has no living child, so no container is left for which it would be there. It costs some megabytes and a few threads; hundreds of them use up a node’s PIDs. Usually containerd lost track of it: it was restarted or timed out while the container was made or removed.',
    whatToDo: [
      LOOK_FIRST,
      'Restart containerd: on its start it asks each shim that it finds by a bundle, and ends those without a process. Running containers stay.',
      'Where the bundle is gone too, containerd cannot find the shim. People then end the process by its PID after checking that it has no children.',
      'Update containerd: several causes were mended in the 1.7 and 2.x lines.',
      CORDON,
    ],
    references: [ACCUMULATION, CHURN, MID_CREATE, MISSED_EXIT],
  },
  'shim-unknown': {
    title: 'A shim with a running container that containerd does not list',
    meaning:
      'The shim has a living container, and its containerd answers without naming a task of it. Either containerd has forgotten it, so that an engine may start the same work a second time, or the shim does not answer containerd’s question in time.',
    whatToDo: [
      LOOK_FIRST,
      'Ask the shim itself: ctr --namespace NAMESPACE shim --id ID state. An answer means that containerd has forgotten it; a hang, that the shim is stuck.',
      'A restart of containerd makes it read the bundles again and take the shim over, as long as the bundle is there.',
      CORDON,
    ],
    references: [ACCUMULATION, WRONGLY_LEAKED, RELATED],
  },
  'shim-stopped': {
    title: 'A shim or monitor is stopped',
    meaning:
      'The process is in the state T: a signal (SIGSTOP, SIGTSTP) or a debugger holds it. Its container runs on, but exec, stats and top hang, its output is not read, so a container that writes much will block, and its end will not be noticed.',
    whatToDo: [
      'Find out who stopped it: a debugger (TracerPid in /proc/PID/status), a freezer script, a job control signal.',
      'If nobody needs it stopped, let it go on with the signal CONT.',
    ],
    references: [man('signal', 7), man('proc_pid_status', 5)],
  },
  'duplicate-shims': {
    title: 'Several shims for one id',
    meaning:
      'More than one process was started as the shim of the same container of the same containerd. Only one of them can have the container as its child; the other is left from a start that failed or was interrupted.',
    whatToDo: [
      'Compare their children: the one without any is the leftover.',
      LOOK_FIRST,
      'Stop the container in the ordinary way first; what stays afterwards belongs to nobody.',
    ],
    references: [TWO_SHIMS, MID_CREATE],
  },
  'zombie-init': {
    title: 'A container’s process has ended and was not collected',
    meaning:
      'The process is a zombie: it has ended, and its parent, the shim or monitor, has not asked for its exit code. Engines take the container for running until that happens. A healthy shim does it within milliseconds.',
    whatToDo: [
      'Look at the shim’s own state first: one that is stopped (T) or waits for a disk (D) collects nobody.',
      'A zombie cannot be killed. It goes when its parent collects it or ends.',
    ],
    references: [MISSED_EXIT, man('wait', 2)],
  },
  'pid-reused': {
    title: 'A noted PID belongs to another process now',
    meaning:
      'The runtime or the bundle names a PID, and the process that has it now started at another time: the container’s process has ended, and the kernel gave its number away again. Tools that go by the number alone would show, signal or enter a stranger.',
    whatToDo: [
      'Never signal or enter (nsenter) by this PID.',
      'Let the engine remove the container: runc and crun compare the start time themselves before they act.',
    ],
    references: [
      { label: 'runc#871: compare the start time of init', url: 'https://github.com/opencontainers/runc/issues/871' },
      man('proc_pid_stat', 5),
    ],
  },
  'task-without-bundle': {
    title: 'A task without a bundle',
    meaning:
      'containerd lists the task, and the folder with its config.json, its shim’s address and its init.pid is not where the others are. The container runs on; a restart of containerd will not find it again, because it looks for bundles.',
    whatToDo: [
      'Find out who removed it: cleaners of /run and /tmp that do not know containerd are the usual cause.',
      'Do not restart containerd before the container has been replaced.',
      'Stop and remove the container in the ordinary way while containerd still knows it.',
    ],
    references: [WRONGLY_LEAKED, RELATED],
  },
  'ended-task': {
    title: 'A shim waits for its ended task to be deleted',
    meaning:
      'The container has ended, and the shim keeps its exit code until somebody deletes the task. With ctr that is up to the user and nothing unusual; dockerd and the kubelet do it at once, so in their namespaces it means that they were not there, or were not heard.',
    whatToDo: [
      'Start the engine if it is down: dockerd deletes such tasks when it starts.',
      'With ctr: ctr --namespace NAMESPACE tasks delete ID.',
    ],
    references: [MISSED_EXIT],
  },
  'bundle-without-task': {
    title: 'A bundle that no task belongs to',
    meaning:
      'The folder of a container is left on disk, and containerd lists no task of that id, no shim serves it and no process of it lives. It takes little room, but it may hold secrets from the container’s environment.',
    whatToDo: [
      LOOK_FIRST,
      'Restart containerd: on its start it removes bundles whose shim is gone.',
      'Otherwise people remove the folder, after checking that nothing is mounted below it.',
    ],
    references: [MID_CREATE, CHURN],
  },
  'socket-left-behind': {
    title: 'A shim’s socket on which nobody listens',
    meaning:
      'The socket file is left of a shim that has gone without cleaning up. It is harmless: a new shim for the same id removes it first.',
    whatToDo: ['Nothing has to be done. /run is emptied at the next boot.'],
    references: [STATE_LEFT, man('unix', 7)],
  },
  'container-without-conmon': {
    title: 'A container of Podman or CRI-O runs without its monitor',
    meaning:
      'The container’s first process is alive, and its parent is no conmon: the monitor was killed or crashed. Nobody writes its log or its exit code, so the engine will learn of its end late or never.',
    whatToDo: [
      'Stop and start the container again with its engine: podman restart, or delete the pod.',
      'Look for what ended conmon: the kernel’s log tells of the out-of-memory killer.',
    ],
    references: [{ label: 'conmon: what it does', url: 'https://github.com/containers/conmon' }],
  },
  'conmon-without-container': {
    title: 'A monitor runs without a container',
    meaning:
      'conmon has no living child, so there is nothing left to monitor. It may hang in its exit command, such as a cleanup that waits for a lock.',
    whatToDo: [
      'See whether a podman or crio process of the same id hangs: ps -ww -ef, and look for the id.',
      'Once the engine lists the container as exited, conmon is needed by nobody.',
    ],
    references: [{ label: 'conmon: what it does', url: 'https://github.com/containers/conmon' }],
  },
  'pod-shim': {
    title: 'One shim for a whole pod',
    meaning:
      'All containers of a pod share the shim of its sandbox: the annotation io.kubernetes.cri.sandbox-id groups them. So the shim names the sandbox’s id, and the other containers have no shim of their own. This is how it should be.',
    whatToDo: ['Nothing has to be done.'],
    references: [
      {
        label: 'containerd: runtime v2, grouping of containers in a shim',
        url: 'https://github.com/containerd/containerd/blob/main/core/runtime/v2/README.md',
      },
    ],
  },
};

/** What a kind of finding means and what people do about it. */
export function findingWords(kind: FindingKind): FindingWords {
  return WORDS[kind];
}

/** A severity in words: colour alone says nothing to many. */
export function severityWord(severity: Severity): string {
  switch (severity) {
    case 'attention':
      return 'Needs attention';
    case 'leftover':
      return 'Left over';
    case 'normal':
      return 'Normal';
  }
}
