import { join } from 'node:path';
import { load } from 'js-yaml';
import { kubeletFlags, type KubeletConfig } from '../../model/kubernetes/kubelet';
import type { MachineIds } from '../../model/kubernetes/thisMachine';
import { errnoOf } from '../../model/problem';
import type { ProcessRecord, ProcessTable } from '../../model/process';
import { asRecord, asString } from '../../util/records';
import { readSmallFile } from '../smallFile';

/** Reads the identifiers of the machine whose files are below `root`. What cannot be read is left out. */
export async function readMachineIds(root = '/'): Promise<MachineIds> {
  const read = async (path: string): Promise<string | undefined> =>
    (await readSmallFile(join(root, path)).catch(() => '')).trim() || undefined;
  const [machineId, bootId, systemUuid] = await Promise.all([
    read('etc/machine-id'),
    read('proc/sys/kernel/random/boot_id'),
    read('sys/class/dmi/id/product_uuid'),
  ]);
  return {
    ...(machineId ? { machineId } : {}),
    ...(bootId ? { bootId } : {}),
    ...(systemUuid ? { systemUuid } : {}),
  };
}

/** A kubelet that runs here, with the machine id of the file system that it sees. */
export interface LocalKubelet extends KubeletConfig {
  /** /etc/machine-id as this kubelet reads it: a node in a container, such as kind's, has its own. */
  readonly machineId?: string;
}

/** The kubelets among the processes, with what their command lines and configuration files say. */
export async function findLocalKubelets(processes: ProcessTable, procRoot = '/proc'): Promise<LocalKubelet[]> {
  const kubelets = [...processes.byPid.values()].filter(isKubelet).slice(0, 32);
  return Promise.all(kubelets.map((record) => describe(record, procRoot)));
}

/** The kubelet of a node on this machine: the only one, or the one whose machine id is the node's. Never by host name. */
export function kubeletOf(node: MachineIds, kubelets: readonly LocalKubelet[]): KubeletConfig | undefined {
  const same = kubelets.filter(({ machineId }) => machineId !== undefined && machineId === node.machineId);
  if (same.length === 1) return same[0];
  const [only] = kubelets;
  const contradicts =
    only?.machineId !== undefined && node.machineId !== undefined && only.machineId !== node.machineId;
  return kubelets.length === 1 && !contradicts ? only : undefined;
}

function isKubelet({ argv }: ProcessRecord): boolean {
  return /(^|\/)kubelet$/.test(argv[0] ?? '');
}

async function describe({ pid, argv }: ProcessRecord, procRoot: string): Promise<LocalKubelet> {
  // A kubelet in a container means its own files: /proc/PID/root leads there, for root alone.
  const root = join(procRoot, String(pid), 'root');
  const flags = kubeletFlags(argv);
  const unread: string[] = [];
  const files = [
    // kubeadm puts what belongs to one machine there, over the configuration that all share.
    { path: '/var/lib/kubelet/instance-config.yaml', must: false },
    ...(flags.configFile?.startsWith('/') ? [{ path: flags.configFile, must: true }] : []),
  ];
  let endpoint: KubeletConfig['endpoint'] = flags.endpoint
    ? { address: flags.endpoint, source: '--container-runtime-endpoint' }
    : undefined;
  for (const { path, must } of endpoint ? [] : files) {
    try {
      const address = asString(asRecord(load(await readSmallFile(join(root, path))))?.containerRuntimeEndpoint);
      if (address) {
        endpoint = { address, source: `containerRuntimeEndpoint in ${path}` };
        break;
      }
    } catch (error) {
      if (must || errnoOf(error) !== 'ENOENT') unread.push(path);
    }
  }
  const { machineId } = await readMachineIds(root);
  return {
    pid,
    unread: endpoint ? [] : unread,
    ...(flags.containerRuntime ? { containerRuntime: flags.containerRuntime } : {}),
    ...(endpoint ? { endpoint } : {}),
    ...(machineId ? { machineId } : {}),
  };
}
