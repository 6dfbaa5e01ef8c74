import { shorten } from '../../domain/domain-name.ts';
import { IntermissionError } from '../../errors.ts';
import type { ChangeOptions, RunOptions } from './types.ts';

const DEFAULT_CONCURRENCY = 64;
/** More locks than this at the same time would take longer to renew than they last. */
const MAX_CONCURRENCY = 500;

/**
 * How many sites of a key are in hand at the same time.
 *
 * @throws IntermissionError `validation_failed`
 */
export function parseConcurrency({ concurrency = DEFAULT_CONCURRENCY }: RunOptions): number {
  if (Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= MAX_CONCURRENCY) return concurrency;
  throw invalid(`The concurrency ${concurrency} is not a whole number from 1 to ${MAX_CONCURRENCY}.`);
}

/**
 * How many sites come first; 0 for none.
 *
 * @throws IntermissionError `validation_failed`
 */
export function parseCanary({ canary = 0 }: ChangeOptions): number {
  if (Number.isInteger(canary) && canary >= 0) return canary;
  throw invalid(`The canary ${canary} is not a whole number.`);
}

/**
 * The number of failures of `total` sites that ends a run: `3`, `'3'` or `'5%'`, of a percentage at least one.
 *
 * @throws IntermissionError `validation_failed`
 */
export function parseStopOnFailure(rule: ChangeOptions['stopOnFailure'], total: number): number {
  if (rule === undefined) return Number.POSITIVE_INFINITY;
  const [, digits = '', percent] = /^(\d{1,9}(?:\.\d{1,9})?)(%?)$/.exec(String(rule).trim()) ?? [];
  const amount = Number(digits);
  if (percent === '%' && amount > 0 && amount <= 100) return Math.max(1, Math.ceil((total * amount) / 100));
  if (percent === '' && Number.isInteger(amount) && amount >= 1) return amount;
  throw invalid(`"${shorten(String(rule))}" is no number of failures that ends the run.`);
}

function invalid(message: string): IntermissionError {
  return new IntermissionError('validation_failed', message, {
    hint: 'Examples: concurrency 64, canary 5, stop on failure 3 or 5%.',
  });
}
