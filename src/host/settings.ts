import * as vscode from 'vscode';
import { SETTINGS } from '../contributions';
import type { Grouping } from '../views/tree/grouping';

/** The settings, checked. Where an outside file holds nonsense, the default stands. */
export interface Settings {
  /** Endpoints of Docker-compatible engines; empty: found by the rules of the docker command line. */
  readonly dockerEndpoints: readonly string[];
  /** Paths or unix:// addresses of containerd sockets; empty: found. */
  readonly containerdAddresses: readonly string[];
  /** Endpoints of Podman's own API; empty: found. */
  readonly podmanEndpoints: readonly string[];
  /** Paths or unix:// addresses of CRI sockets; empty: found. */
  readonly criEndpoints: readonly string[];
  /** Paths of kubeconfig files; empty: found by the rules of kubectl. */
  readonly kubeconfigs: readonly string[];
  /** Endpoints of engines that are shown as hosts of their own. */
  readonly addedHosts: readonly string[];
  /** Names of hosts that are not shown. */
  readonly hiddenHosts: readonly string[];
  readonly groupBy: Grouping;
  /** How many entries of a long list are shown at once. */
  readonly pageSize: number;
}

/**
 * Reads the settings now. Where to connect is never taken from a workspace: its scope is `machine`, and what a workspace
 * says of it all the same is left out here once more.
 */
export function readSettings(): Settings {
  const configuration = vscode.workspace.getConfiguration();
  const pageSize = configuration.get<unknown>(SETTINGS.pageSize);
  return {
    dockerEndpoints: machineStrings(configuration, SETTINGS.dockerEndpoints),
    containerdAddresses: machineStrings(configuration, SETTINGS.containerdAddresses),
    podmanEndpoints: machineStrings(configuration, SETTINGS.podmanEndpoints),
    criEndpoints: machineStrings(configuration, SETTINGS.criEndpoints),
    kubeconfigs: machineStrings(configuration, SETTINGS.kubeconfigs),
    addedHosts: machineStrings(configuration, SETTINGS.addedHosts),
    hiddenHosts: machineStrings(configuration, SETTINGS.hiddenHosts),
    groupBy: configuration.get<unknown>(SETTINGS.groupBy) === 'container' ? 'container' : 'layer',
    pageSize: typeof pageSize === 'number' && pageSize >= 10 && pageSize <= 5000 ? Math.floor(pageSize) : 200,
  };
}

/** Fires when a setting of ours changed, with the settings as they are now. */
export const onDidChangeSettings: vscode.Event<Settings> = (listener, thisArgs?: unknown, disposables?) =>
  vscode.workspace.onDidChangeConfiguration(
    (event) => {
      if (event.affectsConfiguration('containerRuntime')) listener.call(thisArgs, readSettings());
    },
    undefined,
    disposables,
  );

function machineStrings(configuration: vscode.WorkspaceConfiguration, name: string): string[] {
  const value: unknown = configuration.inspect<unknown>(name)?.globalValue;
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string' && item !== '') : [];
}
