import type { CgroupNumber } from '../model/cgroup';
import type { Explanation, Reference } from './explanation';
import { CGROUP_V1_FILES } from './cgroupFilesV1';
import { CGROUP_V2_FILES } from './cgroupFilesV2';
import { bytes, count } from './cgroupWords';
import { cgroupV1, cgroupV2 } from './references';

/** What is said of one file of a cgroup. */
export interface CgroupFileText {
  readonly meaning: string;
  readonly consequence?: string;
  readonly words?: (value: CgroupNumber) => string | undefined;
  readonly references: readonly Reference[];
}

/**
 * What a file of a cgroup means, of version 1 and 2, and its value in words where it is one number.
 *
 * @param file the kernel's file name: `memory.max`
 */
export function explainCgroupFile(file: string, value?: CgroupNumber): Explanation | undefined {
  const text = textOf(file);
  if (!text) return undefined;
  const words = value === undefined ? undefined : text.words?.(value);
  return {
    title: file,
    meaning: text.meaning,
    ...(words === undefined ? {} : { valueInWords: words }),
    ...(text.consequence === undefined ? {} : { consequence: text.consequence }),
    references: text.references,
  };
}

function textOf(file: string): CgroupFileText | undefined {
  if (Object.hasOwn(CGROUP_V2_FILES, file)) return CGROUP_V2_FILES[file];
  if (Object.hasOwn(CGROUP_V1_FILES, file)) return CGROUP_V1_FILES[file];
  return hugePages(file);
}

/** Files of the hugetlb controller carry the page size in their names. */
function hugePages(file: string): CgroupFileText | undefined {
  const match = /^hugetlb\.(\d+[KMG]B)\.(?:rsvd\.)?([\w.]+)$/.exec(file);
  if (!match) return undefined;
  const [, size = '', kind = ''] = match;
  const isLimit = kind === 'max' || kind === 'limit_in_bytes';
  const isUse = kind === 'current' || kind === 'usage_in_bytes';
  const reserved = file.includes('.rsvd.') ? ' reserved' : '';
  const references = [cgroupV2('hugetlb', 'huge pages'), cgroupV1('hugetlb')];
  if (isLimit)
    return {
      meaning: `The most memory in huge pages of ${size} that may be${reserved || ' used'}.`,
      words: bytes,
      references,
    };
  if (isUse)
    return { meaning: `Memory in huge pages of ${size} that is${reserved || ' in use'}.`, words: bytes, references };
  if (kind === 'max_usage_in_bytes')
    return { meaning: `The most memory in huge pages of ${size} so far.`, words: bytes, references };
  return { meaning: `How often the limit of huge pages of ${size} was hit.`, words: count, references };
}
