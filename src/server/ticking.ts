import { setTimeout as delay } from 'node:timers/promises';

const EVERY_MS = 60_000;

/**
 * Does what is due every minute, until `signal` says so: reopens sites whose end has come, and repairs what was
 * interrupted. A tick that fails does not end it.
 */
export async function keepTicking(
  tick: () => Promise<unknown>,
  { signal, onError }: { signal: AbortSignal; onError: (error: unknown) => void },
): Promise<void> {
  while (!signal.aborted) {
    await tick().catch((error: unknown) => {
      if (!signal.aborted) onError(error);
    });
    await delay(EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}
