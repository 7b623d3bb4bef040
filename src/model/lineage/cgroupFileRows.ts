import { asArray, asString, asStringMap, memberAt } from '../../util/records';
import { shellQuote } from '../../util/text';
import { isKnown, unknown, valueOf } from '../fact';
import { amount, amountIn, showBytes } from './canonical';
import {
  enforcedFile,
  placeInList,
  requestedValue,
  requestOf,
  specifiedValue,
  type Column,
  type EnforcedColumn,
  type KnownRequest,
  type Sources,
} from './columns';
import type { Setting } from './judge';
import type { LineageGroup, RequestedValue } from './row';

const HUGE_PAGES = 'linux.resources.hugepageLimits';

/** Settings of which a request or config.json names the very cgroup file: huge pages by their size, files of cgroup v2. */
export function cgroupFileSettings(sources: Sources): readonly Setting[] {
  return [...hugePages(sources), ...unifiedFiles(sources)];
}

/** A row for each size that a kubelet asks for or config.json has: runtimes leave out what the kernel cannot do. */
function hugePages(sources: Sources): readonly Setting[] {
  const record = requestOf(sources);
  const config = sources.facts.ociConfig;
  const asked = limitsOf(
    isKnown(record) && record.cri ? memberAt(record.value, 'linux', 'resources', 'hugepage_limits') : undefined,
    'page_size',
  );
  const list = memberAt(valueOf(config), 'linux', 'resources', 'hugepageLimits');
  const written = limitsOf(list, 'pageSize');
  return [...new Set([...asked.keys(), ...written.keys()])].map((size): Setting => ({
    setting: `Huge pages of ${size}`,
    group: 'Memory',
    requested: isKnown(record)
      ? requestedValue(record, 'linux.resources.hugepage_limits', asked.get(size), { show: showBytes })
      : { fact: record },
    specified: isKnown(config)
      ? specifiedValue(
          config,
          HUGE_PAGES,
          written.get(size),
          showBytes,
          placeInList(list, HUGE_PAGES, (one) => memberAt(one, 'pageSize') === size),
        )
      : { fact: config },
    enforced: enforcedFile(sources, [
      { file: `hugetlb.${size}.max`, canonical: amountIn, show: showBytes },
      { file: `hugetlb.${size}.limit_in_bytes`, canonical: amountIn, show: showBytes },
    ]),
  }));
}

/** Limits in bytes by page size. */
function limitsOf(list: unknown, sizeKey: string): ReadonlyMap<string, string> {
  return new Map(
    asArray(list).flatMap((one): [string, string][] => {
      const size = asString(memberAt(one, sizeKey));
      // A limit of 0 forbids them; in Go's JSON a zero is left out.
      const limit = memberAt(one, 'limit') ?? 0;
      const bytes = limit === 0 ? '0' : amount(limit);
      return size === undefined || bytes === undefined ? [] : [[size, bytes]];
    }),
  );
}

/** A row for each file of cgroup v2 that was asked for by its name: by the CRI, or by podman run --cgroup-conf. */
function unifiedFiles(sources: Sources): readonly Setting[] {
  const record = requestOf(sources);
  const config = sources.facts.ociConfig;
  const asked = asStringMap(isKnown(record) ? memberAt(record.value, ...requestPlace(record)) : undefined);
  const written = asStringMap(memberAt(valueOf(config), 'linux', 'resources', 'unified'));
  return [...new Set([...asked.keys(), ...written.keys()])].map((file): Setting => ({
    setting: file,
    group: groupOf(file),
    requested: isKnown(record) ? requestedFile(record, file) : { fact: record },
    specified: isKnown(config)
      ? specifiedValue(config, `linux.resources.unified["${file}"]`, written.get(file)?.trim(), undefined, [
          ['linux', 'resources', 'unified', file],
        ])
      : { fact: config },
    enforced: fileInForce(sources, file),
  }));
}

/** A file that may be there although it is none of those that are read. */
function fileInForce(sources: Sources, file: string): EnforcedColumn {
  const enforced = enforcedFile(sources, [{ file, canonical: (raw) => raw.trim() }]);
  const prefix = file.split('.', 1)[0] ?? '';
  const controller = prefix === 'cgroup' ? '' : prefix;
  const folder = valueOf(sources.facts.cgroups)?.controllers.find(
    ({ version, name }) => version === 2 && name === controller,
  )?.directory;
  if (!enforced.lacking || folder === undefined) return enforced;
  return {
    fact: unknown(
      `${file} is none of the cgroup files that the explorer reads.`,
      `Read it yourself: cat ${shellQuote(`${folder}/${file}`)}`,
      'cgroupfs',
    ),
  };
}

function groupOf(file: string): LineageGroup {
  if (file.startsWith('memory.') || file.startsWith('hugetlb.')) return 'Memory';
  if (file.startsWith('cpu')) return 'CPU';
  return file.startsWith('io.') ? 'Disk' : 'Processes';
}

function requestPlace(record: KnownRequest): readonly string[] {
  return record.cri ? ['linux', 'resources', 'unified'] : ['HostConfig', 'CgroupConf'];
}

function requestedFile(record: KnownRequest, file: string): Column<RequestedValue> {
  const place = requestPlace(record);
  return requestedValue(record, place.join('.'), asString(memberAt(record.value, ...place, file))?.trim());
}
