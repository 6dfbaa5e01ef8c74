import { parseDomain } from '../../domain/domain-name.ts';
import type { ZoneFacts } from '../../domain/zone-facts.ts';
import { IntermissionError } from '../../errors.ts';
import type { SyncedSite } from '../sync-result.ts';
import { failedRow } from './failed-row.ts';
import { callOptions, type SyncRun, type ZonePage } from './sync-run.ts';

/** Zones that are stored together. */
export interface ZoneBatch {
  /** Their names are canonical. */
  zones: ZoneFacts[];
  /** Of entries that cannot be a site. */
  failed: SyncedSite[];
  total: number | undefined;
}

/**
 * The list of zones, page by page. It is sorted by name, and zones of one name never come in two batches: what is at
 * the end of a page waits for the next one.
 */
export async function* readBatches(run: SyncRun): AsyncGenerator<ZoneBatch, void, undefined> {
  let waiting: ZoneFacts[] = [];
  let total: number | undefined;
  let failure: { error: unknown } | undefined;
  try {
    for await (const page of run.source.listZonePages(callOptions(run))) {
      const { zones, failed } = canonical(page);
      total = page.total ?? total;
      const all = [...waiting, ...zones];
      const last = all.at(-1)?.name;
      waiting = all.filter(({ name }) => name === last);
      yield { zones: all.filter(({ name }) => name !== last), failed, total };
    }
  } catch (error) {
    failure = { error };
  }
  yield { zones: waiting, failed: [], total };
  if (failure !== undefined) throw failure.error;
}

function canonical({ zones, unreadable }: ZonePage): Pick<ZoneBatch, 'zones' | 'failed'> {
  const good: ZoneFacts[] = [];
  const failed = unreadable.map(({ id, name, problem }) =>
    failedRow(name ?? 'unknown', id, unusable(problem)),
  );
  for (const zone of zones) {
    try {
      good.push({ ...zone, name: parseDomain(zone.name) });
    } catch (error) {
      failed.push(failedRow(zone.name, zone.id, error));
    }
  }
  return { zones: good, failed };
}

function unusable(problem: string): IntermissionError {
  return new IntermissionError('api_rejected', `Cloudflare lists a zone that cannot be read: ${problem}.`, {
    hint: 'The other zones were read. Look at this one in the Cloudflare dashboard.',
  });
}
