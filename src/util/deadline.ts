import { setMaxListeners } from 'node:events';
import { RuntimeError } from '../model/problem';

/**
 * Runs `work` with a signal that aborts at the deadline or with the caller's own signal.
 * The promise settles at the deadline even when `work` ignores its signal: nothing outside can make us hang.
 *
 * @throws RuntimeError with code `deadline` (naming `what` and the seconds) or `cancelled`.
 */
export async function withDeadline<T>(
  what: string,
  timeoutMs: number,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  // One look asks dozens of questions at a time, each of which listens until it is answered: that is no leak.
  setMaxListeners(0, controller.signal);
  return new Promise<T>((resolve, reject) => {
    const stop = (error: RuntimeError): void => {
      settle();
      reject(error);
      controller.abort(error);
    };
    const onOuterAbort = (): void =>
      stop(new RuntimeError({ code: 'cancelled', what, reason: 'The request was cancelled.' }));
    const timer = setTimeout(
      () =>
        stop(
          new RuntimeError({
            code: 'deadline',
            what,
            reason: `No answer within ${timeoutMs / 1000} s.`,
            remedy: 'The other side may be stopped or overloaded. Refresh once it answers again.',
          }),
        ),
      timeoutMs,
    );
    const settle = (): void => {
      clearTimeout(timer);
      outer?.removeEventListener('abort', onOuterAbort);
    };
    if (outer?.aborted) return onOuterAbort();
    outer?.addEventListener('abort', onOuterAbort, { once: true });
    work(controller.signal).then(
      (value) => {
        settle();
        resolve(value);
      },
      (error: unknown) => {
        settle();
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}
