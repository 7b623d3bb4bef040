import type { CgroupReport } from '../../model/cgroup';
import type { KernelReadings } from '../../model/lineage/readings';
import { tableOf, type ProcessRef, type ProcessTable } from '../../model/process';
import { costs } from '../../util/costs';
import { withDeadline } from '../../util/deadline';
import type { Disposable } from '../../util/disposables';
import type { RuntimeAdapter } from '../adapter';
import type { MachineOptions } from './answers';
import type { MachineAdapter, TableReference } from './messages';
import { Reader } from './reader';

/** How the files of this machine are named among the endpoints that are asked. */
export const THIS_MACHINE = '/proc, cgroups and state files';

/** This machine's kernel and the files of OCI runtimes, read by a thread of its own. */
export interface Machine extends Disposable {
  readonly kernel: RuntimeAdapter;
  readonly oci: RuntimeAdapter;
  /** All processes of this machine; empty where there is no procfs. */
  processTable(): Promise<ProcessTable>;
  /** The process that has a PID now; undefined when there is none. */
  readStat(pid: number): Promise<ProcessRef | undefined>;
  readKernel(init: ProcessRef, kernelPaths: readonly string[]): Promise<KernelReadings>;
  /** The usage files of a cgroup report, read again. */
  rereadUsage(report: CgroupReport): Promise<CgroupReport>;
}

/** @param workerFile the built machineWorker */
export function createMachine(workerFile: string, options: MachineOptions): Machine {
  // Which table of the reading thread a table here is: it need not travel back.
  let known = new WeakMap<ProcessTable, number>();
  const reader = new Reader(workerFile, options, () => {
    known = new WeakMap();
  });
  const ask: Reader['ask'] = (question, asked) =>
    costs.measure(THIS_MACHINE, `${question}${'adapter' in asked ? ` ${asked.adapter}` : ''}`, () =>
      reader.ask(question, asked),
    );
  const reference = (table: ProcessTable): TableReference => {
    const id = known.get(table);
    return id === undefined ? { records: [...table.byPid.values()], observedAt: table.observedAt } : { id };
  };
  const adapter = (id: MachineAdapter): RuntimeAdapter => ({
    id,
    look: ({ processes }, signal) =>
      untilAborted(signal, () => ask('look', { adapter: id, table: reference(processes) })),
    inspect: ({ container, processes, found: { initPid } }, signal) =>
      untilAborted(signal, () =>
        ask('inspect', {
          adapter: id,
          table: reference(processes),
          container,
          found: initPid === undefined ? {} : { initPid },
        }),
      ),
    // Files are no stream of events: what changes in them is told by engines and by containerd.
    watch: () => ({ dispose: () => undefined }),
    dispose: () => reader.dispose(),
  });
  return {
    kernel: adapter('kernel'),
    oci: adapter('oci'),
    processTable: async () => {
      const { id, observedAt, records } = await ask('processTable', {});
      const table = tableOf(records, observedAt);
      known.set(table, id);
      return table;
    },
    readStat: (pid) => ask('readStat', { pid }),
    readKernel: (init, kernelPaths) => ask('readKernel', { init, kernelPaths }),
    rereadUsage: (report) => ask('rereadUsage', { report }),
    dispose: () => reader.dispose(),
  };
}

/** The thread goes on with what it reads, which takes it milliseconds; only the waiting ends. */
function untilAborted<T>(signal: AbortSignal | undefined, ask: () => Promise<T>): Promise<T> {
  return signal ? withDeadline('Reading this machine', 60_000, signal, ask) : ask();
}
