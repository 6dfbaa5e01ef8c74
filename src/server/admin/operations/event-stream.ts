import type { RunningOperation } from './running-operation.ts';

/** A browser waits so long before it connects again, milliseconds. */
const RECONNECT_MS = 1_000;
/** Proxies close what is silent for long. */
const SIGN_OF_LIFE_MS = 15_000;

/** The events of an operation after `after` as server-sent events; ends with the operation, or with `signal`. */
export async function* eventStream(
  operation: RunningOperation,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  using left = leaving(signal);
  const events = operation.follow(after, left.signal);
  yield `retry: ${RECONNECT_MS}\n\n`;
  let next = events.next();
  for (;;) {
    const result = await withinSignOfLife(next);
    if (result === undefined) {
      yield ': still here\n\n';
      continue;
    }
    if (result.done === true) return;
    const { id, event } = result.value;
    yield `id: ${id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
    next = events.next();
  }
}

/** Aborted with `signal`, and when the reader goes away. */
function leaving(signal: AbortSignal): { signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  return { signal: AbortSignal.any([signal, controller.signal]), [Symbol.dispose]: () => controller.abort() };
}

/** Undefined: nothing happened for a while. */
async function withinSignOfLife<T>(work: Promise<T>): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), SIGN_OF_LIFE_MS);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
