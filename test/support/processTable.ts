import { readdirSync, readFileSync } from 'node:fs';
import type { ProcessRecord, ProcessTable } from '../../src/model/process';

/** The processes of this machine now, for tests of adapters that are given them. */
export function processesNow(): ProcessTable {
  const byPid = new Map<number, ProcessRecord>();
  for (const name of readdirSync('/proc')) {
    const record = /^\d+$/.test(name) ? recordOf(Number(name)) : undefined;
    if (record) byPid.set(record.pid, record);
  }
  return {
    observedAt: new Date().toISOString(),
    byPid,
    childrenOf: (pid) => [...byPid.values()].filter(({ parentPid }) => parentPid === pid),
  };
}

function recordOf(pid: number): ProcessRecord | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
    const comm = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state = '', parentPid = '0'] = fields;
    return { pid, parentPid: Number(parentPid), startTicks: Number(fields[19]), comm, argv, state };
  } catch {
    return undefined;
  }
}
