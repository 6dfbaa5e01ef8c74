import { IntermissionError } from '../errors.ts';
import type { GlobalFlags } from './command.ts';
import type { Io } from './io.ts';

export interface Confirmation {
  message: string;
  /** Without a terminal, whether `--yes` has to stand in for the answer: for `--all` and selectors. */
  needsYes?: boolean;
  /** What has to be typed instead of a yes, where a yes comes too easily. */
  typed?: string;
}

/**
 * Questions to the person at the terminal. They appear on stderr; without a terminal, and with `--json`,
 * nothing is ever asked.
 */
export interface Prompts {
  /** Whether a question would be asked. */
  readonly interactive: boolean;
  /**
   * Returns when the answer is yes, `--yes` was given, or nobody is there and no answer is needed.
   *
   * @throws IntermissionError `cancelled` when the answer is no, `usage` when `--yes` is needed.
   */
  confirm(question: Confirmation): Promise<void>;
  /** The answer, possibly empty; undefined when nobody is there. @throws IntermissionError `cancelled` */
  text(message: string, options?: { placeholder?: string }): Promise<string | undefined>;
  /** Like `text`, without showing what is typed. */
  secret(message: string): Promise<string | undefined>;
}

/** Most that is read from stdin for one secret; API tokens have about 50 characters. */
const MAX_SECRET_LENGTH = 16_384;

const CANCELLED = 'Cancelled: nothing was changed.';

interface Streams {
  input: Io['stdin'];
  output: Io['stderr'];
  signal: AbortSignal;
}

type Clack = typeof import('@clack/prompts');

export function createPrompts(io: Io, flags: Pick<GlobalFlags, 'json' | 'yes'>): Prompts {
  const interactive = !flags.json && io.stdin.isTTY === true && io.stderr.isTTY === true;
  const answer = async <T>(ask: (clack: Clack, streams: Streams) => Promise<T | symbol>): Promise<T> => {
    using end = endOfInput(io.stdin);
    const streams = { input: io.stdin, output: io.stderr, signal: end.signal };
    const reply = await ask(await import('@clack/prompts'), streams);
    // Ctrl-C, Escape and the end of input at a prompt arrive as a symbol.
    if (typeof reply === 'symbol') throw new IntermissionError('cancelled', CANCELLED);
    return reply;
  };
  return {
    interactive,
    async confirm({ message, needsYes = false, typed }) {
      if (flags.yes) return;
      if (!interactive) return refuseWithoutYes(needsYes);
      const yes = await answer<boolean>(async (clack, streams) => {
        if (typed === undefined) return clack.confirm({ message, initialValue: false, ...streams });
        const text = await clack.text({ message, ...streams });
        return typeof text === 'symbol' ? text : (text ?? '').trim() === typed;
      });
      if (yes) return;
      throw new IntermissionError('cancelled', CANCELLED, { hint: 'Use --yes to run without a question.' });
    },
    text: async (message, options) =>
      interactive
        ? await answer<string>((clack, streams) => clack.text({ message, ...options, ...streams }))
        : undefined,
    secret: async (message) =>
      interactive
        ? await answer<string>((clack, streams) => clack.password({ message, ...streams }))
        : undefined,
  };
}

/**
 * A secret handed over on stdin (`--token-stdin`), without the white space around it.
 *
 * @param example a command line that pipes one in
 * @throws IntermissionError `usage` when there is nothing, or far more than a secret.
 */
export async function readSecret(
  io: Io,
  example = 'printenv TOKEN | intermission api-key add main --token-stdin',
): Promise<string> {
  let text = '';
  for await (const chunk of io.stdin) {
    text += String(chunk);
    if (text.length > MAX_SECRET_LENGTH) throw badSecret('is far too long for a secret', example);
  }
  if (text.trim() === '') throw badSecret('is empty', example);
  return text.trim();
}

/** Aborted by Ctrl-D, or when the terminal goes away: nobody would hear of it otherwise, and the question stay for ever. */
function endOfInput(stdin: Io['stdin']): { signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  const end = () => controller.abort();
  const onKey = (_: unknown, key: { ctrl?: boolean; name?: string } | undefined) => {
    if (key?.ctrl === true && key.name === 'd') end();
  };
  stdin.on('keypress', onKey).on('end', end).on('close', end);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      stdin.off('keypress', onKey).off('end', end).off('close', end);
    },
  };
}

function refuseWithoutYes(needsYes: boolean): void {
  if (!needsYes) return;
  throw new IntermissionError('usage', 'This changes several sites and nobody is there to confirm it.', {
    hint: 'Look at it with --dry-run, then run it again with --yes.',
  });
}

function badSecret(problem: string, example: string): IntermissionError {
  return new IntermissionError('usage', `The secret on standard input ${problem}.`, {
    hint: `Pipe it in, for example: ${example}`,
  });
}
