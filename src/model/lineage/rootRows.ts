import { asArray, asString, asStrings, memberAt } from '../../util/records';
import { counted } from '../../util/text';
import { isKnown, valueOf } from '../fact';
import { amount, showBytes } from './canonical';
import {
  enforcedReading,
  hostOrigin,
  requestedValue,
  requestOf,
  specified,
  specifiedValue,
  type KnownRequest,
  type Sources,
} from './columns';
import { mountAt } from './fileRows';
import type { Setting } from './judge';
import { valueInCommand } from './podmanCommand';
import type { MountReading } from './readings';

const OVERLAY = 'overlay';
const SHM = '/dev/shm';

/** Where the root file system comes from, and how large shared memory may become. */
export function rootSettings(sources: Sources): readonly Setting[] {
  return [rootFolder(sources), ...sharedMemory(sources)];
}

/** From the image's name to the layers that are mounted over one another. */
function rootFolder(sources: Sources): Setting {
  const record = requestOf(sources);
  return {
    setting: 'Root folder',
    group: 'Files',
    requested: isKnown(record) ? imageOf(record) : { fact: record },
    specified: specified(sources, 'root.path', (value) => asString(value) || undefined),
    enforced: enforcedReading(
      sources.readings?.mounts,
      (mounts) => {
        const mount = mountAt(mounts, '/');
        return mount ? `${mount.root} / - ${mount.type} ${mount.source} ${mount.superOptions.join(',')}` : '';
      },
      (mounts) => {
        const mount = mountAt(mounts, '/');
        return mount && (mount.type === OVERLAY ? `${OVERLAY} ${optionOf(mount, 'upperdir') ?? ''}` : mount.root);
      },
      () => {
        const mount = mountAt(valueOf(sources.readings?.mounts) ?? [], '/');
        return mount ? layersOf(mount) : '';
      },
    ),
    accepts: (wanted, now) => {
      if (now === undefined) return undefined;
      if (!now.startsWith(`${OVERLAY} `)) {
        // The kernel names the folder within its file system, config.json within the machine's tree.
        return wanted.endsWith(now) || now.endsWith(wanted.replace(/^\.?\//, '/'))
          ? { verdict: 'in-force', why: 'The root is the folder that config.json names.' }
          : undefined;
      }
      return {
        verdict: 'in-force',
        why:
          parent(now.slice(OVERLAY.length + 1)) === parent(wanted)
            ? 'The image’s layers are mounted over one another there; the writable one lies beside it.'
            : 'The image’s layers are mounted over one another, as the snapshotter had them mounted at this folder.',
      };
    },
  };
}

function imageOf(record: KnownRequest): Setting['requested'] {
  const at = (...path: string[]): string | undefined => asString(memberAt(record.value, ...path)) || undefined;
  // The image is named, the folder is the engine's own choice: the two cannot be compared.
  if (record.cri) return { fact: requestedValue(record, 'image', at('image', 'image')).fact };
  const name = at('ImageName');
  return name === undefined
    ? { fact: requestedValue(record, 'Config.Image', at('Config', 'Image')).fact }
    : { fact: requestedValue(record, 'ImageName', name).fact };
}

function layersOf(mount: MountReading): string {
  if (mount.type !== OVERLAY) return `${mount.type}, folder ${mount.root}`;
  const layers = counted((optionOf(mount, 'lowerdir') ?? '').split(':').filter(Boolean).length, 'layer');
  return optionOf(mount, 'upperdir') === undefined
    ? `overlay of ${layers}`
    : `overlay of ${layers} below a writable one`;
}

function optionOf({ superOptions }: MountReading, name: string): string | undefined {
  return superOptions.find((option) => option.startsWith(`${name}=`))?.slice(name.length + 1);
}

function parent(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

/** Only where the container has shared memory of its own: nobody asks for the size of another's. */
function sharedMemory(sources: Sources): readonly Setting[] {
  const record = requestOf(sources);
  if (!isKnown(record) || record.cri) return [];
  const asked = amount(memberAt(record.value, 'HostConfig', 'ShmSize'));
  // Podman's record names the default for some modes that were asked for otherwise.
  const mode = valueInCommand(record.value, '--ipc') ?? asString(memberAt(record.value, 'HostConfig', 'IpcMode')) ?? '';
  if (asked === undefined || mode === 'host' || mode === 'none' || mode.startsWith('container:')) return [];
  const config = sources.facts.ociConfig;
  const mounts = asArray(memberAt(valueOf(config), 'mounts'));
  const index = mounts.findIndex((mount) => memberAt(mount, 'destination') === SHM);
  return [
    {
      setting: `Size of ${SHM}`,
      group: 'Files',
      requested: requestedValue(record, 'HostConfig.ShmSize', asked, {
        show: showBytes,
        origin: hostOrigin(sources, record, 'ShmSize'),
      }),
      specified: isKnown(config)
        ? specifiedValue(
            config,
            index < 0 ? 'mounts' : `mounts[${index}]`,
            sizeIn(asStrings(memberAt(mounts[index], 'options'))),
            showBytes,
            [index < 0 ? ['mounts'] : ['mounts', String(index)]],
          )
        : { fact: config },
      enforced: enforcedReading(
        sources.readings?.mounts,
        (all) => mountAt(all, SHM)?.superOptions.join(',') ?? '',
        (all) => sizeIn(mountAt(all, SHM)?.superOptions ?? []),
        showBytes,
      ),
    },
  ];
}

const UNITS = ['', 'k', 'm', 'g'];

/** `size=65536k` as bytes. Source: tmpfs(5). */
function sizeIn(options: readonly string[]): string | undefined {
  const match = options.map((option) => /^size=(\d{1,15})([kmg]?)$/i.exec(option)).find(Boolean);
  if (!match) return undefined;
  const [, digits = '', unit = ''] = match;
  return String(BigInt(digits) << BigInt(10 * UNITS.indexOf(unit.toLowerCase())));
}
