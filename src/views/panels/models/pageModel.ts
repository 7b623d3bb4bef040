import type { ApiCall } from '../../../model/apiCall';
import type { LineageRow } from '../../../model/lineage/row';
import type { PageKind, PageModel } from '../../../protocol/pages';
import type { StoredContainer } from '../../../model/stored';
import type { KnownBirth } from '../../../store/births';
import { birthPage } from './birthPage';
import { callsPage } from './callsPage';
import { cgroupsPage } from './cgroupsPage';
import { chainPage } from './chainPage';
import { configPage } from './configPage';
import type { PageInput } from './input';
import type { SeenCalls } from './observedCalls';
import { lineagePage } from './lineagePage';
import { shimPage } from './shimPage';

/** The model of a page; `calls`, `lineage` and `birth` are asked, and the rest given, only for the page that shows them. */
export function pageModel(
  page: PageKind,
  input: PageInput,
  calls: () => readonly ApiCall[],
  lineage: () => readonly LineageRow[] = () => [],
  birth: () => KnownBirth = () => unknownBirth(input),
  seen?: SeenCalls,
  stored?: StoredContainer,
): PageModel {
  switch (page) {
    case 'config':
      return configPage(input);
    case 'shim':
      return shimPage(input);
    case 'cgroups':
      return cgroupsPage(input, lineage());
    case 'calls':
      return callsPage(input, calls(), seen);
    case 'chain':
      return chainPage(input, stored);
    case 'lineage':
      return lineagePage(input, lineage());
    case 'birth':
      return birthPage(input, birth());
  }
}

function unknownBirth({ inspection }: PageInput): KnownBirth {
  const birth = {
    containerId: inspection.id,
    status: 'unknown',
    lanes: [],
    steps: [],
    times: [],
    recorded: [],
  } as const;
  return { birth, live: false, traced: false, streams: [] };
}
