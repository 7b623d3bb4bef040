// Tells where a page is that no longer answers: its script, by the debugger, which interrupts even a loop without end.
import { setTimeout as sleep } from 'node:timers/promises';

const ASK_EVERY_MS = 10_000;
/** Long parts of tests keep a page busy for seconds; nothing keeps it for so long. */
const PATIENCE_MS = 45_000;
const STACKS = 5;

/**
 * Watches a page from now on. The debugger has to be there before the page hangs: to enable it needs a page that answers.
 * @param page Playwright's
 * @param {(report: string) => void} tell is given a report once, when the page has not answered for a while
 * @returns {Promise<{ stop(): void }>}
 */
export async function witnessHangs(page, tell) {
  const session = await page.context().newCDPSession(page);
  const scripts = new Map();
  session.on('Debugger.scriptParsed', ({ scriptId, url, startLine }) => scripts.set(scriptId, { url, startLine }));
  await session.send('Debugger.enable');
  let stopped = false;
  void watch();
  return { stop: () => (stopped = true) };

  async function watch() {
    while (!stopped) {
      await sleep(ASK_EVERY_MS, undefined, { ref: false });
      const answered = page.evaluate('1').then(
        () => true,
        () => true,
      );
      if (await Promise.race([answered, sleep(PATIENCE_MS, false, { ref: false })])) continue;
      if (stopped) return;
      tell(await stacks());
      return;
    }
  }

  async function stacks() {
    const found = [];
    for (let index = 0; index < STACKS; index++) {
      const paused = new Promise((resolve) => session.once('Debugger.paused', resolve));
      void session.send('Debugger.pause').catch(() => undefined);
      const event = await Promise.race([paused, sleep(10_000, undefined, { ref: false })]);
      if (!event) {
        found.push('the debugger could not interrupt it: it is not in a script');
        break;
      }
      found.push(event.callFrames.slice(0, 25).map(frameText).join('\n'));
      void session.send('Debugger.resume').catch(() => undefined);
      await sleep(300);
    }
    return `The page has not answered for ${PATIENCE_MS / 1000} s. Its script was at:\n${found.join('\n--\n')}`;
  }

  function frameText({ functionName, location, url }) {
    const { scriptId, lineNumber, columnNumber } = location;
    const script = scripts.get(scriptId);
    return `    ${functionName || '(anonymous)'} ${url || script?.url || scriptId}:${lineNumber + 1}:${(columnNumber ?? 0) + 1}`;
  }
}
