import * as vscode from 'vscode';
import { RuntimeError } from '../model/problem';
import { visible } from '../util/text';

/** The extension's log, as commands and views use it. */
export interface Log {
  info(message: string): void;
  warn(message: string): void;
  /** Notes a failure: what, why and what can be done. */
  failure(error: unknown, what: string): void;
  show(): void;
}

/** The log channel; its level is the user's choice in the output view. Nothing secret goes in: only problems and times. */
export function createLog(): Log & vscode.Disposable {
  const channel = vscode.window.createOutputChannel('Container Runtime Explorer', { log: true });
  return {
    info: (message) => channel.info(visible(message, 2000)),
    warn: (message) => channel.warn(visible(message, 2000)),
    failure: (error, what) => {
      const { problem } = RuntimeError.from(error, what);
      const remedy = problem.remedy === undefined ? '' : ` ${problem.remedy}`;
      channel.error(visible(`${problem.what}: ${problem.reason}${remedy}`, 2000));
    },
    show: () => channel.show(true),
    dispose: () => channel.dispose(),
  };
}
