import { shellQuote } from '../../util/text';
import type { DockershimVerdict } from './dockershim';

export interface MigrationStep {
  readonly text: string;
  /** For people to run: the explorer never does. */
  readonly command?: string;
}

/** What to do about a verdict, with the pages of the Kubernetes documentation that say how. */
export interface Migration {
  readonly steps: readonly MigrationStep[];
  readonly links: readonly { readonly label: string; readonly url: string }[];
}

const DOCS = 'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim';
const AFFECTED = {
  label: 'Check whether the removal affects you',
  url: `${DOCS}/check-if-dockershim-removal-affects-you/`,
};
const WHICH = { label: 'Find out which runtime a node uses', url: `${DOCS}/find-out-runtime-you-use/` };
const TO_CONTAINERD = { label: 'From Docker Engine to containerd', url: `${DOCS}/change-runtime-containerd/` };
const TO_CRI_DOCKERD = { label: 'From dockershim to cri-dockerd', url: `${DOCS}/migrate-dockershim-dockerd/` };
const RUNTIMES = {
  label: 'Container runtimes for Kubernetes',
  url: 'https://kubernetes.io/docs/setup/production-environment/container-runtimes/',
};
const FAQ = {
  label: 'Dockershim removal: questions and answers',
  url: 'https://kubernetes.io/blog/2022/02/17/dockershim-faq/',
};

/** The way from here, by verdict. */
export function migrationOf(verdict: DockershimVerdict, nodeName: string): Migration {
  switch (verdict) {
    case 'works':
      return {
        steps: [
          {
            text: 'Before the kubelet becomes 1.24, move the node to containerd or CRI-O, or keep Docker Engine with cri-dockerd.',
          },
          {
            text: 'Look first for what depends on Docker itself: pods that mount /var/run/docker.sock, agents that read Docker’s logs, builds on the node.',
          },
          {
            text: 'Take one node at a time, and empty it.',
            command: `kubectl drain ${shellQuote(nodeName)} --ignore-daemonsets`,
          },
          ...switchSteps(nodeName),
        ],
        links: [AFFECTED, TO_CONTAINERD, TO_CRI_DOCKERD, FAQ],
      };
    case 'removed':
      return {
        steps: [
          { text: 'The node cannot run pods until its kubelet has a runtime that speaks CRI.' },
          ...switchSteps(nodeName),
        ],
        links: [TO_CONTAINERD, TO_CRI_DOCKERD, RUNTIMES, FAQ],
      };
    case 'cri-dockerd':
      return {
        steps: [
          {
            text: 'Nothing has to be done. cri-dockerd is maintained outside Kubernetes: keep it in step with the kubelet’s version yourself.',
          },
        ],
        links: [TO_CONTAINERD, { label: 'cri-dockerd', url: 'https://github.com/Mirantis/cri-dockerd' }, RUNTIMES],
      };
    case 'migrated':
      return { steps: [{ text: 'Nothing has to be done.' }], links: [RUNTIMES] };
    case 'unknown':
      return {
        steps: [
          {
            text: 'Ask the kubelet on the node itself: --container-runtime-endpoint on its command line, or containerRuntimeEndpoint in its configuration. With neither, a kubelet up to 1.23 uses dockershim.',
            command: "tr '\\0' ' ' < /proc/$(pgrep -o kubelet)/cmdline",
          },
        ],
        links: [WHICH, AFFECTED],
      };
  }
}

function switchSteps(nodeName: string): MigrationStep[] {
  const node = shellQuote(nodeName);
  return [
    {
      text: 'On the node, stop the kubelet and Docker, and set up containerd (or CRI-O) with the kubelet’s cgroup driver.',
      command: 'systemctl stop kubelet && systemctl disable --now docker.service',
    },
    {
      text: 'Point the kubelet at its socket with --container-runtime-endpoint=unix:///run/containerd/containerd.sock, and before 1.27 also with --container-runtime=remote.',
    },
    {
      text: 'On a kubeadm node, correct its annotation: kubeadm believes it at the next upgrade.',
      command: `kubectl annotate node ${node} --overwrite kubeadm.alpha.kubernetes.io/cri-socket=unix:///run/containerd/containerd.sock`,
    },
    { text: 'Start the kubelet, look at the node, and let pods in again.', command: `kubectl uncordon ${node}` },
  ];
}
