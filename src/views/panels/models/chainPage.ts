import type { Container } from '../../../model/container';
import { hasInit } from '../../../model/container';
import { isKnown, known, unknown, valueOf, type Fact } from '../../../model/fact';
import type { Inventory } from '../../../model/inventory';
import type { Layer, LayerKind } from '../../../model/layer';
import { maskText } from '../../../model/secrets';
import type { ChainBox, ChainPage, FactView } from '../../../protocol/pages';
import type { StoredContainer } from '../../../model/stored';
import { asString, memberAt } from '../../../util/records';
import { shellLine } from '../../../util/text';
import { factView } from './factViews';
import { said } from '../../l10n';
import { pageHeader } from './header';
import type { PageInput } from './input';
import { storedViews } from './storedViews';

/** The page "Runtime Chain": the links from whoever asked to the container's first process. */
export function chainPage(input: PageInput, stored?: StoredContainer): ChainPage {
  const engine = layerOf(input, 'engine');
  const containerd = layerOf(input, 'containerd');
  const boxes = [
    clientBox(input, engine),
    ...(engine ? [engineBox(input, engine)] : []),
    ...(containerd ? [containerdBox(input, containerd, stored)] : []),
    shimBox(input),
    runtimeBox(input),
    initBox(input),
  ];
  return { kind: 'chain', header: pageHeader(input), boxes };
}

function clientBox({ inspection, copies, container }: PageInput, engine: Layer | undefined): ChainBox {
  const { engine: engineFact, engineRecord } = inspection.facts;
  const gone = unknown(
    'A client ends once its request is answered, and no layer keeps its PID.',
    'Watch a client while it runs: docker events shows what it asks for.',
  );
  const created = isKnown(engineRecord) ? asString(memberAt(engineRecord.value, 'Created')) : undefined;
  return {
    id: 'client',
    title: container?.sandbox ? 'kubelet or crictl' : engine ? 'Client' : 'Client of containerd',
    role: container?.sandbox
      ? 'asks the CRI for a pod and its containers'
      : 'asks for a container: the docker CLI, Compose, an SDK',
    icon: 'account',
    status: 'exited',
    statusText: 'its request is answered',
    page: 'calls',
    speaks: engine ? 'HTTP' : 'gRPC',
    facts: [
      factView('PID', gone, copies, String),
      factView('Speaks to', engineFact, copies, ({ endpoint, apiVersion }) => `${endpoint}, API ${apiVersion}`, {
        style: 'mono',
      }),
      ...(created === undefined ? [] : [factView('Asked at', engineRecord, copies, () => created, { style: 'time' })]),
    ],
  };
}

function engineBox({ inspection, copies, inventory }: PageInput, layer: Layer): ChainBox {
  const { engineRecord } = inspection.facts;
  const podman = /podman|libpod/i.test(layer.name);
  return {
    id: 'engine',
    title: podman ? 'Podman' : 'dockerd',
    role: podman ? 'keeps names and images, starts conmon' : 'keeps names, networks and volumes; writes the OCI spec',
    icon: 'server-process',
    ...layerStatus(layer),
    page: 'calls',
    speaks: podman ? 'exec' : 'gRPC',
    facts: [
      factView('Version', layerFact(inventory, layer, layer.version, 'version', 'docker version'), copies, String, {
        style: 'mono',
      }),
      factView('Socket', layerFact(inventory, layer, layer.endpoint, 'endpoint', 'docker context ls'), copies, String, {
        style: 'mono',
      }),
      daemonPid(inventory, podman ? 'podman' : 'dockerd', copies),
      factView('Holds', engineRecord, copies, () => said('the container record (docker inspect)')),
    ],
  };
}

function containerdBox(
  { inspection, copies, inventory }: PageInput,
  layer: Layer,
  stored: StoredContainer | undefined,
): ChainBox {
  return {
    id: 'containerd',
    title: 'containerd',
    role: 'keeps the container record and the snapshots, starts the shim',
    icon: 'package',
    ...layerStatus(layer),
    page: 'calls',
    speaks: 'ttRPC',
    facts: [
      factView('Version', layerFact(inventory, layer, layer.version, 'version', 'ctr version'), copies, String, {
        style: 'mono',
      }),
      factView(
        'Socket',
        layerFact(inventory, layer, layer.endpoint, 'endpoint', 'ctr --address SOCKET version'),
        copies,
        String,
        {
          style: 'mono',
        },
      ),
      ...(layer.containerdNamespace === undefined
        ? []
        : [
            factView(
              'Namespace',
              layerFact(inventory, layer, layer.containerdNamespace, 'namespace', 'ctr namespaces ls'),
              copies,
              String,
              { style: 'mono' },
            ),
          ]),
      daemonPid(inventory, 'containerd', copies),
      factView('Holds', inspection.facts.containerdRecord, copies, () =>
        said('the container and its task (ctr containers info)'),
      ),
      ...(stored ? storedViews(stored, copies) : []),
    ],
  };
}

function shimBox({ inspection, copies }: PageInput): ChainBox {
  const { shim, shimPid, bundlePath } = inspection.facts;
  const conmon = valueOf(shim)?.kind === 'conmon';
  const alive = isKnown(shim) || isKnown(shimPid);
  return {
    id: 'shim',
    title: conmon ? 'conmon' : 'containerd-shim-runc-v2',
    role: conmon
      ? 'holds the terminal and the log, waits for the end'
      : 'is the parent of the container, keeps its pipes and exit code',
    icon: 'layers',
    status: alive ? 'running' : 'unknown',
    statusText: alive ? 'running' : 'not found',
    page: 'shim',
    speaks: 'exec',
    facts: [
      factView('PID', shimPid, copies, String, { style: 'mono' }),
      factView('Socket', shim, copies, ({ socket }) => socket, {
        style: 'mono',
        without: { why: 'The bundle names no socket, or may not be read.', remedy: 'Run as root to read the bundle.' },
      }),
      factView('Holds', bundlePath, copies, (path) => path, {
        style: 'mono',
        help: 'The bundle: config.json and the files with which the container was made.',
      }),
    ],
  };
}

function runtimeBox({ inspection, copies }: PageInput): ChainBox {
  const { runtime, runtimeState, ociConfig } = inspection.facts;
  const binary = valueOf(runtime)?.binary ?? 'runc';
  return {
    id: 'runtime',
    title: binary.slice(binary.lastIndexOf('/') + 1) || 'runc',
    role: 'makes namespaces, cgroups and mounts from config.json, then starts init',
    icon: 'zap',
    status: 'exited',
    statusText: 'exits once init runs',
    page: 'config',
    speaks: 'clone, exec',
    facts: [
      factView('Version', runtime, copies, ({ version }) => version, {
        style: 'mono',
        without: { why: 'No layer says its version.', remedy: `Ask the binary: ${binary} --version` },
      }),
      factView('State folder', runtime, copies, ({ root }) => root, {
        style: 'mono',
        without: { why: 'No layer says which --root it was given.', remedy: 'Without --root runc uses /run/runc.' },
      }),
      factView(
        'PID',
        unknown('It has exited: an OCI runtime lives for milliseconds.', 'Trace it: strace -f -e execve -p SHIM_PID'),
        copies,
        String,
      ),
      factView('Read', ociConfig, copies, () => 'config.json'),
      factView('Left', runtimeState, copies, () => said('its state of the container')),
    ],
  };
}

function initBox({ inspection, copies, container }: PageInput): ChainBox {
  const { initPid, processes, cgroupPaths, namespaces } = inspection.facts;
  const running = container ? hasInit(container.state) : false;
  const init = valueOf(processes)?.find(({ role }) => role === 'init');
  return {
    id: 'init',
    title: init?.command.split(' ')[0] || 'init',
    role: 'is the first process of the container: PID 1 in its own PID namespace',
    icon: 'vm-running',
    status: container === undefined ? 'unknown' : running ? 'running' : 'stopped',
    statusText: container?.state ?? 'gone',
    page: 'cgroups',
    facts: [
      factView('PID', initPid, copies, String, { style: 'mono' }),
      factView('Command', processes, copies, () => (init ? maskText(init.command) : undefined), {
        style: 'mono',
        without: {
          why: 'Its init is not among the processes that could be read.',
          remedy: 'Refresh: it may just have ended.',
        },
      }),
      factView('Cgroup', cgroupPaths, copies, mainCgroup, { style: 'mono' }),
      factView('Namespaces', namespaces, copies, (value) => Object.keys(value).sort().join(', ')),
    ],
  };
}

/** The path that most controllers share: v2's own, or that of the memory controller. */
function mainCgroup(paths: Readonly<Record<string, string>>): string | undefined {
  return paths['memory'] ?? paths[''] ?? Object.values(paths)[0];
}

function layerOf({ container, inventory }: PageInput, kind: LayerKind): Layer | undefined {
  return inventory?.layers.find((layer) => layer.kind === kind && knows(container, layer));
}

function knows(container: Container | undefined, layer: Layer): boolean {
  return container?.layers.includes(layer.id) ?? false;
}

function layerStatus(layer: Layer): Pick<ChainBox, 'status' | 'statusText'> {
  switch (layer.status) {
    case 'ok':
      return { status: 'running', statusText: 'answers' };
    case 'partly':
      return { status: 'running', statusText: layer.problem?.reason ?? 'answers with gaps' };
    case 'failed':
      return { status: 'failed', statusText: layer.problem?.reason ?? 'does not answer' };
    case 'absent':
      return { status: 'unknown', statusText: 'not on this machine' };
  }
}

/** What a layer says of itself, as a fact; its own detail of that name says best where it came from. */
function layerFact(
  inventory: Inventory | undefined,
  layer: Layer,
  value: string | undefined,
  label: string,
  how: string,
): Fact<string> {
  const detail = layer.details.find((candidate) => candidate.label.toLowerCase() === label);
  if (detail) return detail.fact;
  if (value === undefined)
    return unknown(
      layer.problem?.reason ?? `${layer.name} does not say its ${label}.`,
      layer.problem?.remedy ?? 'Refresh to ask again.',
    );
  return known('derived', value, `What ${layer.name} says of itself`, how, at(inventory));
}

/** When the layers were looked at, which is when this was read: a page may be drawn long after. */
function at(inventory: Inventory | undefined): { observedAt?: string } {
  return inventory ? { observedAt: inventory.observedAt } : {};
}

/** The PID of a daemon, where only one process on this machine has its name: with several, which one is not to be guessed. */
function daemonPid(inventory: Inventory | undefined, comm: string, copies: PageInput['copies']): FactView {
  const named = [...(inventory?.processes.byPid.values() ?? [])].filter((process) => process.comm === comm);
  const [only] = named;
  const how = shellLine(['pgrep', '-ax', comm]);
  const fact: Fact<number> =
    named.length === 1 && only
      ? known('procfs', only.pid, `/proc/${only.pid}/stat`, how, {
          note: `The only process named ${comm} on this machine.`,
          ...at(inventory),
        })
      : named.length === 0
        ? unknown(
            `No process named ${comm} can be seen on this machine.`,
            'It may run on another machine, or inside a virtual machine.',
          )
        : unknown(
            `${named.length} processes are named ${comm}, and which one this is cannot be told.`,
            `Compare their command lines: ${how}`,
          );
  return factView('PID', fact, copies, String, { style: 'mono' });
}
