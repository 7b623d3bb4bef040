import type { ApiCall } from '../../../model/apiCall';
import type { LineageRow } from '../../../model/lineage/row';
import type { PageKind, PageModel } from '../../../protocol/pages';
import { callsPage } from './callsPage';
import { cgroupsPage } from './cgroupsPage';
import { chainPage } from './chainPage';
import { configPage } from './configPage';
import type { PageInput } from './input';
import { lineagePage } from './lineagePage';
import { shimPage } from './shimPage';

/** The model of a page; `calls` and `lineage` are asked only by the page that shows them. */
export function pageModel(
  page: PageKind,
  input: PageInput,
  calls: () => readonly ApiCall[],
  lineage: () => readonly LineageRow[] = () => [],
): PageModel {
  switch (page) {
    case 'config':
      return configPage(input);
    case 'shim':
      return shimPage(input);
    case 'cgroups':
      return cgroupsPage(input);
    case 'calls':
      return callsPage(input, calls());
    case 'chain':
      return chainPage(input);
    case 'lineage':
      return lineagePage(input, lineage());
  }
}
