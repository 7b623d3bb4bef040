import type { HostPageKind, HostPageModel } from '../../protocol/hostPages';
import type { Inventory } from '../../model/inventory';
import type { DoctorReport } from '../../model/doctor/finding';
import { costs } from '../../util/costs';
import type { CopyTable } from './models/copyTable';
import type { ClusterStore } from '../../store/clusterStore';
import type { Aspect } from '../../model/compare/aspects';
import type { Comparison, Comparisons } from '../../store/comparisons';
import type { SnapshotAbout } from '../../store/snapshotStore';
import { comparePage } from './models/comparePage';
import { costsPage } from './models/costsPage';
import { dockershimPage } from './models/dockershimPage';
import { doctorPage } from './models/doctorPage';
import { historyPage } from './models/historyPage';

/** What pages of the machine are made from besides the inventory. */
export interface HostPageSources {
  readonly clusters: ClusterStore;
  /** Examines shims: at once when `asked`, else not more often than every some seconds. */
  readonly examineShims: (asked: boolean, signal: AbortSignal) => Promise<DoctorReport>;
  readonly comparisons: Comparisons;
  /** Opens one aspect of two containers in the editor's own view of differences. */
  readonly openDiff: (comparison: Comparison, aspect: Aspect) => Promise<void>;
}

export interface HowToBuild {
  /** True when the user waits for it; else it is followed because the machine changed. */
  readonly asked: boolean;
  /** True once the user has asked to see secrets on this page. */
  readonly reveal: boolean;
  readonly signal: AbortSignal;
  /** The snapshot that the inventory is of; absent: this machine's. */
  readonly snapshot?: SnapshotAbout;
}

/** Makes the model of a page of the machine from the newest inventory. May ask outside; stops at the signal. */
export type HostPageBuilder = (
  inventory: Inventory,
  copies: CopyTable,
  how: HowToBuild,
  sources: HostPageSources,
) => HostPageModel | Promise<HostPageModel>;

/** How each page of the machine is made. */
export const HOST_PAGES: Readonly<Record<HostPageKind, HostPageBuilder>> = {
  history: historyPage,
  dockershim: (inventory, copies, _, { clusters }) => dockershimPage(inventory, copies, clusters),
  doctor: async (_inventory, copies, { asked, signal }, { examineShims }) =>
    doctorPage(await examineShims(asked, signal), copies),
  compare: (_inventory, _copies, { reveal, signal }, { comparisons }) => comparePage(comparisons, reveal, signal),
  costs: (inventory) => costsPage(costs, inventory),
};
