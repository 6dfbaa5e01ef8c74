import { isIntermissionError } from '../../../errors.ts';
import type { ErrorFact } from '../../contract/common.ts';
import { toAnswer } from '../http-errors.ts';

/** An error as a part of an answer; null where there is none. */
export function toErrorFact(error: object): ErrorFact;
export function toErrorFact(error: unknown): ErrorFact | null;
export function toErrorFact(error: unknown): ErrorFact | null {
  if (error === null || error === undefined) return null;
  if (isIntermissionError(error))
    return { code: error.code, message: error.message, hint: error.hint ?? null };
  const { code, message, hint } = toAnswer(error).body;
  return { code, message, hint };
}
