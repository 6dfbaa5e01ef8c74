import type { SqlEntityManager } from '@mikro-orm/sql';
import type { CloudflareApiKey } from '../../domain/cloudflare-api-key.ts';
import { IntermissionError, isIntermissionError } from '../../errors.ts';
import type { Database } from '../../persistence/open-database.ts';
import { CloudflareApiKeyRepository } from '../../persistence/repositories/cloudflare-api-key-repository.ts';
import { CloudflareSiteRepository } from '../../persistence/repositories/cloudflare-site-repository.ts';
import { logEdit } from '../audit.ts';
import { type ChangeOptions, LIBRARY, transact } from '../change.ts';
import { auditedKey, parseToken } from './api-key-input.ts';
import { checkToken, type TokenProbe, type TokenReport } from './token-check.ts';
import type { TokenVault } from './token-vault.ts';

interface Parts {
  database: Database;
  now: () => Date;
  vault: TokenVault;
  probe: (token: string) => Promise<TokenProbe>;
}

export interface RotateTokenOptions extends ChangeOptions {
  /** Takes the new token although it cannot do all that the old one can. */
  force?: boolean | undefined;
}

export interface TokenRotation {
  key: CloudflareApiKey;
  report: TokenReport;
  /** False: it is the token that is stored already. */
  changed: boolean;
  /** What is lost with the old token, in words; empty unless forced. */
  lost: string[];
}

/** Zones by id, with the name that people know. */
type Zones = Map<string, string>;

/**
 * Puts a new token in the place of the one of a key. Before the old one is dropped the new one is asked what it can do:
 * it has to see every zone that the old one sees and every zone of the sites of the key, and to read their rules. An
 * old token that Cloudflare no longer accepts, or that cannot be opened, is compared by the sites alone.
 *
 * @throws IntermissionError `not_found`, `validation_failed`, `api_token_invalid`, and `api_permission_denied`, naming
 *   what would be lost, unless forced; the old token then stays
 */
export async function rotateToken(
  parts: Parts,
  identity: { name: string } | { id: number },
  text: string,
  options: RotateTokenOptions,
): Promise<TokenRotation> {
  const { database, now, vault, probe } = parts;
  const token = parseToken(text);
  const key = await new CloudflareApiKeyRepository(database.read(), now).get(identity);
  const current = await openIfPossible(parts, key);
  const next = await probe(token);
  const report = await checkToken(next, now());
  if (token === current) return { key, report, changed: false, lost: [] };
  const old = current === undefined ? undefined : await lookAt(await probe(current), now());
  const needed = new Map([...(await zonesOfSites(parts, key)), ...(old?.zones ?? [])]);
  const lost = whatIsLost(needed, await listZones(next), old?.report, report);
  if (lost.length > 0 && options.force !== true) throw refuse(key.name, lost);
  const changed = await transact(database, options, async (em: SqlEntityManager) => {
    const keys = new CloudflareApiKeyRepository(em, now);
    await keys.lock();
    const row = await keys.get({ id: key.id });
    const before = auditedKey(row);
    const sealed = await vault.seal(em, token, row.sealId);
    await keys.update(row, { ...sealed, accountId: report.accountId ?? row.accountId ?? null });
    const after = { ...auditedKey(row), token: 'a new one', lost };
    const by = options.actor ?? LIBRARY;
    await logEdit(em, now, {
      what: 'API key',
      name: row.name,
      before: { ...before, token: 'the old one' },
      after,
      by,
    });
    return row;
  });
  return { key: changed, report, changed: true, lost };
}

/** A token that was sealed with a lost secret key is no reason not to store a new one. */
async function openIfPossible({ vault }: Parts, key: CloudflareApiKey): Promise<string | undefined> {
  try {
    return await vault.open(key);
  } catch (error) {
    if (isIntermissionError(error) && error.code === 'secret_key_mismatch') return undefined;
    throw error;
  }
}

/** Undefined: Cloudflare no longer accepts the old token, so that it can do nothing. */
async function lookAt(
  probe: TokenProbe,
  now: Date,
): Promise<{ report: TokenReport; zones: Zones } | undefined> {
  try {
    return { report: await checkToken(probe, now), zones: await listZones(probe) };
  } catch (error) {
    if (isIntermissionError(error) && REFUSALS.includes(error.code)) return undefined;
    throw error;
  }
}

const REFUSALS: readonly string[] = ['api_token_invalid', 'api_permission_denied'];

async function listZones(probe: TokenProbe): Promise<Zones> {
  const zones: Zones = new Map();
  try {
    for await (const page of probe.listZones()) for (const { id, name } of page) zones.set(id, name);
  } catch (error) {
    if (!isIntermissionError(error) || error.code !== 'api_permission_denied') throw error;
  }
  return zones;
}

async function zonesOfSites({ database, now }: Parts, key: CloudflareApiKey): Promise<Zones> {
  const sites = await new CloudflareSiteRepository(database.read(), now).byApiKey(key).all();
  const known = sites.filter(({ isActive, maintenanceActive }) => isActive || maintenanceActive);
  return new Map(
    known.flatMap(({ zoneId, zoneName, domain }) => (zoneId ? [[zoneId, zoneName ?? domain]] : [])),
  );
}

/** Pure. */
function whatIsLost(needed: Zones, seen: Zones, old: TokenReport | undefined, next: TokenReport): string[] {
  const zones = [...needed].flatMap(([id, name]) => (seen.has(id) ? [] : [`the zone ${name}`])).sort();
  const rules = (['canReadPageRules', 'canReadRedirectRules'] as const).filter(
    (what) => old?.[what] === 'yes' && next[what] === 'no',
  );
  const names = { canReadPageRules: 'page rules', canReadRedirectRules: 'redirect rules' };
  return [...zones, ...rules.map((what) => names[what])];
}

const SHOWN = 5;

function refuse(name: string, lost: readonly string[]): IntermissionError {
  const rest = lost.length - SHOWN;
  const shown = rest > 0 ? `${lost.slice(0, SHOWN).join(', ')} and ${rest} more` : lost.join(', ');
  return new IntermissionError(
    'api_permission_denied',
    `The new token cannot read all that the API key "${name}" is for: ${shown}. The old token stays.`,
    {
      hint: 'Give the new token these zones and permissions at dash.cloudflare.com/profile/api-tokens, then repeat. --force takes it as it is.',
      details: { lost: [...lost] },
    },
  );
}
