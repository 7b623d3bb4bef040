/*
 * The names under which package.json declares what the extension contributes. A test compares both: a command that is
 * declared and not registered, or the other way round, cannot happen unnoticed.
 */

/** Commands, as people find them in the palette and menus. */
export const COMMANDS = {
  showConfig: 'containerRuntime.showConfig',
  showShim: 'containerRuntime.showShim',
  showCgroups: 'containerRuntime.showCgroups',
  showCalls: 'containerRuntime.showCalls',
  showChain: 'containerRuntime.showChain',
  showLineage: 'containerRuntime.showLineage',
  showBirth: 'containerRuntime.showBirth',
  traceNextContainer: 'containerRuntime.traceNextContainer',
  openConfig: 'containerRuntime.openConfig',
  openEngineRecord: 'containerRuntime.openEngineRecord',
  openContainerdRecord: 'containerRuntime.openContainerdRecord',
  openCriRecord: 'containerRuntime.openCriRecord',
  openRuntimeState: 'containerRuntime.openRuntimeState',
  compareWith: 'containerRuntime.compareWith',
  compareEarlier: 'containerRuntime.compareEarlier',
  compareCompose: 'containerRuntime.compareCompose',
  revealSecrets: 'containerRuntime.revealSecrets',
  hideSecrets: 'containerRuntime.hideSecrets',
  copyContainerId: 'containerRuntime.copyContainerId',
  copyFactCommand: 'containerRuntime.copyFactCommand',
  revealAbove: 'containerRuntime.revealAbove',
  revealBelow: 'containerRuntime.revealBelow',
  groupByLayer: 'containerRuntime.groupByLayer',
  groupByContainer: 'containerRuntime.groupByContainer',
  filter: 'containerRuntime.filter',
  clearFilter: 'containerRuntime.clearFilter',
  refresh: 'containerRuntime.refresh',
  showMore: 'containerRuntime.showMore',
  showLog: 'containerRuntime.showLog',
  openWalkthrough: 'containerRuntime.openWalkthrough',
  shimDoctor: 'containerRuntime.shimDoctor',
  showHistory: 'containerRuntime.showHistory',
  showCosts: 'containerRuntime.showCosts',
  recordCalls: 'containerRuntime.recordCalls',
  stopRecording: 'containerRuntime.stopRecording',
  clearRecordedCalls: 'containerRuntime.clearRecordedCalls',
  showRecordedCalls: 'containerRuntime.showRecordedCalls',
  dockershimCheck: 'containerRuntime.dockershimCheck',
  readThroughContainer: 'containerRuntime.readThroughContainer',
  forgetReaderPermissions: 'containerRuntime.forgetReaderPermissions',
  connectOverSsh: 'containerRuntime.connectOverSsh',
  allowCredentialProgram: 'containerRuntime.allowCredentialProgram',
  forgetCredentialPrograms: 'containerRuntime.forgetCredentialPrograms',
  exportSnapshot: 'containerRuntime.exportSnapshot',
  openSnapshot: 'containerRuntime.openSnapshot',
  openSampleHost: 'containerRuntime.openSampleHost',
  closeSnapshot: 'containerRuntime.closeSnapshot',
  compareHosts: 'containerRuntime.compareHosts',
  addEndpoint: 'containerRuntime.addEndpoint',
  removeEndpoint: 'containerRuntime.removeEndpoint',
  hideHost: 'containerRuntime.hideHost',
  showHiddenHosts: 'containerRuntime.showHiddenHosts',
  disconnectHost: 'containerRuntime.disconnectHost',
} as const;
export type CommandId = (typeof COMMANDS)[keyof typeof COMMANDS];

/** The activity bar's container and the view in it. */
export const VIEW_CONTAINER = 'containerRuntimes';
export const LAYERS_VIEW = 'containerRuntime.layers';

/** Settings by their full names. */
export const SETTINGS = {
  dockerEndpoints: 'containerRuntime.docker.endpoints',
  containerdAddresses: 'containerRuntime.containerd.addresses',
  podmanEndpoints: 'containerRuntime.podman.endpoints',
  criEndpoints: 'containerRuntime.cri.endpoints',
  kubeconfigs: 'containerRuntime.kubernetes.kubeconfigs',
  addedHosts: 'containerRuntime.hosts.endpoints',
  hiddenHosts: 'containerRuntime.hosts.hidden',
  groupBy: 'containerRuntime.groupBy',
  pageSize: 'containerRuntime.pageSize',
} as const;

/** Context keys that `when` clauses ask for. */
export const CONTEXT_KEYS = {
  /** What keeps the tree empty; see `WELCOMES`. Empty while there is something to show, or nothing is known yet. */
  welcome: 'containerRuntime.welcome',
  /** `layer` or `container`. */
  grouping: 'containerRuntime.grouping',
  /** True while a filter hides containers. */
  filtered: 'containerRuntime.filtered',
  /** True while API calls are recorded. */
  recording: 'containerRuntime.recording',
} as const;

/** What can keep the tree empty; each has a welcome view with its remedy. */
export const WELCOMES = ['absent', 'denied', 'refused'] as const;
export type Welcome = (typeof WELCOMES)[number];

/** The scheme of our read-only documents. */
export const DOCUMENT_SCHEME = 'container-runtime';

/** The scheme of the document of recorded API calls. */
export const RECORDING_SCHEME = 'container-runtime-recording';

/** The scheme of the documents that two hosts are compared by. */
export const HOSTS_SCHEME = 'container-runtime-hosts';

export const WALKTHROUGH = 'readTheRuntimeStack';
