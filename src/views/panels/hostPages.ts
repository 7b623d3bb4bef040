import type { HostPageKind, HostPageModel } from '../../protocol/hostPages';
import type { Inventory } from '../../model/inventory';
import type { CopyTable } from './models/copyTable';
import { historyPage } from './models/historyPage';

/** Makes the model of a page of the machine from the newest inventory. May ask outside; stops at the signal. */
export type HostPageBuilder = (
  inventory: Inventory,
  copies: CopyTable,
  signal: AbortSignal,
) => HostPageModel | Promise<HostPageModel>;

/** How each page of the machine is made. */
export const HOST_PAGES: Readonly<Record<HostPageKind, HostPageBuilder>> = {
  history: historyPage,
};
