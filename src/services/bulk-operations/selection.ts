import type { SqlEntityManager } from '@mikro-orm/sql';
import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import { parseDomain } from '../../domain/domain-name.ts';
import { IntermissionError, isIntermissionError } from '../../errors.ts';

/** Sites by their domains or ids, or sites themselves. */
export type Selection = readonly (string | number | Pick<CloudflareSite, 'id'>)[];

/** What was asked for by name, each once. */
export interface Asked {
  domains: string[];
  ids: number[];
  /** What cannot be a domain. */
  invalid: { domain: string; error: IntermissionError }[];
}

/** The sites of a run, and what was asked for and is not there. */
export interface Selected {
  ids: number[];
  unknown: { domain: string; error: IntermissionError }[];
}

/** Pure: what a selection names. Domains may be in any case, with a trailing dot, and in letters of any script. */
export function parseSelection(selection: Selection): Asked {
  const domains = new Set<string>();
  const ids = new Set<number>();
  const invalid = new Map<string, IntermissionError>();
  for (const each of selection) {
    if (typeof each === 'number') ids.add(each);
    else if (typeof each === 'object') ids.add(each.id);
    else {
      try {
        domains.add(parseDomain(each));
      } catch (error) {
        if (!isIntermissionError(error)) throw error;
        invalid.set(each, error);
      }
    }
  }
  return {
    domains: [...domains],
    ids: [...ids],
    invalid: [...invalid].map(([domain, error]) => ({ domain, error })),
  };
}

/**
 * The sites that were asked for among `ids`, in the order in which they were named. What is not in our database is
 * unknown, and what is but is not among `ids` was left out by the rest of the query.
 */
export async function matchAsked(
  em: SqlEntityManager,
  { domains, ids: named, invalid }: Asked,
  ids: readonly number[],
): Promise<Selected> {
  const rows = [...(await findKnown(em, 'domain', domains)), ...(await findKnown(em, 'id', named))];
  const byDomain = new Map(rows.map(({ domain, id }) => [domain, id]));
  const known = new Set(rows.map(({ id }) => id));
  const wanted = [...domains.flatMap((domain) => byDomain.get(domain) ?? []), ...named];
  const allowed = new Set(ids);
  const unknown = [
    ...domains.filter((domain) => !byDomain.has(domain)),
    ...named.filter((id) => !known.has(id)).map((id) => `site ${id}`),
  ];
  return {
    ids: [...new Set(wanted)].filter((id) => allowed.has(id)),
    unknown: [...invalid, ...unknown.map((domain) => ({ domain, error: noSuchSite(domain) }))],
  };
}

/** Both databases limit how many values one query may name. */
const CHUNK = 1_000;

async function findKnown(
  em: SqlEntityManager,
  column: 'domain' | 'id',
  values: readonly (string | number)[],
): Promise<{ id: number; domain: string }[]> {
  const found: { id: number; domain: string }[] = [];
  for (let start = 0; start < values.length; start += CHUNK) {
    const chunk = values.slice(start, start + CHUNK);
    const places = chunk.map(() => '?').join(', ');
    const select = `select id, domain from cloudflare_site where ${column} in (${places})`;
    found.push(...(await em.execute<{ id: number; domain: string }[]>(select, chunk)));
  }
  return found;
}

function noSuchSite(name: string): IntermissionError {
  return new IntermissionError('not_found', `There is no site "${name}".`, {
    hint: '`intermission site list` shows what there is.',
    details: { name },
  });
}
