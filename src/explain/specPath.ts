import type { Explanation } from './explanation';
import { spec } from './references';
import type { FieldTable, FieldText } from './spec/field';
import { FILE_FIELDS } from './spec/files';
import { LINUX_FIELDS } from './spec/linux';
import { PROCESS_FIELDS } from './spec/process';
import { RESOURCE_FIELDS } from './spec/resources';
import { SECCOMP_FIELDS } from './spec/seccomp';

/** Sections of other platforms, which a Linux runtime passes over. */
const PLATFORMS: Readonly<Record<string, string>> = {
  windows: 'Windows',
  solaris: 'Solaris',
  vm: 'virtual machine',
  zos: 'z/OS',
  freebsd: 'FreeBSD',
};

const TOP_FIELDS: FieldTable = {
  '': {
    meaning:
      'The container’s configuration: all that the runtime needs to make it. It lies in the bundle, beside the root file system.',
    references: [spec('configuration')],
  },
  ociVersion: {
    meaning: 'The version of the OCI runtime specification to which this file keeps.',
    references: [spec('specification-version')],
  },
};

const TABLE: FieldTable = {
  ...TOP_FIELDS,
  ...PROCESS_FIELDS,
  ...FILE_FIELDS,
  ...LINUX_FIELDS,
  ...RESOURCE_FIELDS,
  ...SECCOMP_FIELDS,
};

interface Node {
  readonly children: Map<string, Node>;
  field?: FieldText;
}

/** A tree of the table: a literal part goes before `*`, which takes any index or key, dots included. */
const ROOT = treeOf(TABLE);

function treeOf(table: FieldTable): Node {
  const root: Node = { children: new Map() };
  for (const [path, field] of Object.entries(table)) {
    let node = root;
    for (const part of path === '' ? [] : path.split('.')) {
      const next = node.children.get(part) ?? { children: new Map<string, Node>() };
      node.children.set(part, next);
      node = next;
    }
    node.field = field;
  }
  return root;
}

function find(node: Node, path: readonly string[]): FieldText | undefined {
  const [first, ...rest] = path;
  if (first === undefined) return node.field;
  for (const child of [first === '*' ? undefined : node.children.get(first), node.children.get('*')]) {
    const field = child && find(child, rest);
    if (field) return field;
  }
  return undefined;
}

/**
 * What a field of an OCI config.json means, and this value of it.
 *
 * @param path keys and indices from the root; an index may be given as a number or as its digits
 * @param value the value that stands there, as parsed: it may be anything
 * @returns undefined for a field that the specification does not define
 */
export function explainSpecPath(path: readonly (string | number)[], value: unknown): Explanation | undefined {
  const parts = path.map(String);
  const field = find(ROOT, parts);
  if (!field) return foreign(parts);
  const words = field.words?.(value);
  const { meaning, consequence, check, references } = field;
  return {
    title: titleOf(parts),
    meaning,
    references,
    ...(words === undefined ? {} : { valueInWords: words }),
    ...(consequence === undefined ? {} : { consequence }),
    ...(check === undefined ? {} : { check }),
    ...field.detail?.(value, parts),
  };
}

function foreign(parts: readonly string[]): Explanation | undefined {
  const [first = ''] = parts;
  const platform = Object.hasOwn(PLATFORMS, first) ? PLATFORMS[first] : undefined;
  if (platform === undefined) return undefined;
  return {
    title: titleOf(parts),
    meaning: `A setting for ${platform} containers. A Linux runtime passes over it.`,
    references: [spec('platform-specific-configuration')],
  };
}

/** "mounts[0].options[2]"; "config.json" for the root. */
function titleOf(parts: readonly string[]): string {
  if (parts.length === 0) return 'config.json';
  return parts
    .map((part, index) =>
      /^\d+$/.test(part)
        ? `[${part}]`
        : `${index === 0 ? '' : '.'}${part.length > 200 ? `${part.slice(0, 200)}…` : part}`,
    )
    .join('');
}
