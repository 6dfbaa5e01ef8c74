import type { CommandContext } from './command.ts';

/** The line is drawn anew at most this often. */
const EVERY_MS = 100;

/** Says how far a work has come: a few words, without a line break. */
export type ShowProgress = (text: string) => void;

/**
 * Keeps one line on stderr up to date while `work` goes on, and takes it back at the end. Only at a terminal: nothing is
 * written elsewhere, nor with `--json`.
 */
export async function withProgress<T>(
  { io, flags }: Pick<CommandContext, 'io' | 'flags'>,
  beginning: string,
  work: (show: ShowProgress) => Promise<T>,
): Promise<T> {
  const { stderr } = io;
  if (flags.json || stderr.isTTY !== true) return work(() => undefined);
  let drawnAt = Number.NEGATIVE_INFINITY;
  const show: ShowProgress = (text) => {
    const now = performance.now();
    if (now - drawnAt < EVERY_MS) return;
    drawnAt = now;
    // Written over, then cleared behind: a line that is cleared first would flicker.
    stderr.write(`\r${text.slice(0, (stderr.columns ?? 80) - 1)}\u001b[K`);
  };
  show(beginning);
  try {
    return await work(show);
  } finally {
    stderr.write('\r\u001b[K');
  }
}
