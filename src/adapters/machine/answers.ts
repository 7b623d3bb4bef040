import { tableOf, type ProcessTable } from '../../model/process';
import type { Disposable } from '../../util/disposables';
import type { RuntimeAdapter } from '../adapter';
import { rereadUsage } from '../kernel/cgroupReport';
import { createKernelAdapter } from '../kernel/adapter';
import { readStat } from '../kernel/procTable';
import { readKernelReadings } from '../kernel/readings';
import { createOciAdapter } from '../oci/adapter';
import type { MachineAdapter, QuestionName, Questions, TableReference } from './messages';

/** How many tables are kept: an inspection may still speak of the one before. */
const TABLES_KEPT = 3;

/** Answers what can be asked of this machine's files; the same code in a thread of its own, or in the one that asks. */
export interface Answers extends Disposable {
  ask<Q extends QuestionName>(question: Q, asked: Questions[Q]['asked']): Promise<Questions[Q]['answer']>;
}

export interface MachineOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly procRoot?: string;
}

/** @throws from `ask`: RuntimeError as the adapters throw it */
export function createAnswers({ env, procRoot = '/proc' }: MachineOptions): Answers {
  const kernel = createKernelAdapter({ procRoot });
  const adapters: Readonly<Record<MachineAdapter, RuntimeAdapter>> = {
    kernel,
    oci: createOciAdapter({ env, procRoot }),
  };
  const tables = new Map<number, ProcessTable>();
  let last = 0;
  const keep = (table: ProcessTable): number => {
    tables.set(++last, table);
    tables.delete(last - TABLES_KEPT);
    return last;
  };
  const tableFor = (reference: TableReference): ProcessTable => {
    if ('records' in reference) return tableOf(reference.records, reference.observedAt);
    // A table that has been forgotten: what a process of it was is told by its start time, so a new one serves as well.
    return tables.get(reference.id) ?? tables.get(last) ?? tableOf([]);
  };
  const answers: { readonly [Q in QuestionName]: (asked: Questions[Q]['asked']) => Promise<Questions[Q]['answer']> } = {
    processTable: async () => {
      const table = await kernel.processTable();
      return { id: keep(table), observedAt: table.observedAt, records: [...table.byPid.values()] };
    },
    look: ({ adapter, table }) => adapters[adapter].look({ processes: tableFor(table) }),
    inspect: ({ adapter, table, container, found }) =>
      adapters[adapter].inspect({ container, processes: tableFor(table), found }),
    readStat: ({ pid }) => readStat(procRoot, pid),
    readKernel: ({ init, kernelPaths }) => readKernelReadings(procRoot, init, kernelPaths),
    rereadUsage: ({ report }) => rereadUsage(report),
  };
  return {
    ask: (question, asked) => answers[question](asked),
    dispose: () => {
      for (const adapter of Object.values(adapters)) adapter.dispose();
      tables.clear();
    },
  };
}
