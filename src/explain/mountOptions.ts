import { formatBytes } from '../util/units';
import type { Explanation } from './explanation';
import { kernelDoc, man, spec } from './references';

const OPTIONS: Readonly<Record<string, string>> = {
  ro: 'Read-only: nothing can be written through this mount.',
  rw: 'Read and write.',
  nosuid:
    'Set-user-ID and set-group-ID bits and file capabilities do not count here: no program gains privileges by them.',
  suid: 'Set-user-ID and set-group-ID bits and file capabilities count.',
  nodev: 'Device files on it cannot be opened as devices.',
  dev: 'Device files on it work as devices.',
  noexec: 'Programs on it cannot be executed.',
  exec: 'Programs on it can be executed.',
  sync: 'Every write goes to the disk at once.',
  async: 'Writes go to the disk later, as usual.',
  dirsync: 'Changes to folders go to the disk at once.',
  noatime: 'Reading a file does not change its access time.',
  atime: 'Access times are kept by the kernel’s usual rule.',
  relatime:
    'The access time is only written when it was older than the last change, or older than a day: the usual rule.',
  norelatime: 'The rule of relatime is off.',
  strictatime: 'The access time is written at every access.',
  nostrictatime: 'Access times are kept by the kernel’s usual rule.',
  nodiratime: 'Access times of folders are not written.',
  diratime: 'Access times of folders are written.',
  lazytime: 'Times are kept in memory and written seldom.',
  nolazytime: 'Times are not held back in memory.',
  iversion: 'A version number of each file counts its changes.',
  noiversion: 'Changes of files are not counted.',
  mand: 'Mandatory file locks. Without effect since Linux 5.15.',
  nomand: 'No mandatory file locks.',
  silent: 'The kernel suppresses some messages about this mount.',
  loud: 'The kernel does not suppress messages about this mount.',
  symfollow: 'Symbolic links on it are followed.',
  nosymfollow: 'Symbolic links on it are not followed. From Linux 5.10 on.',
  defaults: 'The usual set: rw, suid, dev, exec, async.',
  remount: 'Changes the options of what is mounted there already.',
  bind: 'Shows a file or folder at a second place. Mounts below the folder do not come along.',
  rbind: 'Shows a file or folder at a second place, with everything that is mounted below it.',
  private: 'Mounts made on one side do not appear on the other.',
  rprivate:
    'Mounts made on one side do not appear on the other, for this mount and all below it. The default of Docker’s bind mounts.',
  shared: 'Mounts made on either side appear on both.',
  rshared:
    'Mounts made on either side appear on both, for this mount and all below it. The container can add mounts to the host.',
  slave: 'Mounts made on the host appear in the container, not the other way round.',
  rslave: 'Mounts made on the host appear in the container, not the other way round, for this mount and all below it.',
  unbindable: 'Private, and cannot be bind-mounted elsewhere.',
  runbindable: 'Private, and cannot be bind-mounted elsewhere, for this mount and all below it.',
  idmap: 'Owners of files are translated by a mapping of user and group IDs. From Linux 5.12 on.',
  ridmap: 'Owners of files are translated by a mapping of user and group IDs, for all mounts below as well.',
  tmpcopyup: 'Copies what the image holds at this place into the new tmpfs. An extension of runc and crun.',
  newinstance: 'A devpts of its own: the container’s terminals are not those of the host.',
  nsdelegate: 'cgroup2: cgroup namespaces are borders of delegation.',
  memory_recursiveprot: 'cgroup2: memory.low and memory.min protect whole subtrees.',
};

/** Options of the form `name=value`, by what precedes the equals sign. */
const VALUED: Readonly<
  Record<string, { readonly meaning: string; readonly words: (value: string) => string | undefined }>
> = {
  size: {
    meaning: 'The most that a tmpfs may hold. What is in it counts as memory of the container.',
    words: sizeInWords,
  },
  mode: { meaning: 'Permission bits of the top folder, in octal.', words: modeInWords },
  uid: { meaning: 'The owner of the top folder.', words: (value) => `User ID ${value}.` },
  gid: {
    meaning: 'The group of the top folder; for devpts, of its terminals.',
    words: (value) => (value === '5' ? 'Group ID 5, by custom “tty”.' : `Group ID ${value}.`),
  },
  ptmxmode: { meaning: 'Permission bits of the file ptmx, by which programs get terminals.', words: modeInWords },
  nr_inodes: { meaning: 'The most files that a tmpfs may hold.', words: (value) => `${value} files.` },
  nr_blocks: { meaning: 'The most pages that a tmpfs may hold.', words: (value) => `${value} pages.` },
  hidepid: {
    meaning: 'Hides processes of other users in /proc.',
    words: (value) =>
      ({ '0': 'Hidden: nothing.', '1': 'Hidden: their contents.', '2': 'Hidden: that they exist.' })[value],
  },
  lowerdir: { meaning: 'The read-only folders of an overlay, topmost first: the image’s layers.', words: countLayers },
  upperdir: {
    meaning: 'The writable folder of an overlay: all that the container changes lands here.',
    words: () => undefined,
  },
  workdir: { meaning: 'A scratch folder that overlay needs beside upperdir.', words: () => undefined },
  context: { meaning: 'The SELinux label of every file on this mount.', words: () => undefined },
};

/** What an option of a mount does: `nosuid`, `size=64m`, `rprivate`. Undefined for one that only its file system knows. */
export function explainMountOption(option: string): Explanation | undefined {
  const title = `Mount option ${option.slice(0, 200)}`;
  if (Object.hasOwn(OPTIONS, option)) {
    const propagation = /^r?(?:private|shared|slave|unbindable)$/.test(option);
    return {
      title,
      meaning: OPTIONS[option] ?? '',
      check: 'cat /proc/PID/mountinfo',
      references: [
        spec('linux-mount-options'),
        ...(propagation ? [kernelDoc('filesystems/sharedsubtree.html', 'shared subtrees')] : [man('mount', 8)]),
      ],
    };
  }
  const recursive = /^r(.+)$/.exec(option)?.[1];
  if (recursive !== undefined && Object.hasOwn(OPTIONS, recursive)) {
    return {
      title,
      meaning: `${OPTIONS[recursive] ?? ''} It holds for all mounts below as well.`,
      consequence: 'Needs Linux 5.12 and a runtime that uses mount_setattr.',
      references: [spec('linux-mount-options'), man('mount_setattr', 2)],
    };
  }
  const equals = option.indexOf('=');
  const valued =
    equals > 0 && Object.hasOwn(VALUED, option.slice(0, equals)) ? VALUED[option.slice(0, equals)] : undefined;
  if (!valued) return undefined;
  const words = valued.words(option.slice(equals + 1));
  return {
    title,
    meaning: valued.meaning,
    ...(words === undefined ? {} : { valueInWords: words }),
    references: [spec('linux-mount-options'), man('mount', 8)],
  };
}

function sizeInWords(value: string): string | undefined {
  const match = /^(\d{1,15})([kmg%]?)$/i.exec(value);
  if (!match) return undefined;
  if (match[2] === '%') return `${match[1]} % of the memory of the machine.`;
  const shift = { '': 0n, k: 10n, m: 20n, g: 30n }[(match[2] ?? '').toLowerCase()] ?? 0n;
  return `${formatBytes(BigInt(match[1] ?? 0) << shift)}.`;
}

/** Permission bits: "1777" → "rwxrwxrwt". */
export function modeInWords(value: string): string | undefined {
  if (!/^[0-7]{1,5}$/.test(value)) return undefined;
  return `${permissionText(parseInt(value, 8))}.`;
}

/** "rwxr-xr-x" of the permission bits. */
export function permissionText(mode: number): string {
  const text = [6, 3, 0].map((shift) => {
    const bits = (mode >> shift) & 7;
    return `${bits & 4 ? 'r' : '-'}${bits & 2 ? 'w' : '-'}${bits & 1 ? 'x' : '-'}`;
  });
  const special = [
    mode & 0o4000 ? 'set-user-ID' : '',
    mode & 0o2000 ? 'set-group-ID' : '',
    mode & 0o1000 ? 'sticky: only owners may delete' : '',
  ].filter(Boolean);
  return `${text.join('')}${special.length > 0 ? ` (${special.join(', ')})` : ''}`;
}

function countLayers(value: string): string {
  const count = value.split(':').length;
  return `${count} ${count === 1 ? 'layer' : 'layers'}.`;
}
