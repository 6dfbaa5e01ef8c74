import type { UnrestoredRule } from '../../domain/edge-state.ts';
import { IntermissionError } from '../../errors.ts';
import type { Progress } from './apply-changes.ts';
import type { HoldLike } from './hold-records.ts';
import type { Wanted } from './plan-operation.ts';
import type { Run } from './run.ts';

/** What keeps a finished operation from being a success: all that was asked for must be true. */
export function shortfall(run: Run, wanted: Wanted, progress: Progress): IntermissionError | undefined {
  const { domain } = run.situation.site;
  if (run.request.intent.kind === 'enable') return notRestored(domain, 'closed', progress.unrestored);
  if (wanted.holds.length > 0 && !run.request.expiry) return heldByOthers(run, wanted.holds);
  return notRestored(domain, 'open again', progress.unrestored) ?? run.doubtful;
}

/** Undefined when every replaced rule is back. */
export function notRestored(
  domain: string,
  state: 'closed' | 'open again',
  unrestored: readonly UnrestoredRule[],
): IntermissionError | undefined {
  const [first] = unrestored;
  if (first === undefined) return undefined;
  const message = `${domain} is ${state}, but Cloudflare did not take back the rule ${first.id}: ${first.reason}`;
  return new IntermissionError('rule_conflict', message, {
    hint: `Its snapshot is kept: intermission site show ${domain}`,
    details: { unrestored: unrestored.map(({ id, rule, reason }) => ({ id, rule, reason })) },
  });
}

function heldByOthers(run: Run, holds: readonly HoldLike[]): IntermissionError {
  const { site, holds: before } = run.situation;
  const holders = holds.flatMap((kept) => before.filter((hold) => hold.name === kept.name));
  const list = holders.map((hold) => {
    const until = hold.expiresAt == null ? 'until it is released' : `until ${hold.expiresAt.toISOString()}`;
    return `${hold.name} (${hold.actor || 'unknown'}${hold.reason ? `: ${hold.reason}` : ''}, since ${hold.createdAt.toISOString()}, ${until})`;
  });
  return new IntermissionError(
    'held_by_others',
    `${site.domain} stays closed: it is still held by ${list.join('; ')}.`,
    {
      hint: 'Let them release it, or release every hold with --force.',
      details: {
        holders: holders.map((hold) => ({
          name: hold.name,
          actor: hold.actor ?? '',
          reason: hold.reason ?? '',
          since: hold.createdAt.toISOString(),
          until: hold.expiresAt?.toISOString() ?? null,
        })),
      },
    },
  );
}
