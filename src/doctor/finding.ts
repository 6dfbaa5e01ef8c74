import { isIntermissionError } from '../errors.ts';

/** `warning`: it works, and somebody should know. `broken`: something does not work, or will not when it is needed. */
export type Level = 'ok' | 'warning' | 'broken';

/** One thing that was looked at. */
export interface Finding {
  /** What was looked at, in one or two words. */
  check: string;
  level: Level;
  message: string;
  /** What to do about it. */
  hint: string | null;
}

export function finding(check: string, level: Level, message: string, hint?: string): Finding {
  return { check, level, message, hint: hint ?? null };
}

/** Runs one check; what it cannot do is a finding of its own, and keeps no other from running. */
export async function attempt(
  check: string,
  work: () => Promise<Finding[]>,
  level: Level = 'broken',
): Promise<Finding[]> {
  try {
    return await work();
  } catch (error) {
    if (!isIntermissionError(error) || error.code === 'interrupted') throw error;
    return [finding(check, level, error.message, error.hint)];
  }
}

/** `3 sites`, `1 site`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** Names, or the first three and how many more. */
export function names(all: readonly string[]): string {
  const shown = all.slice(0, 3).join(', ');
  return all.length <= 3 ? shown : `${shown} and ${all.length - 3} more`;
}
