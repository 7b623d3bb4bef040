import type { ApiCall } from '../../../model/apiCall';
import type { CgroupReading } from '../../../model/cgroup';
import type { Container } from '../../../model/container';
import type { FactName, Inspection } from '../../../model/inspection';
import type { Inventory } from '../../../model/inventory';
import type { Explanation } from '../../../explain/explanation';
import type { ExplanationView } from '../../../protocol/pages';
import type { FarAbout } from '../../../store/farHost';
import type { SnapshotAbout } from '../../../store/snapshotStore';
import type { CopyTable } from './copyTable';

/** Where explanations come from. Each is undefined where there is nothing to say. */
export interface Explainers {
  specPath(path: readonly string[], value: unknown): Explanation | undefined;
  cgroupFile(file: string, value?: CgroupReading['value']): Explanation | undefined;
  apiCall(call: ApiCall): Explanation | undefined;
  fact(name: FactName): Explanation | undefined;
}

/** All that a page is made from. */
export interface PageInput {
  readonly inspection: Inspection;
  /** The container in the current inventory; absent once no layer knows it. */
  readonly container: Container | undefined;
  readonly inventory: Inventory | undefined;
  readonly copies: CopyTable;
  /** True once the user has asked to see secrets on this page. */
  readonly reveal: boolean;
  readonly explain: Explainers;
  /** The snapshot that the container is in; absent for one of this machine. */
  readonly snapshot?: SnapshotAbout;
  /** The live host beside this machine that the container is on; absent for one of this machine. */
  readonly far?: FarAbout;
}

/** An explanation for a page: its check command becomes copyable, and links other than https are left out. */
export function explanationView(explanation: Explanation, copies: CopyTable): ExplanationView {
  const { title, meaning, valueInWords, consequence, check, references } = explanation;
  return {
    title,
    meaning,
    ...(valueInWords === undefined ? {} : { valueInWords }),
    ...(consequence === undefined ? {} : { consequence }),
    ...(check === undefined ? {} : { check: copies.add(check) }),
    references: references.filter(({ url }) => url.startsWith('https://')),
  };
}
