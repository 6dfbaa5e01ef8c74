import { IntermissionError } from '../../errors.ts';
import { closeMatches } from './close-matches.ts';

/** `kind` is what is missing, for people ("site"); `known` are the names that exist, `listCommand` shows them. */
export function notFound(
  kind: string,
  name: string,
  known: readonly string[],
  listCommand: string,
): IntermissionError {
  const near = closeMatches(name, known);
  const hint =
    near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `\`${listCommand}\` shows what there is.`;
  return new IntermissionError('not_found', `There is no ${kind} "${name}".`, {
    hint,
    details: { name, closeMatches: near },
  });
}
