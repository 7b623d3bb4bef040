/** One mount. Source: proc_pid_mountinfo(5). */
export interface MountRecord {
  readonly id: number;
  readonly parentId: number;
  readonly device: string;
  /** The folder of the file system that is mounted. */
  readonly root: string;
  readonly mountPoint: string;
  readonly options: readonly string[];
  /** `shared:1`, `master:2`, `propagate_from:3`, `unbindable`. */
  readonly propagation: readonly string[];
  readonly type: string;
  readonly source: string;
  readonly superOptions: readonly string[];
}

/** Reads mountinfo; lines of another form are left out. */
export function parseMountinfo(text: string): readonly MountRecord[] {
  return text.split('\n').flatMap((line) => {
    const [left = '', right] = splitOnce(line, ' - ');
    const [id, parentId, device, root, mountPoint, options, ...propagation] = left.split(' ');
    const [type = '', source = '', superOptions = ''] = (right ?? '').split(' ');
    if (right === undefined || options === undefined || root === undefined || mountPoint === undefined) return [];
    return [
      {
        id: Number(id),
        parentId: Number(parentId),
        device: device ?? '',
        root: unescapeOctal(root),
        mountPoint: unescapeOctal(mountPoint),
        options: options.split(','),
        propagation,
        type,
        source: unescapeOctal(source),
        superOptions: superOptions.split(','),
      },
    ];
  });
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** The kernel writes blank, tab, newline and backslash as octal. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}
