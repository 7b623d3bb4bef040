import * as vscode from 'vscode';
import { Recording } from './commands/recording';
import { COMMANDS } from './contributions';
import { exportBirth } from './commands/exportBirth';
import { registerCommands } from './commands/register';
import { CredentialPrograms } from './host/credentialPrograms';
import { createLog } from './host/log';
import { ReaderMemory, ReaderPermissions } from './host/readerMemory';
import { onDidChangeSettings, readSettings } from './host/settings';
import { createHost, type Host } from './hostAdapters';
import { concerns } from './model/apiCalls/recorded';
import { buildApiCalls } from './model/apiCalls/chain';
import type { CgroupReport } from './model/cgroup';
import { isKnown } from './model/fact';
import { findContainer } from './model/inventory';
import type { Inspection } from './model/inspection';
import type { ApiCall } from './model/apiCall';
import { buildLineage } from './model/lineage/buildLineage';
import { unreadReadings, type KernelReadings } from './model/lineage/readings';
import type { LineageRow } from './model/lineage/row';
import type { Problem } from './model/problem';
import type { RecordedCall } from './model/recording/recordedCall';
import { Births, type KnownBirth } from './store/births';
import { Comparisons } from './store/comparisons';
import { Lineages } from './store/lineages';
import type { RuntimeStore } from './store/store';
import { costs } from './util/costs';
import { PanelManager } from './views/panels/panelManager';
import { registerViews } from './views/register';

/** The parts of the extension, connected; whoever activates it disposes them. */
export interface Composition {
  readonly store: RuntimeStore;
  readonly disposables: readonly vscode.Disposable[];
}

/** Builds all parts. Nothing is read or dialled here. */
export function compose(context: vscode.ExtensionContext): Composition {
  const log = createLog();
  const recording = new Recording(context, log);
  const programs = new CredentialPrograms(context.globalState);
  const host = createHost({
    settings: readSettings,
    env: process.env,
    workerFolder: vscode.Uri.joinPath(context.extensionUri, 'dist').fsPath,
    recorded: () => recording.calls,
    readerJournal: new ReaderMemory(context.globalState),
    isProgramAllowed: (fingerprint) => programs.isAllowed(fingerprint),
    onLook: (reason, milliseconds) => {
      costs.noteLook(reason, milliseconds);
      log.info(`Looked at this host (${reason}) in ${milliseconds} ms`);
    },
  });
  const { store, clusters, examinations } = host;
  const buildCalls = (inspection: Inspection, reveal: boolean): readonly ApiCall[] =>
    callsOf(store, inspection, reveal, recording.calls);
  const births = new Births();
  host.tracer.onDidChange((trace) => births.keep(trace));
  const lineages = new Lineages(
    store,
    (inspection, reveal) => lineageOf(store, host.readKernel, inspection, reveal),
    (inspection) => lineageSketch(store, inspection, false),
  );
  const comparisons = new Comparisons(
    store,
    (inspection, reveal) => lineageOf(store, host.readKernel, inspection, reveal),
    (inspection, reveal) => lineageSketch(store, inspection, reveal),
  );
  const views = registerViews(store, { log, buildCalls, clusters, examinations, lineages, comparisons });
  const panels = new PanelManager(context, store, {
    openDocument: (containerId, kind) => views.documents.open(containerId, kind),
    readUsage: (containerId, signal) => readUsage(store, host.rereadUsage, containerId, signal),
    buildCalls,
    clusters,
    buildLineage: (inspection, reveal) => lineageOf(store, host.readKernel, inspection, reveal),
    comparisons,
    openDiff: (comparison, aspect) => views.documents.openDiff(comparison, aspect),
    lineageOf: (containerId) => lineages.of(containerId),
    knownLineage: (containerId) => lineages.peek(containerId),
    examineShims: (asked, signal) => (asked ? examinations.examine(signal) : examinations.follow(signal)),
    buildBirth: (containerId, inspection, reveal) => birthOf(host, births, recording, containerId, inspection, reveal),
    seenCalls: async (inspection) => {
      const container = store.current && findContainer(store.current, inspection.id);
      const seen = births.withTrace(inspection.id, await host.observe(inspection));
      return { ...seen, recorded: container ? recording.calls.filter((call) => concerns(call, container)) : [] };
    },
    traceState: (containerId) => {
      const trace = births.traceOf(containerId);
      return trace === undefined ? 'none' : trace.live ? 'live' : 'over';
    },
    onDidTrace: births.onDidChange,
    readThroughContainer: async (containerId) => {
      await vscode.commands.executeCommand(COMMANDS.readThroughContainer, containerId);
    },
    exportBirth: (known, format, to, reveal) => exportBirth(context, known.birth, format, to, reveal),
  });
  const commands = registerCommands(context, {
    store,
    clusters,
    programs,
    readers: new ReaderPermissions(context.globalState),
    readThroughContainer: host.readThroughContainer,
    machineId: host.machineId,
    log,
    layers: views.layers,
    documents: views.documents,
    recording,
    panels,
    comparisons,
    tracer: host.tracer,
    births,
  });
  let kubeconfigs = readSettings().kubeconfigs.join('\n');
  const settings = onDidChangeSettings((changed) => {
    if (kubeconfigs !== changed.kubeconfigs.join('\n')) clusters.forget();
    kubeconfigs = changed.kubeconfigs.join('\n');
    // Before the first look there is nothing that the settings could have changed.
    if (store.current)
      void store.refresh('setting changed').catch((error: unknown) => log.failure(error, 'Looking again'));
  });
  const { tracer } = host;
  const parts = [tracer, births, store, examinations, recording, log];
  return { store, disposables: [settings, commands, panels, views, clusters, ...parts] };
}

async function birthOf(
  host: Host,
  births: Births,
  recording: Recording,
  containerId: string,
  inspection: Inspection | undefined,
  reveal: boolean,
): Promise<KnownBirth> {
  const { store } = host;
  const container = store.current && findContainer(store.current, inspection?.id ?? containerId);
  const nothing = { observations: [], missing: [] };
  const seen = inspection ? await host.observe(inspection) : nothing;
  return births.build(containerId, { ...(inspection ? { inspection } : {}), container }, recording.calls, seen, reveal);
}

function callsOf(
  store: RuntimeStore,
  inspection: Inspection,
  reveal: boolean,
  recorded: readonly RecordedCall[],
): readonly ApiCall[] {
  const container = store.current && findContainer(store.current, inspection.id);
  return container ? buildApiCalls({ container, facts: inspection.facts, reveal, recorded }) : inspection.apiCalls;
}

/** What the kernel said at each inspection: of an earlier state it cannot be asked any more. */
const READ = new WeakMap<Inspection, KernelReadings>();

async function lineageOf(
  store: RuntimeStore,
  readKernel: (inspection: Inspection) => Promise<KernelReadings | undefined>,
  inspection: Inspection,
  reveal: boolean,
): Promise<readonly LineageRow[]> {
  const readings = await readKernel(inspection);
  if (readings) READ.set(inspection, readings);
  return buildLineage(inspection.facts, {
    reveal,
    neighbours: neighboursOf(store, inspection.id),
    ...(readings ? { readings } : {}),
  });
}

/** A lineage of what is known of an inspection, for whoever cannot wait for the kernel's side, or comes too late for it. */
function lineageSketch(store: RuntimeStore, inspection: Inspection, reveal: boolean): readonly LineageRow[] {
  const { id, facts } = inspection;
  const pid = isKnown(facts.initPid) ? facts.initPid.value : undefined;
  const readings = READ.get(inspection) ?? (pid === undefined ? undefined : unreadReadings({ pid, startTicks: 0 }));
  return buildLineage(facts, { reveal, neighbours: neighboursOf(store, id), ...(readings ? { readings } : {}) });
}

/** The namespaces of the other containers that have been inspected: who shares one is said by name. */
function neighboursOf(store: RuntimeStore, id: string): ReadonlyMap<string, Readonly<Record<string, number>>> {
  const others = (store.current?.containers ?? []).filter((container) => container.id !== id);
  return new Map(
    others.flatMap((container) => {
      const namespaces = store.peek(container.id)?.facts.namespaces;
      return isKnown(namespaces) ? [[container.name ?? container.id, namespaces.value] as const] : [];
    }),
  );
}

/** The files of the last report again: a chart asks every other second, and paths change only with the container. */
async function readUsage(
  store: RuntimeStore,
  reread: (report: CgroupReport) => Promise<CgroupReport>,
  containerId: string,
  signal: AbortSignal,
): Promise<CgroupReport | Problem> {
  const { facts } = store.peek(containerId) ?? (await store.inspect(containerId, signal));
  if (isKnown(facts.cgroups)) return reread(facts.cgroups.value);
  return {
    code: 'absent',
    what: 'Reading its cgroups',
    reason: facts.cgroups.unavailable,
    remedy: facts.cgroups.remedy,
  };
}
