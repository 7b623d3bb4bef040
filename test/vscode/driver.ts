// Acts on the window that runs these tests, as a user would: mouse, keyboard, eyes.
// The other end is scripts/lib/driverBridge.mjs, in the process that shows the workbench in a browser.
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

export interface Options {
  /** How long to wait for the element; 60 s by default. */
  readonly timeoutMs?: number;
}

/** A problem that the page has reported. */
export interface PageProblem {
  readonly source: 'workbench' | 'webview';
  readonly kind: 'console' | 'exception' | 'csp';
  readonly text: string;
}

type Where = 'workbench' | 'webview';

/** One part of the window. Selectors are Playwright's: CSS, `text=…`, `role=…`; the first match counts. */
export class View {
  constructor(private readonly where: Where) {}

  click(selector: string, options: Options & { button?: 'left' | 'right'; clickCount?: number } = {}): Promise<void> {
    return call('click', this.where, selector, options);
  }
  hover(selector: string, options: Options = {}): Promise<void> {
    return call('hover', this.where, selector, options);
  }
  focus(selector: string, options: Options = {}): Promise<void> {
    return call('focus', this.where, selector, options);
  }
  /** Resolves when the element is there and visible, or as `state` says; throws when the time is up. */
  waitFor(
    selector: string,
    options: Options & { state?: 'visible' | 'hidden' | 'attached' | 'detached' } = {},
  ): Promise<void> {
    return call('waitFor', this.where, selector, options);
  }
  text(selector: string): Promise<string> {
    return call('text', this.where, selector);
  }
  /** Texts of all matches now; waits for none. */
  texts(selector: string): Promise<string[]> {
    return call('texts', this.where, selector);
  }
  /** Number of matches now; waits for none. */
  count(selector: string): Promise<number> {
    return call('count', this.where, selector);
  }
  attribute(selector: string, name: string): Promise<string | null> {
    return call('attribute', this.where, selector, name);
  }
  /**
   * Runs a function in the page, given as source text: `'(n) => document.images.length + n'`.
   * Argument and result are JSON.
   */
  evaluate<R>(functionSource: string, argument?: unknown): Promise<R> {
    return call('evaluate', this.where, functionSource, argument);
  }
}

class Driver extends View {
  /** Inside the webviews that are visible: whichever has the element. */
  readonly webview = new View('webview');

  constructor() {
    super('workbench');
  }

  /** False in a desktop VS Code, which nobody drives. */
  get available(): boolean {
    return process.env['CRE_DRIVER'] !== undefined;
  }

  /** Runs a function, given as source text, inside the visible webview. */
  evalInWebview<R>(functionSource: string, argument?: unknown): Promise<R> {
    return this.webview.evaluate(functionSource, argument);
  }
  /** Presses a key or a chord, such as `Enter`, `Control+A`, `F2`. */
  press(key: string): Promise<void> {
    return call('press', key);
  }
  type(text: string): Promise<void> {
    return call('type', text);
  }
  resize(width: number, height: number): Promise<void> {
    return call('resize', width, height);
  }
  moveMouse(x: number, y: number): Promise<void> {
    return call('moveMouse', x, y);
  }
  /** Saves out/screenshots/<name>.png and returns its path. */
  screenshot(name: string): Promise<string> {
    return call('screenshot', name);
  }
  /** Prints a line in the terminal that the tests were started from. */
  print(text: string): Promise<void> {
    return call('print', text);
  }
  /** Console errors, exceptions and violations of a Content Security Policy since the window was opened. */
  problems(): Promise<PageProblem[]> {
    return call('problems');
  }
}

/** The window that these tests run in. */
export const driver = new Driver();

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

let connection: Socket | undefined;
let lastId = 0;
const pending = new Map<number, (answer: Answer) => void>();

async function call<R>(method: string, ...args: unknown[]): Promise<R> {
  connection ??= open();
  const id = ++lastId;
  const answer = new Promise<Answer>((resolve) => pending.set(id, resolve));
  connection.write(`${JSON.stringify({ id, method, args })}\n`);
  const { result, error } = await answer;
  if (error !== undefined) throw new Error(error);
  return result as R;
}

function open(): Socket {
  const path = process.env['CRE_DRIVER'];
  if (path === undefined) throw new Error('nobody drives this VS Code: run the tests with `npm run test:vscode`');
  const socket = connect(path);
  const fail = (error: string): void => {
    for (const [id, resolve] of pending) resolve({ id, error });
    pending.clear();
    connection = undefined;
  };
  socket.on('error', (error) => fail(error.message));
  socket.on('close', () => fail('the driver has gone'));
  createInterface({ input: socket }).on('line', (line) => {
    const answer = JSON.parse(line) as Answer;
    pending.get(answer.id)?.(answer);
    pending.delete(answer.id);
  });
  return socket;
}
