// Lets tests inside the extension host act on the page that shows VS Code: the other end is test/vscode/driver.ts.
// One JSON message per line over a unix socket: { id, method, args } is answered by { id, result } or { id, error }.
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from './run.mjs';

const DEFAULT_TIMEOUT_MS = 60_000;

/**
 * Collects what goes wrong in the page. Call it before the page is opened. The workbench has troubles of its own,
 * such as a gallery that it cannot reach; what webviews report is ours.
 * @returns {{ source: 'workbench' | 'webview', kind: 'console' | 'exception' | 'csp', text: string }[]} grows
 */
export function collectProblems(page) {
  const problems = [];
  const sourceOf = (url) => (/webview/.test(url) ? 'webview' : 'workbench');
  page.on('console', (message) => {
    if (message.type() !== 'error') return;
    const text = message.text();
    const kind = text.includes('Content Security Policy') ? 'csp' : 'console';
    problems.push({ source: sourceOf(message.location().url), kind, text });
  });
  page.on('pageerror', (error) => {
    problems.push({ source: sourceOf(error.stack ?? ''), kind: 'exception', text: error.stack ?? error.message });
  });
  return problems;
}

/**
 * Starts listening in a folder that must be its owner's alone. `socketPath` belongs into the environment of the
 * extension host as CRE_DRIVER.
 */
export async function startDriverBridge(folder, getPage) {
  const socketPath = join(folder, 'driver.sock');
  const methods = methodsOn(getPage);
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    createInterface({ input: socket }).on('line', async (line) => {
      const { id, method, args } = JSON.parse(line);
      let answer;
      try {
        answer = { id, result: await methods[method](...args) };
      } catch (error) {
        answer = { id, error: `${method}(${args.map((arg) => JSON.stringify(arg)).join(', ')}): ${error.message}` };
      }
      if (!socket.destroyed) socket.write(`${JSON.stringify(answer)}\n`);
    });
  });
  await new Promise((resolve) => server.listen(socketPath, resolve));
  return { socketPath, close: () => void server.close() };
}

function methodsOn(getPage) {
  const page = () => getPage().page;
  /** In the workbench, or in whichever visible webview has the element. */
  const locate = async (where, selector, timeoutMs = DEFAULT_TIMEOUT_MS) => {
    if (where === 'workbench') return page().locator(selector);
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const frames = await visibleWebviews(page());
      for (const frame of frames) if ((await frame.locator(selector).count()) > 0) return frame.locator(selector);
      if (Date.now() > deadline) throw new Error(`no visible webview (of ${frames.length}) has ${selector}`);
      await sleep(100);
    }
  };
  const first = async (where, selector, timeoutMs) => (await locate(where, selector, timeoutMs)).first();

  return {
    click: async (where, selector, { timeoutMs = DEFAULT_TIMEOUT_MS, button = 'left', clickCount = 1 } = {}) =>
      (await first(where, selector, timeoutMs)).click({ timeout: timeoutMs, button, clickCount }),
    hover: async (where, selector, { timeoutMs = DEFAULT_TIMEOUT_MS } = {}) =>
      (await first(where, selector, timeoutMs)).hover({ timeout: timeoutMs }),
    focus: async (where, selector, { timeoutMs = DEFAULT_TIMEOUT_MS } = {}) =>
      (await first(where, selector, timeoutMs)).focus({ timeout: timeoutMs }),
    waitFor: async (where, selector, { timeoutMs = DEFAULT_TIMEOUT_MS, state = 'visible' } = {}) => {
      if (where === 'workbench') return page().locator(selector).first().waitFor({ timeout: timeoutMs, state });
      return waitForInWebviews(page(), selector, state, timeoutMs);
    },
    text: async (where, selector) => (await first(where, selector)).innerText({ timeout: DEFAULT_TIMEOUT_MS }),
    texts: async (where, selector) => countable(where, selector, (locator) => locator.allInnerTexts(), []),
    count: async (where, selector) => countable(where, selector, (locator) => locator.count(), 0),
    attribute: async (where, selector, name) => (await first(where, selector)).getAttribute(name),
    evaluate: async (where, source, arg) => {
      // The source of a function of one argument, which runs in the page.
      const frame = where === 'workbench' ? page().mainFrame() : await anyWebview(page());
      return frame.evaluate(`(${source})(${JSON.stringify(arg) ?? 'undefined'})`);
    },
    press: (key) => page().keyboard.press(key),
    type: (text) => page().keyboard.type(text),
    resize: (width, height) => page().setViewportSize({ width, height }),
    moveMouse: (x, y) => page().mouse.move(x, y),
    problems: () => getPage().problems,
    print: (text) => console.log(text),
    screenshot: async (name) => {
      const path = join(ROOT, 'out/screenshots', `${name}.png`);
      mkdirSync(dirname(path), { recursive: true });
      await page().screenshot({ path, timeout: DEFAULT_TIMEOUT_MS });
      return path;
    },
  };

  /** For questions that "none" answers: they wait for nothing. */
  async function countable(where, selector, ask, none) {
    if (where === 'workbench') return ask(page().locator(selector));
    for (const frame of await visibleWebviews(page())) {
      if ((await frame.locator(selector).count()) > 0) return ask(frame.locator(selector));
    }
    return none;
  }
}

async function waitForInWebviews(page, selector, state, timeoutMs) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    let visible = false;
    let attached = false;
    for (const frame of await visibleWebviews(page)) {
      const locator = frame.locator(selector).first();
      attached ||= (await locator.count()) > 0;
      visible ||= await locator.isVisible();
    }
    if ({ visible, attached, hidden: !visible, detached: !attached }[state]) return;
    if (Date.now() > deadline) throw new Error(`${selector} is not ${state} after ${timeoutMs} ms`);
    await sleep(100);
  }
}

async function anyWebview(page) {
  const deadline = Date.now() + DEFAULT_TIMEOUT_MS;
  for (;;) {
    const [frame] = await visibleWebviews(page);
    if (frame) return frame;
    if (Date.now() > deadline) throw new Error('no webview is visible');
    await sleep(100);
  }
}

/** The innermost frames of the webviews that are on the screen: VS Code nests each in two. */
async function visibleWebviews(page) {
  const visible = [];
  for (const frame of page.frames()) {
    const outer = frame.parentFrame();
    if (frame.childFrames().length > 0 || !outer?.parentFrame() || frame.isDetached()) continue;
    try {
      // A hidden panel keeps its frames; only their elements tell.
      const [inner, element] = [await frame.frameElement(), await outer.frameElement()];
      if ((await element.isVisible()) && (await inner.isVisible())) visible.push(frame);
    } catch {
      // The frame went away while it was looked at.
    }
  }
  return visible;
}
