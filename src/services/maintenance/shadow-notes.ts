import type { CallOptions, Note } from '../../engines/engine.ts';
import { foreignRedirects } from '../../engines/shadows.ts';
import { isIntermissionError } from '../../errors.ts';
import type { Wanted } from './plan-operation.ts';
import type { Connection } from './ports.ts';
import { recordedState, type Situation } from './records.ts';

/**
 * Notes on foreign redirect rules that may win over the page rules of a site. One call, for plans that are shown, repeats and
 * proofs that fail; a token that may not read redirect rules gives no notes.
 */
export async function shadowNotes(
  { engine, engines }: Connection,
  { site, neighbours }: Situation,
  wanted: Wanted,
  { zoneId, call }: { zoneId: string; call: CallOptions },
): Promise<Note[]> {
  if (wanted.holds.length === 0 || engine.name !== 'page_rules') return [];
  const rules = await engines.redirect_rules.read(zoneId, call).catch((error: unknown) => {
    if (isIntermissionError(error) && error.code !== 'interrupted') return [];
    throw error;
  });
  const states = [site, ...neighbours].map(({ edgeState }) => recordedState(edgeState));
  return foreignRedirects(rules, states, site).map(({ id, pattern, redirect }) => ({
    code: 'redirect_rule_ahead',
    message: `The redirect rule ${id} (${pattern}${redirect === null ? '' : ` → ${redirect.url}`}) runs before all page rules and may win over ours. --engine redirect_rules goes before it.`,
  }));
}
