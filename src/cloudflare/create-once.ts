import { isIntermissionError } from '../errors.ts';
import { isUncertain, withUncertainty } from './errors.ts';
import { isTransient, type RetryOptions, retryOnFailure } from './retry.ts';

/**
 * Runs `create`, which must not happen twice, and repeats it only when it is known not to have happened. After an
 * attempt whose outcome is unknown (connection lost, time-out, 5xx, reply not understood), `findExisting` is asked
 * first; what it finds is the result. Without `findExisting` such a failure is final.
 *
 * @throws the last failure, with `details.uncertain` when some attempt may still have succeeded.
 */
export async function createOnce<T>(
  create: () => Promise<T>,
  findExisting: (() => Promise<T | undefined>) | undefined,
  retry: RetryOptions,
): Promise<T> {
  let uncertain = false;
  let lookUpFailed = false;
  const lookUp = async () => {
    try {
      return await findExisting?.();
    } catch (error) {
      lookUpFailed = true;
      throw error;
    }
  };
  const operation = async () => {
    const found = uncertain ? await lookUp() : undefined;
    if (found !== undefined) return found;
    try {
      return await create();
    } catch (error) {
      // The slow first attempt may have landed meanwhile and be what is in the way.
      const late = uncertain && isInTheWay(error) ? await lookUp() : undefined;
      if (late !== undefined) return late;
      uncertain ||= isUncertain(error);
      throw error;
    }
  };
  const shouldRetry = (error: Error) =>
    !lookUpFailed && (isUncertain(error) ? findExisting !== undefined : isTransient(error));
  try {
    return await retryOnFailure(operation, { ...retry, shouldRetry });
  } catch (error) {
    const found =
      isUncertain(error) && !retry.signal?.aborted ? await lookUp().catch(() => undefined) : undefined;
    if (found !== undefined) return found;
    throw uncertain ? withUncertainty(error) : error;
  }
}

function isInTheWay(error: unknown): boolean {
  if (!isIntermissionError(error)) return false;
  const { reason } = error.details;
  return reason === 'pattern_taken' || reason === 'ruleset_exists' || error.code === 'quota_exceeded';
}
