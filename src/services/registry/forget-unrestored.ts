import type { SqlEntityManager } from '@mikro-orm/sql';
import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import type { UnrestoredRule } from '../../domain/edge-state.ts';
import type { Actor } from '../../domain/maintenance-log.ts';
import { IntermissionError, type JsonValue } from '../../errors.ts';
import { logEdit } from '../audit.ts';

/**
 * Takes the rules that could not be put back out of the record of a site, in the transaction of `em`. The log row
 * keeps all of each.
 *
 * @returns what was forgotten
 * @throws IntermissionError `not_found` when there are none
 */
export async function forgetUnrestored(
  em: SqlEntityManager,
  site: CloudflareSite,
  { by, now }: { by: Actor; now: () => Date },
): Promise<UnrestoredRule[]> {
  const { edgeState, domain } = site;
  const forgotten = edgeState?.unrestored ?? [];
  if (edgeState == null || forgotten.length === 0) throw noneKept(domain);
  const isEmpty = edgeState.rules.length === 0 && edgeState.foreign === undefined;
  site.edgeState = isEmpty ? null : { ...edgeState, unrestored: [] };
  site.updatedAt = now();
  const kept = forgotten as unknown as JsonValue;
  await logEdit(em, now, {
    what: 'site',
    name: domain,
    site,
    before: { unrestored: kept },
    after: { unrestored: [] },
    by,
  });
  return forgotten;
}

function noneKept(domain: string): IntermissionError {
  return new IntermissionError('not_found', `${domain} keeps no rule that could not be put back.`, {
    hint: `See what is recorded: intermission site show ${domain}`,
  });
}
