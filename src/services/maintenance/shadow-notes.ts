import type { CallOptions, Note } from '../../engines/engine.ts';
import { foreignRedirects } from '../../engines/shadows.ts';
import { isIntermissionError } from '../../errors.ts';
import type { Wanted } from './plan-operation.ts';
import type { Connection } from './ports.ts';
import { recordedState, type Situation } from './records.ts';

/**
 * Notes on foreign redirect rules that may win over the page rules of a site. One call, for plans that are shown and
 * repeats. A token that may not read redirect rules, and a plan that has none, give no notes.
 */
export async function shadowNotes(
  { engine, engines }: Connection,
  { site, neighbours }: Situation,
  wanted: Wanted,
  { zoneId, call }: { zoneId: string; call: CallOptions },
): Promise<Note[]> {
  if (wanted.holds.length === 0 || engine.name !== 'page_rules') return [];
  const rules = await engines.redirect_rules.read(zoneId, call).catch((error: unknown) => unread(error));
  if (!Array.isArray(rules)) return rules.notes;
  const states = [site, ...neighbours].map(({ edgeState }) => recordedState(edgeState));
  return foreignRedirects(rules, states, site).map(({ id, pattern, redirect }) => ({
    code: 'redirect_rule_ahead',
    message: `The redirect rule ${id} (${pattern}${redirect === null ? '' : ` → ${redirect.url}`}) runs before all page rules and may win over ours. --engine redirect_rules goes before it.`,
  }));
}

function unread(error: unknown): { notes: Note[] } {
  if (!isIntermissionError(error) || error.code === 'interrupted') throw error;
  const { code, details, message } = error;
  if (code === 'api_permission_denied' || details['reason'] === 'not_entitled') return { notes: [] };
  const text = `Redirect rules could not be read, and one that wins over ours is not seen: ${message}`;
  return { notes: [{ code: 'redirect_rules_unread', message: text }] };
}
