import type { RequiredEntityData, SqlEntityManager } from '@mikro-orm/sql';
import { CloudflareApiKey } from '../../../domain/cloudflare-api-key.ts';
import { CloudflareSite } from '../../../domain/cloudflare-site.ts';
import type { Coverage } from '../../../domain/coverage.ts';
import { IntermissionError } from '../../../errors.ts';
import type { Database } from '../../../persistence/open-database.ts';
import { CloudflareSiteRepository } from '../../../persistence/repositories/cloudflare-site-repository.ts';
import { type Edit, logEdits } from '../../audit.ts';
import { type ChangeOptions, LIBRARY } from '../../change.ts';
import { auditedSite } from '../site-input.ts';
import type { SiteEntry } from './moving-file.ts';
import { type EntryProblem, type ParsedEntry, parseEntry } from './parse-entry.ts';
import { closable, type EntryPlan, planEntry } from './plan-entry.ts';

export interface ImportContext {
  database: Database;
  now: () => Date;
}

/** Sites of one transaction: others wait for it no longer than a moment. */
const CHUNK = 250;

/**
 * Makes the sites of a file known, row by row: what is wrong with one keeps none of the others out. With `dryRun` the
 * same is found out and nothing written.
 *
 * @returns a plan per row, in the order of the file, carried out unless it was only tried
 */
export async function importSites(
  context: ImportContext,
  entries: readonly SiteEntry[],
  options: ChangeOptions,
): Promise<EntryPlan[]> {
  const parsed = refuseRepeated(entries.map(parseEntry));
  const good = parsed.filter((entry): entry is ParsedEntry => !('error' in entry));
  const planned = new Map<number, EntryPlan>();
  const run = new Run(context, options);
  for (let start = 0; start < good.length; start += CHUNK) {
    for (const plan of await run.chunk(good.slice(start, start + CHUNK))) planned.set(rowOf(plan), plan);
  }
  return parsed.map((entry) =>
    'error' in entry ? { action: 'failed', problem: entry } : (planned.get(entry.row) as EntryPlan),
  );
}

function rowOf(plan: EntryPlan): number {
  return plan.action === 'failed' ? plan.problem.row : plan.entry.row;
}

/** Which of two rows about one site counts is not ours to guess. */
function refuseRepeated(entries: readonly (ParsedEntry | EntryProblem)[]): (ParsedEntry | EntryProblem)[] {
  const first = new Map<string, number>();
  return entries.map((entry) => {
    if ('error' in entry) return entry;
    const { row, domain } = entry;
    const earlier = first.get(domain);
    if (earlier === undefined) {
      first.set(domain, row);
      return entry;
    }
    const error = new IntermissionError('validation_failed', `${domain} is in row ${earlier} already.`, {
      hint: 'Leave one of the rows out. The first one counts.',
    });
    return { row, domain, field: 'domain', error };
  });
}

/** One import: what the rows before have made is remembered, for a dry run has nothing else to compare with. */
class Run {
  readonly #context: ImportContext;
  readonly #options: ChangeOptions;
  readonly #placed = new Map<string, Coverage>();

  constructor(context: ImportContext, options: ChangeOptions) {
    this.#context = context;
    this.#options = options;
  }

  chunk(entries: readonly ParsedEntry[]): Promise<EntryPlan[]> {
    const { database } = this.#context;
    if (this.#options.dryRun === true) return this.#plan(database.read(), entries);
    return database.transaction(async (em) => {
      const plans = await this.#plan(em, entries);
      await this.#write(em, plans);
      return plans;
    });
  }

  async #plan(em: SqlEntityManager, entries: readonly ParsedEntry[]): Promise<EntryPlan[]> {
    const keys = new Map((await em.find(CloudflareApiKey, {})).map(({ id, name }) => [name, id]));
    const sites = new CloudflareSiteRepository(em, this.#context.now);
    const stored = await sites.filter({ domain: { $in: entries.map(({ domain }) => domain) } }).all();
    const byDomain = new Map(stored.map((site) => [site.domain, site]));
    const zones = [...new Set(stored.flatMap(({ zoneId }) => zoneId ?? []))];
    const neighbours = Map.groupBy(
      zones.length === 0 ? [] : await sites.filter({ zoneId: { $in: zones } }).all(),
      ({ zoneId }) => zoneId,
    );
    return entries.map((entry) => {
      const site = byDomain.get(entry.domain);
      const around = (neighbours.get(site?.zoneId) ?? []).map(
        (each) => this.#placed.get(each.domain) ?? each,
      );
      const plan = planEntry(entry, { site, neighbours: around, keys });
      if (plan.action === 'updated') this.#placed.set(entry.domain, closable(plan.site, entry.fields));
      return plan;
    });
  }

  async #write(em: SqlEntityManager, plans: readonly EntryPlan[]): Promise<void> {
    const written = plans.flatMap((plan) => this.#put(em, plan));
    if (written.length === 0) return;
    await em.flush();
    const by = this.#options.actor ?? LIBRARY;
    const edits = written.map(({ site, before }): Edit => {
      return { what: 'site', name: site.domain, site, before, after: auditedSite(site), by };
    });
    await logEdits(em, this.#context.now, edits);
  }

  #put(em: SqlEntityManager, plan: EntryPlan): { site: CloudflareSite; before: Edit['before'] }[] {
    const now = this.#context.now();
    if (plan.action === 'created') {
      const empty = { openPaths: [], bypassIps: [], brand: {} };
      const data = { ...empty, ...plan.data, createdAt: now, updatedAt: now };
      const site = em.create(CloudflareSite, data as RequiredEntityData<CloudflareSite>);
      return [{ site, before: null }];
    }
    if (plan.action !== 'updated') return [];
    const before = auditedSite(plan.site);
    em.assign(plan.site, { ...plan.entry.fields, updatedAt: now });
    return [{ site: plan.site, before }];
  }
}
