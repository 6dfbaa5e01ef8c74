import type { SqlEntityManager } from '@mikro-orm/sql';
import type { CloudflareSite } from '../domain/cloudflare-site.ts';
import type { Actor } from '../domain/maintenance-log.ts';
import type { JsonValue } from '../errors.ts';
import {
  MaintenanceLogRepository,
  type NewLog,
} from '../persistence/repositories/maintenance-log-repository.ts';

/** One change of our own records. */
export interface Edit {
  what: 'site' | 'API key' | 'user' | 'window';
  name: string;
  site?: CloudflareSite | undefined;
  before: { [field: string]: JsonValue } | null;
  after: { [field: string]: JsonValue } | null;
  by: Actor;
}

/** Writes the log row of an edit, in the transaction that makes it; an edit that changes nothing leaves none. */
export function logEdit(em: SqlEntityManager, now: () => Date, edit: Edit): Promise<void> {
  return logEdits(em, now, [edit]);
}

/** The same for many at once. */
export async function logEdits(em: SqlEntityManager, now: () => Date, edits: readonly Edit[]): Promise<void> {
  const changing = edits.filter(({ before, after }) => JSON.stringify(before) !== JSON.stringify(after));
  await new MaintenanceLogRepository(em, now).createAll(changing.map(rowOf));
}

function rowOf({ what, name, before, after, by, site }: Edit): NewLog {
  const verb = before === null ? 'added' : after === null ? 'removed' : 'edited';
  return {
    site: after === null ? null : (site?.id ?? null),
    domain: site?.domain ?? null,
    action: 'configure',
    status: 'success',
    reason: `${what} ${name} ${verb}`,
    actor: by.name,
    source: by.source,
    changed: onlyChanged(before, after),
    durationSeconds: 0,
  };
}

/** Leaves out what is the same before and after. */
function onlyChanged(before: Edit['before'], after: Edit['after']): JsonValue {
  if (before === null || after === null) return { before, after };
  const fields = Object.keys(after).filter(
    (field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]),
  );
  const pick = (values: { [field: string]: JsonValue }): JsonValue =>
    Object.fromEntries(fields.map((field) => [field, values[field] ?? null]));
  return { before: pick(before), after: pick(after) };
}
