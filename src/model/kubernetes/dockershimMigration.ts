import { shellQuote } from '../../util/text';
import type { DockershimVerdict } from './dockershim';

/** What to do about a verdict, with the pages of the Kubernetes documentation that say how. */
export interface Migration {
  readonly steps: readonly string[];
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

/** The way from here, by verdict. Steps are for people: nothing of this is ever run by the explorer. */
export function migrationOf(verdict: DockershimVerdict, nodeName: string): Migration {
  const node = shellQuote(nodeName);
  const move = [
    'Look first for what depends on Docker itself: pods that mount /var/run/docker.sock, agents that read Docker’s logs, builds on the node.',
    `Move one node at a time. Empty it: kubectl drain ${node} --ignore-daemonsets`,
    'Stop the kubelet and Docker, then set up containerd (or CRI-O), with the same cgroup driver as the kubelet.',
    'Point the kubelet at its socket: --container-runtime-endpoint=unix:///run/containerd/containerd.sock, and before 1.27 also --container-runtime=remote.',
    `On a kubeadm node, correct its annotation: kubectl annotate node ${node} --overwrite kubeadm.alpha.kubernetes.io/cri-socket=unix:///run/containerd/containerd.sock`,
    `Start the kubelet, look at the node, and let pods in again: kubectl uncordon ${node}`,
  ];
  switch (verdict) {
    case 'works':
      return {
        steps: [
          'Before the kubelet becomes 1.24, move the node to containerd or CRI-O, or keep Docker Engine with cri-dockerd.',
          ...move,
        ],
        links: [AFFECTED, TO_CONTAINERD, TO_CRI_DOCKERD, FAQ],
      };
    case 'removed':
      return {
        steps: ['The node cannot run pods until its kubelet has a runtime that speaks CRI.', ...move.slice(2)],
        links: [TO_CONTAINERD, TO_CRI_DOCKERD, RUNTIMES, FAQ],
      };
    case 'cri-dockerd':
      return {
        steps: [
          'Nothing has to be done: cri-dockerd is maintained outside Kubernetes, so keep it in step with the kubelet’s version yourself.',
          'To leave Docker Engine altogether, move the node to containerd as in the page below.',
        ],
        links: [TO_CONTAINERD, { label: 'cri-dockerd', url: 'https://github.com/Mirantis/cri-dockerd' }, RUNTIMES],
      };
    case 'migrated':
      return { steps: ['Nothing has to be done.'], links: [RUNTIMES] };
    case 'unknown':
      return {
        steps: [
          'Ask the kubelet on the node itself: its command line names --container-runtime-endpoint, or its configuration containerRuntimeEndpoint; with neither, a kubelet up to 1.23 uses dockershim.',
          "On the node: tr '\\0' ' ' < /proc/$(pgrep -o kubelet)/cmdline",
        ],
        links: [WHICH, AFFECTED],
      };
  }
}
