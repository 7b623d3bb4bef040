/** Identifiers of this machine; absent what this user may not read or the machine does not have. */
export interface MachineIds {
  /** /etc/machine-id: 32 hex digits, made at installation; clones of an image may share it. */
  readonly machineId?: string;
  /** /proc/sys/kernel/random/boot_id: drawn anew by the kernel at every boot. */
  readonly bootId?: string;
  /** /sys/class/dmi/id/product_uuid: readable by root alone. */
  readonly systemUuid?: string;
}

/** Whether a node is this machine, and by which evidence. Host names are never evidence: anybody may choose them. */
export interface NodePlace {
  /** `here`: this kernel, this boot; `elsewhere`: another; `unknown`: nothing to compare. */
  readonly verdict: 'here' | 'elsewhere' | 'unknown';
  readonly because: string;
}

/**
 * Compares what a node says of itself with this machine. The boot id decides: it is random and drawn anew at each boot, so
 * an equal one is this running kernel. Machine ids are shared by clones and system UUIDs are copied with virtual machines,
 * so they never prove it alone; they only tell more.
 */
export function placeOf(node: MachineIds, here: MachineIds): NodePlace {
  const bootId = compare(node.bootId, here.bootId);
  const machineId = compare(node.machineId, here.machineId);
  const systemUuid = compare(node.systemUuid, here.systemUuid);
  if (bootId === 'same') {
    const also =
      machineId === 'same'
        ? ' Its machine id is the one of /etc/machine-id too.'
        : machineId === 'different'
          ? ' Its machine id differs from /etc/machine-id: the node runs in a container of this machine, or we do.'
          : '';
    return {
      verdict: 'here',
      because: `Its boot id is the one in /proc/sys/kernel/random/boot_id, which a kernel draws anew at each boot.${also}`,
    };
  }
  if (bootId === 'different') {
    const same = [machineId === 'same' ? 'machine id' : '', systemUuid === 'same' ? 'system UUID' : ''].filter(Boolean);
    return same.length === 0
      ? { verdict: 'elsewhere', because: 'Its boot id is not the one of this machine.' }
      : {
          verdict: 'unknown',
          because:
            `Its ${same.join(' and ')} equal ours, but its boot id does not: it is a clone of this machine, or this ` +
            'machine was booted anew since its kubelet last reported.',
        };
  }
  const missing = node.bootId ? 'This machine’s boot id cannot be read' : 'The node tells no boot id';
  return machineId === 'different'
    ? { verdict: 'elsewhere', because: `${missing}, and its machine id is not ours.` }
    : { verdict: 'unknown', because: `${missing}; nothing else proves that a node is this machine.` };
}

function compare(a: string | undefined, b: string | undefined): 'same' | 'different' | 'unknown' {
  if (!a || !b) return 'unknown';
  return a.toLowerCase() === b.toLowerCase() ? 'same' : 'different';
}
