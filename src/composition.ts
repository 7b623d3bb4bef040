import * as vscode from 'vscode';
import { Recording } from './commands/recording';
import { COMMANDS } from './contributions';
import { exportBirth } from './commands/exportBirth';
import { registerCommands } from './commands/register';
import { CredentialPrograms } from './host/credentialPrograms';
import { createLog } from './host/log';
import { ReaderMemory, ReaderPermissions } from './host/readerMemory';
import { onDidChangeSettings, readSettings } from './host/settings';
import { createFarHosts } from './farHostAdapters';
import { createHost } from './hostAdapters';
import { SnapshotFiles } from './host/snapshotFiles';
import { Births } from './store/births';
import { readComposeFiles } from './adapters/compose/files';
import { findContainer } from './model/inventory';
import { Comparisons } from './store/comparisons';
import { ContainerSources } from './store/containerSources';
import { Hosts } from './store/hosts';
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
  const workerFolder = vscode.Uri.joinPath(context.extensionUri, 'dist').fsPath;
  const isProgramAllowed = (fingerprint: string): boolean => programs.isAllowed(fingerprint);
  const host = createHost({
    settings: readSettings,
    env: process.env,
    workerFolder,
    recorded: () => recording.calls,
    readerJournal: new ReaderMemory(context.globalState),
    isProgramAllowed,
    onLook: (reason, milliseconds) => {
      costs.noteLook(reason, milliseconds);
      log.info(`Looked at this host (${reason}) in ${milliseconds} ms`);
    },
  });
  const { clusters, examinations, storage } = host;
  const files = new SnapshotFiles(context, log);
  const far = createFarHosts({
    settings: readSettings,
    env: process.env,
    workerFolder,
    machineId: host.machineId,
    elsewhere: host.elsewhere,
    isProgramAllowed,
  });
  const moved = host.onDidChangeElsewhere(() => void far.update());
  const store = new Hosts(host.store, (hosts) => files.restore(hosts), far);
  const births = new Births();
  host.tracer.onDidChange((trace) => births.keep(trace));
  const { readKernel, observe, rereadUsage, readStored } = host;
  const sources = new ContainerSources(
    store,
    { readKernel, observe, rereadUsage, readStored, recorded: () => recording.calls },
    births,
  );
  const buildCalls = sources.calls.bind(sources);
  const lineages = new Lineages(
    store,
    (inspection, reveal) => sources.lineage(inspection, reveal),
    (inspection) => sources.lineageSketch(inspection, false),
  );
  const comparisons = new Comparisons(
    store,
    (inspection, reveal) => sources.lineage(inspection, reveal),
    (inspection, reveal) => sources.lineageSketch(inspection, reveal),
    (containerId) =>
      store.snapshotOf(containerId) ? undefined : store.current && findContainer(store.current, containerId),
    readComposeFiles,
  );
  const views = registerViews(store, { log, buildCalls, clusters, storage, examinations, lineages, comparisons });
  const panels = new PanelManager(context, store, {
    openDocument: (containerId, kind) => views.documents.open(containerId, kind),
    readUsage: (containerId, signal) => sources.usage(containerId, signal),
    buildCalls,
    clusters,
    buildLineage: (inspection, reveal) => sources.lineage(inspection, reveal),
    comparisons,
    openDiff: (comparison, aspect) => views.documents.openDiff(comparison, aspect),
    lineageOf: (containerId) => lineages.of(containerId),
    knownLineage: (containerId) => lineages.peek(containerId),
    examineShims: (asked, signal) => (asked ? examinations.examine(signal) : examinations.follow(signal)),
    buildBirth: (containerId, inspection, reveal) => sources.birth(containerId, inspection, reveal),
    seenCalls: (inspection) => sources.seen(inspection),
    storedOf: (inspection, signal) => sources.stored(inspection, signal),
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
    hosts: store,
    files,
    sources,
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
  const parts = [tracer, births, store, host.store, examinations, recording, log];
  return { store, disposables: [moved, settings, commands, panels, views, clusters, storage, ...parts] };
}
