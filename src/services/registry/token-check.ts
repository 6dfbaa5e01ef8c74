import type { ZoneFacts } from '../../domain/zone-facts.ts';
import { isIntermissionError } from '../../errors.ts';

/** What a token can be asked without changing anything. */
export interface TokenProbe {
  verifyToken(): Promise<{ status: string; kind: string; expiresOn?: string }>;
  listZones(): AsyncIterable<ZoneFacts[]>;
  listPageRules(zoneId: string): Promise<unknown[]>;
}

/** What a token may do, found out by harmless reads. */
export interface TokenReport {
  status: string;
  /** Page rules accept tokens of users only. */
  kind: string;
  expiresOn: string | null;
  /** On the first page of the list, up to 50. */
  zones: number;
  /** The account of the first zone. */
  accountId: string | null;
  canReadPageRules: 'yes' | 'no' | 'unknown';
  /** What stands in the way, for people. */
  problems: { code: string; message: string }[];
}

/**
 * Asks Cloudflare whether a token works and what it may read.
 *
 * @throws IntermissionError `api_token_invalid` for a token that Cloudflare does not know, or that is not active
 */
export async function checkToken(probe: TokenProbe): Promise<TokenReport> {
  const { status, kind, expiresOn } = await probe.verifyToken();
  const zones = await firstPage(probe);
  const [first] = zones;
  const rules = first === undefined ? undefined : await readRules(probe, first);
  const problems = [...zoneProblems(zones.length), ...(rules?.problem === undefined ? [] : [rules.problem])];
  return {
    status,
    kind,
    expiresOn: expiresOn ?? null,
    zones: zones.length,
    accountId: first?.accountId ?? null,
    canReadPageRules: rules === undefined ? 'unknown' : rules.problem === undefined ? 'yes' : 'no',
    problems,
  };
}

async function firstPage(probe: TokenProbe): Promise<ZoneFacts[]> {
  for await (const page of probe.listZones()) return page;
  return [];
}

function zoneProblems(count: number): TokenReport['problems'] {
  if (count > 0) return [];
  const message = 'The token sees no zone. Give it Zone Read and Page Rules Write on the zones it is for.';
  return [{ code: 'no_zones', message }];
}

async function readRules(
  probe: TokenProbe,
  zone: ZoneFacts,
): Promise<{ problem?: TokenReport['problems'][number] }> {
  try {
    await probe.listPageRules(zone.id);
    return {};
  } catch (error) {
    if (!isIntermissionError(error)) throw error;
    const { code, message, hint } = error;
    return { problem: { code, message: hint === undefined ? message : `${message} ${hint}` } };
  }
}
