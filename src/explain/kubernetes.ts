import type { Explanation } from './explanation';

/** What of Kubernetes can be explained. */
export type KubernetesTopic = 'context' | 'node' | 'pod' | 'container' | 'check';

const KUBECONFIG = {
  label: 'Kubernetes: kubeconfig files',
  url: 'https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/',
};
const NODES = { label: 'Kubernetes: nodes', url: 'https://kubernetes.io/docs/concepts/architecture/nodes/' };
const CRI = { label: 'Kubernetes: CRI', url: 'https://kubernetes.io/docs/concepts/containers/cri/' };

/** The layer of kubectl and everything like it. */
export const KUBERNETES_CLIENT: Omit<Explanation, 'title'> = {
  meaning:
    'kubectl and its like ask an API server, never a runtime. The kubeconfig tells which servers there are, and as whom to ask; a context is one such pair. What is asked for becomes containers only when a kubelet on some node reads it.',
  consequence:
    'No cluster is asked before you expand its context, on this machine or any other, and no program that a kubeconfig names is run before you allow it. Everything is read with GET.',
  check: 'kubectl config get-contexts',
  references: [KUBECONFIG],
};

const TOPICS: Readonly<Record<KubernetesTopic, Explanation>> = {
  context: {
    title: 'Context',
    meaning: 'A cluster, a user and a namespace under one name, from a kubeconfig file.',
    consequence: 'Expanding it asks the API server for its nodes, with the credentials of this user.',
    check: 'kubectl config get-contexts',
    references: [KUBECONFIG],
  },
  node: {
    title: 'Node',
    meaning:
      'A machine with a kubelet: it takes its pods from the API server and has a container runtime make them, over CRI. What stands here is what the kubelet last reported.',
    consequence:
      'A node counts as this machine only when its boot id is this kernel’s own, never by its name. Its containers are then the same as in the layers below.',
    check: 'kubectl get nodes -o wide',
    references: [NODES, CRI],
  },
  pod: {
    title: 'Pod',
    meaning:
      'Containers that share a sandbox: its network, and its life. On its node the sandbox is one more container, called pause.',
    check: 'kubectl get pods --all-namespaces -o wide',
    references: [{ label: 'Kubernetes: pods', url: 'https://kubernetes.io/docs/concepts/workloads/pods/' }],
  },
  container: {
    title: 'Container of a pod',
    meaning:
      'As the API server knows it. The part after :// is the id that the runtime of its node drew at random; by it, and never by a name, it is found again on this machine.',
    consequence:
      'On another machine its cgroup path comes from the metrics of that node’s kubelet, which needs the right get on nodes/proxy.',
    references: [CRI],
  },
  check: {
    title: 'Dockershim check',
    meaning:
      'Whether the kubelet reaches Docker Engine through dockershim, which was part of the kubelet until Kubernetes 1.24 took it out. docker:// alone does not tell: cri-dockerd, its successor, reports the same.',
    consequence:
      'Running containers do not care; a kubelet that becomes 1.24 without another runtime starts none any more.',
    check: 'kubectl get nodes -o wide',
    references: [
      {
        label: 'Kubernetes: migrating from dockershim',
        url: 'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/',
      },
    ],
  },
};

/** What a row of a cluster is about. */
export function explainKubernetes(topic: KubernetesTopic): Explanation {
  return TOPICS[topic];
}
