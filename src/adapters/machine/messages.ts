import type { Container } from '../../model/container';
import type { CgroupReport } from '../../model/cgroup';
import type { Findings } from '../../model/inspection';
import type { KernelReadings } from '../../model/lineage/readings';
import type { Problem } from '../../model/problem';
import type { ProcessRecord, ProcessRef } from '../../model/process';
import type { Report } from '../adapter';

/* What the thread that asks and the thread that reads say to each other. All of it can be cloned. */

/** The adapters that live in the reading thread. */
export type MachineAdapter = 'kernel' | 'oci';

/** A table that the reading thread made, or the records of one that it has not (any more). */
export type TableReference =
  { readonly id: number } | { readonly records: readonly ProcessRecord[]; readonly observedAt: string };

/** The questions, with what each takes and answers. */
export interface Questions {
  processTable: {
    readonly asked: Readonly<Record<string, never>>;
    readonly answer: {
      readonly id: number;
      readonly observedAt: string;
      readonly records: readonly ProcessRecord[];
    };
  };
  look: {
    readonly asked: { readonly adapter: MachineAdapter; readonly table: TableReference };
    readonly answer: Report;
  };
  inspect: {
    readonly asked: {
      readonly adapter: MachineAdapter;
      readonly table: TableReference;
      readonly container: Container;
      /** Only what these adapters build on. */
      readonly found: Pick<Findings, 'initPid'>;
    };
    readonly answer: Findings;
  };
  readStat: { readonly asked: { readonly pid: number }; readonly answer: ProcessRef | undefined };
  readKernel: {
    readonly asked: { readonly init: ProcessRef; readonly kernelPaths: readonly string[] };
    readonly answer: KernelReadings;
  };
  rereadUsage: { readonly asked: { readonly report: CgroupReport }; readonly answer: CgroupReport };
}
export type QuestionName = keyof Questions;

export type ToMachine = {
  [Q in QuestionName]: { readonly id: number; readonly question: Q; readonly asked: Questions[Q]['asked'] };
}[QuestionName];

export type FromMachine =
  | { readonly id: number; readonly answer: Questions[QuestionName]['answer'] }
  | { readonly id: number; readonly problem: Problem };
