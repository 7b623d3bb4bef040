import { maskEnvEntry } from '../../model/secrets';
import { asArray, asRecord, asString, asStrings } from '../../util/records';
import { formatDuration } from '../../util/units';
import { annotationInWords } from '../annotations';
import type { Explanation } from '../explanation';
import { explainMountOption } from '../mountOptions';
import { destinationInWords, mountTypeInWords, sourceRisk } from '../mounts';
import { man, spec } from '../references';
import type { FieldTable, FieldText } from './field';
import { countOf, either } from './words';

const mounts = [spec('mounts'), man('mount', 2)];
const hooks = [spec('posix-platform-hooks')];

/** When each list of hooks runs, and where. Source: the table at the end of the spec's section. */
const HOOKS: Readonly<Record<string, string>> = {
  prestart:
    'after the namespaces were made and before the user’s program starts, in the runtime’s namespace. Deprecated in favour of the next three',
  createRuntime:
    'during create, after the namespaces were made and before the root file system is changed to, in the runtime’s namespace',
  createContainer: 'during create, before the root file system is changed to, in the container’s namespaces',
  startContainer: 'during start, right before the user’s program, in the container',
  poststart: 'after the user’s program was started, in the runtime’s namespace',
  poststop: 'after the container was deleted, in the runtime’s namespace',
};

function hookFields(): FieldTable {
  return Object.fromEntries(
    Object.entries(HOOKS).flatMap(([name, when]): [string, FieldText][] => {
      const at = `hooks.${name}`;
      return [
        [at, { meaning: `Programs of the host that run ${when}.`, references: [...hooks], words: countOf('program') }],
        [`${at}.*`, { meaning: `A program that runs ${when}.`, references: [...hooks], detail: hookDetail }],
        [
          `${at}.*.path`,
          { meaning: 'The program: an absolute path, as seen where the hook runs.', references: [...hooks] },
        ],
        [`${at}.*.args`, { meaning: 'Its arguments; the first is the name it is given.', references: [...hooks] }],
        [`${at}.*.args.*`, { meaning: 'An argument of the hook.', references: [...hooks] }],
        [`${at}.*.env`, { meaning: 'Its environment variables.', references: [...hooks], words: countOf('variable') }],
        [`${at}.*.env.*`, { meaning: 'An environment variable of the hook.', references: [...hooks] }],
        [
          `${at}.*.timeout`,
          {
            meaning: 'Seconds after which the hook is ended and the operation fails.',
            references: [...hooks],
            words: (value) => (typeof value === 'number' ? `${formatDuration(value * 1e6)}.` : undefined),
          },
        ],
      ];
    }),
  );
}

function hookDetail(value: unknown): Partial<Explanation> | undefined {
  const args = asStrings(asRecord(value)?.args);
  return args[0] === 'libnetwork-setkey'
    ? {
        valueInWords:
          'dockerd calls itself to hand the new network namespace to its network part. Docker up to 27 does it so.',
      }
    : undefined;
}

function mountDetail(value: unknown): Partial<Explanation> | undefined {
  const mount = asRecord(value);
  if (!mount) return undefined;
  const options = asStrings(mount.options);
  const bind = options.includes('bind') || options.includes('rbind') || mount.type === 'bind';
  const place = destinationInWords(mount.destination);
  const kind = bind ? mountTypeInWords('bind') : mountTypeInWords(mount.type);
  const access =
    options.includes('ro') || options.includes('rro') ? 'Read-only.' : 'Writable, as far as its file system is.';
  const risk = bind ? sourceRisk(mount.source) : undefined;
  return {
    valueInWords: [kind, place, access].filter(Boolean).join(' '),
    ...(risk === undefined ? {} : { consequence: risk }),
  };
}

const MAPPING: Readonly<Record<string, string>> = {
  containerID: 'The first ID inside.',
  hostID: 'The first ID outside that it stands for.',
  size: 'How many IDs in a row are mapped.',
};

/** The fields of a list of ID mappings, `uidMappings` or `gidMappings`, at a path. */
export function mappingFields(at: string, meaning: string, references: FieldText['references']): FieldTable {
  return {
    [at]: { meaning, references, words: countOf('range') },
    [`${at}.*`]: {
      meaning: 'One range of IDs.',
      references,
      words: (value) => {
        const { containerID, hostID, size } = asRecord(value) ?? {};
        return [containerID, hostID, size].every((part) => typeof part === 'number')
          ? `${String(containerID)} to ${Number(containerID) + Number(size) - 1} inside are ${String(hostID)} to ${Number(hostID) + Number(size) - 1} outside.`
          : undefined;
      },
    },
    ...Object.fromEntries(
      Object.entries(MAPPING).map(([name, text]) => [`${at}.*.${name}`, { meaning: text, references }]),
    ),
  };
}

/** The fields of the file tree, of names, hooks and annotations. */
export const FILE_FIELDS: FieldTable = {
  root: { meaning: 'The container’s root file system.', references: [spec('root')] },
  'root.path': {
    meaning: 'Where the root file system is on the host: absolute, or relative to the bundle.',
    consequence: 'With Docker’s overlay2 it is the folder “merged”; containerd mounts it at “rootfs” in the bundle.',
    check: 'findmnt --task PID /',
    references: [spec('root')],
    words: (value) =>
      asString(value)?.includes('/overlay2/')
        ? 'The merged view of an overlay: the image’s layers below, the container’s own changes on top.'
        : value === 'rootfs'
          ? 'The folder rootfs in the bundle.'
          : undefined,
  },
  'root.readonly': {
    meaning:
      'Whether the root file system is read-only (docker run --read-only). Mounts below may be writable all the same.',
    check: 'grep " / / " /proc/PID/mountinfo',
    references: [spec('root')],
    words: either('Nothing can be written to it.', 'The container may write to it.'),
  },
  hostname: {
    meaning: 'The host name in the container’s UTS namespace.',
    check: 'nsenter -t PID -u hostname',
    references: [spec('hostname')],
  },
  domainname: {
    meaning: 'The NIS domain name in the container’s UTS namespace. It has nothing to do with DNS.',
    check: 'nsenter -t PID -u domainname',
    references: [spec('domainname')],
  },
  mounts: {
    meaning: 'What is mounted into the container’s file tree beside the root, in this order.',
    consequence: 'A later one may cover an earlier one.',
    check: 'cat /proc/PID/mountinfo',
    references: mounts,
    words: countOf('mount'),
  },
  'mounts.*': { meaning: 'One mount.', check: 'cat /proc/PID/mountinfo', references: mounts, detail: mountDetail },
  'mounts.*.destination': {
    meaning: 'Where it appears in the container.',
    references: mounts,
    words: destinationInWords,
  },
  'mounts.*.type': {
    meaning: 'The file system’s type. For bind mounts it does not matter: the options say bind or rbind.',
    references: mounts,
    words: mountTypeInWords,
  },
  'mounts.*.source': {
    meaning:
      'For bind mounts the file or folder of the host, absolute or relative to the bundle; for others a device or just a name.',
    references: mounts,
    detail: (value) => {
      const risk = sourceRisk(value);
      return risk === undefined ? undefined : { consequence: risk };
    },
  },
  'mounts.*.options': {
    meaning: 'How it is mounted: switches of mount(8), the kind of propagation, and what its file system takes.',
    references: [spec('linux-mount-options'), man('mount', 8)],
    words: (value) => (asArray(value).length === 0 ? undefined : `${asStrings(value).map(maskEnvEntry).join(', ')}.`),
  },
  'mounts.*.options.*': {
    meaning: 'An option for the file system itself: the runtime passes it on as it is.',
    references: [spec('linux-mount-options'), man('mount', 8)],
    detail: (value) => {
      const explanation = explainMountOption(asString(value) ?? '');
      if (!explanation) return undefined;
      const { title: _, ...rest } = explanation;
      return rest;
    },
  },
  ...mappingFields(
    'mounts.*.uidMappings',
    'How owners of files are translated on this mount (an ID-mapped mount, Linux 5.12).',
    mounts,
  ),
  ...mappingFields(
    'mounts.*.gidMappings',
    'How groups of files are translated on this mount (an ID-mapped mount, Linux 5.12).',
    mounts,
  ),
  hooks: {
    meaning:
      'Programs that the runtime calls at certain moments of the container’s life. Each gets the container’s state as JSON.',
    consequence: 'They run with the runtime’s rights. GPU tools and networks are often brought in this way.',
    references: hooks,
  },
  ...hookFields(),
  annotations: {
    meaning: 'Free notes, key and value. Some steer the runtime or the shim; most only inform.',
    references: [spec('annotations')],
    words: countOf('annotation'),
  },
  'annotations.*': {
    meaning: 'A free note. What it means is up to whoever set it.',
    references: [spec('annotations')],
    detail: (_, path) => {
      const words = annotationInWords(path.at(-1) ?? '');
      return words === undefined ? undefined : { meaning: words };
    },
  },
};
