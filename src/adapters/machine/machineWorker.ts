import { parentPort, workerData } from 'node:worker_threads';
import { RuntimeError } from '../../model/problem';
import { readInThisThread } from '../../util/files';
import { createAnswers, type MachineOptions } from './answers';
import type { FromMachine, ToMachine } from './messages';

/*
 * Reads this machine's /proc, cgroups, bundles and runtime state in a thread of its own: so reading costs the extension
 * host nothing, and a file that hangs hangs this thread alone, which is then replaced.
 */

readInThisThread();
const answers = createAnswers(workerData as MachineOptions);
const port = parentPort;

port?.on('message', ({ id, question, asked }: ToMachine) => {
  const tell = (message: FromMachine): void => port.postMessage(message);
  // The types of a question and of what it takes belong together, which a union cannot say here.
  (answers.ask as (name: string, value: unknown) => ReturnType<typeof answers.ask>)(question, asked).then(
    (answer) => tell({ id, answer }),
    (error: unknown) => tell({ id, problem: RuntimeError.from(error, `Reading this machine (${question})`).problem }),
  );
});
