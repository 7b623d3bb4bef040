import * as vscode from 'vscode';
import { RuntimeError } from '../../model/problem';

/** Puts what a page shows on the clipboard. @throws RuntimeError when the page does not show it any more */
export async function copyText(text: string | undefined): Promise<null> {
  if (text === undefined) return refuse();
  await vscode.env.clipboard.writeText(text);
  return null;
}

/** Answers what a page asks that does not know itself any more, or asks what no page of its kind can. @throws RuntimeError */
export function refuse(): never {
  throw new RuntimeError({
    code: 'absent',
    what: 'Answering the page',
    reason: 'The page has changed meanwhile.',
    remedy: 'Try again.',
  });
}
