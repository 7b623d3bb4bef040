import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { COMMANDS } from '../../src/contributions';
import { asString, memberAt } from '../../src/util/records';
import { inspectAll, printed } from '../support/groundTruth';
import { driver } from './driver';

/** A question that the user was asked, and the buttons below it. */
interface Question {
  readonly text: string;
  readonly buttons: readonly string[];
}

/** VS Code shows no dialogs to windows in which tests run, so the tests answer: with the button of that index, or none. */
async function asked(answers: (number | undefined)[], work: () => PromiseLike<unknown>): Promise<readonly Question[]> {
  const window = vscode.window as { showWarningMessage: unknown };
  const real = window.showWarningMessage;
  const questions: Question[] = [];
  window.showWarningMessage = async (message: string, options: vscode.MessageOptions, ...buttons: string[]) => {
    questions.push({ text: `${message}\n${options.detail}`, buttons });
    const answer = answers.shift();
    return answer === undefined ? undefined : buttons[answer];
  };
  try {
    await work();
  } finally {
    window.showWarningMessage = real;
  }
  return questions;
}

const ONCE = 'Read Once';
const REMEMBER = 'Read, and Remember for This Engine';

async function idOfPlain(): Promise<string> {
  const plain = [...(await inspectAll()).values()].find((one) => memberAt(one, 'Name') === '/plain');
  return asString(memberAt(plain, 'Id')) ?? '';
}

describe('the reader container in a real VS Code', function () {
  this.timeout(240_000);
  let id: string;
  let from: string;

  before(async () => {
    id = await idOfPlain();
    assert.ok(id);
    await vscode.commands.executeCommand(COMMANDS.forgetReaderPermissions);
  });
  beforeEach(() => {
    from = (Date.now() / 1000).toFixed(3);
  });
  afterEach(async () => {
    await vscode.commands.executeCommand(COMMANDS.forgetReaderPermissions);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await vscode.commands.executeCommand('notifications.clearAll');
  });

  const read = (): PromiseLike<unknown> => vscode.commands.executeCommand(COMMANDS.readThroughContainer, id);

  /** What the engine tells of reader containers since the test began: "create", "destroy"… */
  async function told(): Promise<string[]> {
    const until = (Date.now() / 1000).toFixed(3);
    const format = '{{index .Actor.Attributes "name"}} {{.Action}}';
    const args = ['events', `--since=${from}`, `--until=${until}`, '--filter=type=container', `--format=${format}`];
    const lines = (await printed('docker', ...args)).split('\n');
    return lines.flatMap((line) => /^container-runtime-explorer-reader-\S+ (.*)$/.exec(line)?.[1] ?? []);
  }

  it('is made only when the user has read what is done, and said so', async () => {
    const [question] = await asked([undefined], read);
    assert.match(question?.text ?? '', /config\.json of plain/);
    assert.match(question?.text ?? '', /never started: no process runs/);
    assert.match(question?.text ?? '', /removed at once/);
    assert.deepEqual(question?.buttons, [ONCE, REMEMBER]);
    assert.deepEqual(await told(), []);
  });

  it('reads once, shows the page, and asks again the next time', async () => {
    assert.equal((await asked([0], read)).length, 1);
    await driver.webview.waitFor('.config .toolbar');
    const actions = await told();
    assert.ok(actions.includes('create') && actions.includes('destroy'), actions.join());
    assert.ok(!actions.some((action) => /start|exec|attach/.test(action)), actions.join());
    assert.equal((await asked([undefined], read)).length, 1);
  });

  it('remembers an engine if the user wants it, until that is forgotten', async () => {
    assert.equal((await asked([1], read)).length, 1);
    assert.equal((await asked([], read)).length, 0);
    await vscode.commands.executeCommand(COMMANDS.forgetReaderPermissions);
    assert.equal((await asked([undefined], read)).length, 1);
    const actions = await told();
    const count = (name: string): number => actions.filter((action) => action === name).length;
    assert.ok(count('create') >= 2, actions.join());
    assert.equal(count('create'), count('destroy'), 'what is made is removed');
  });
});

describe('the reader container in an untrusted workspace @restricted', function () {
  this.timeout(240_000);

  it('is asked for every time, and cannot be remembered', async () => {
    assert.equal(vscode.workspace.isTrusted, false);
    const id = await idOfPlain();
    const [question] = await asked([undefined], () =>
      vscode.commands.executeCommand(COMMANDS.readThroughContainer, id),
    );
    assert.deepEqual(question?.buttons, [ONCE]);
  });
});
