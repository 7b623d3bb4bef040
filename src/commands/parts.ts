import type { Log } from '../host/log';
import type { Recording } from './recording';
import type { HostPageKind } from '../protocol/hostPages';
import type { StreamState, Trace } from '../model/trace/trace';
import type { PageKind } from '../protocol/pages';
import type { CredentialPrograms } from '../host/credentialPrograms';
import type { ReaderPermissions } from '../host/readerMemory';
import type { ClusterStore } from '../store/clusterStore';
import type { Comparisons } from '../store/comparisons';
import type { Births } from '../store/births';
import type { SnapshotFiles } from '../host/snapshotFiles';
import type { ContainerSources } from '../store/containerSources';
import type { Hosts, HostsStore } from '../store/hosts';
import type { Documents } from '../views/documents/documents';
import type { LayersView } from '../views/tree/layersView';
import type { CommandId } from '../contributions';

/** Follows containers while they start. */
export interface ContainerTracer {
  /** @throws RuntimeError `cancelled`; `absent` when there is nothing to listen to */
  next(onWaiting: (streams: readonly StreamState[]) => void, signal: AbortSignal): Promise<Trace>;
}

/** What commands work with. */
export interface CommandParts {
  readonly store: HostsStore;
  readonly clusters: ClusterStore;
  readonly programs: CredentialPrograms;
  readonly readers: ReaderPermissions;
  /** Reads config.json through a reader container, and tells whoever shows it. @throws RuntimeError */
  readonly readThroughContainer: (containerId: string, signal: AbortSignal) => Promise<void>;
  /** Something that other machines do not have. */
  readonly machineId: () => Promise<string>;
  readonly log: Log;
  readonly layers: LayersView;
  readonly documents: Documents;
  readonly recording: Recording;
  readonly tracer: ContainerTracer;
  readonly births: Births;
  readonly comparisons: Comparisons;
  /** All hosts; `store` is this machine's part of them, with ids of other hosts understood. */
  readonly hosts: Hosts;
  readonly files: SnapshotFiles;
  readonly sources: ContainerSources;
  readonly panels: {
    show(page: PageKind, containerId: string): Promise<void>;
    showHost(page: HostPageKind, hostKey?: string): Promise<void>;
    /** Closes the pages of a host and of its containers. */
    closeOf(hostKey: string): void;
  };
}

/** A command's work. The argument is whatever VS Code or a link passes: a row, an id, a document, or nothing. */
export type CommandWork = (argument: unknown) => Promise<void> | void;

/** Commands by id, as each file of this folder gives them. */
export type CommandTable = { readonly [K in CommandId]?: CommandWork };
