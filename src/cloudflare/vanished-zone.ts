import { IntermissionError, isIntermissionError } from '../errors.ts';
import type { CloudflareGateway } from './gateway.ts';
import type { RedirectRules } from './redirect-rules.ts';
import type { CallOptions, PageRule, Zone } from './types.ts';

type RedirectRuleCalls = Pick<RedirectRules, 'read' | 'createRuleset' | 'add' | 'change' | 'delete'>;
type PageRuleCalls = Pick<
  CloudflareGateway,
  'listPageRules' | 'createPageRule' | 'replacePageRule' | 'deletePageRule'
>;

/** A zone, with words of its own where it is gone. @throws IntermissionError `not_found` */
export async function getZoneIfThere(
  gateway: CloudflareGateway,
  zoneId: string,
  options: CallOptions,
): Promise<Zone> {
  return naming(gateway, [zoneId, options], () => gateway.getZone(zoneId, options));
}

/**
 * Page rules of a zone that may be gone from Cloudflare, its rules with it: then there are none to list, and one that
 * is to be deleted counts as not found. Only a 404 for the zone itself says so; a refusal, or a 404 from something that
 * is not Cloudflare, stays an error.
 */
export function withVanishedZone(gateway: CloudflareGateway): PageRuleCalls {
  const isGone = (...question: Question) => isZoneGone(gateway, ...question);
  return {
    createPageRule: (zoneId, fields, options = {}) =>
      naming(gateway, [zoneId, options], () => gateway.createPageRule(zoneId, fields, options)),
    replacePageRule: (zoneId, ruleId, fields, options = {}) =>
      naming(gateway, [zoneId, options], () => gateway.replacePageRule(zoneId, ruleId, fields, options)),
    listPageRules: async (zoneId, options = {}): Promise<PageRule[]> => {
      try {
        return await gateway.listPageRules(zoneId, options);
      } catch (error) {
        if (await isGone(zoneId, error, options)) return [];
        throw error;
      }
    },
    deletePageRule: async (zoneId, ruleId, options = {}): Promise<void> => {
      try {
        await gateway.deletePageRule(zoneId, ruleId, options);
      } catch (error) {
        if (await isGone(zoneId, error, options)) throw ruleGone(zoneId, ruleId);
        throw error;
      }
    },
  };
}

/** The same for redirect rules: a zone that is gone has none, and one that is to be deleted counts as not found. */
export function redirectRulesWithVanishedZone(gateway: CloudflareGateway): RedirectRuleCalls {
  const rules = gateway.redirectRules;
  return {
    createRuleset: (zoneId, rule, options = {}) =>
      naming(gateway, [zoneId, options], () => rules.createRuleset(zoneId, rule, options)),
    add: (...call) => rules.add(...call),
    change: (...call) => rules.change(...call),
    read: async (zoneId, options = {}) => {
      try {
        return await rules.read(zoneId, options);
      } catch (error) {
        if (await isZoneGone(gateway, zoneId, error, options)) return undefined;
        throw error;
      }
    },
    delete: async (zoneId, rulesetId, ruleId, options = {}) => {
      try {
        return await rules.delete(zoneId, rulesetId, ruleId, options);
      } catch (error) {
        if (await isZoneGone(gateway, zoneId, error, options)) throw ruleGone(zoneId, ruleId);
        throw error;
      }
    },
  };
}

/** What is to be made in a zone that is gone fails by saying so. */
async function naming<T>(
  gateway: CloudflareGateway,
  [zoneId, options]: [string, CallOptions],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (await isZoneGone(gateway, zoneId, error, options)) throw zoneGone(zoneId, error);
    throw error;
  }
}

type Question = [zoneId: string, error: unknown, options: CallOptions];

async function isZoneGone(
  gateway: CloudflareGateway,
  ...[zoneId, error, options]: Question
): Promise<boolean> {
  if (!isIntermissionError(error) || !speaksOfZone(error)) return false;
  // A write was allowed or refused before; what is asked now changes nothing.
  const { beforeWrite: _, ...reading } = options;
  const isMissing = await gateway.getZone(zoneId, reading).then(
    () => false,
    (answer: unknown) => isIntermissionError(answer) && answer.details['what'] === 'zone',
  );
  return isMissing && (await answersAtAll(gateway, reading));
}

/** A wrong base address answers 404 to everything: only where zones can be listed does one that is missing mean anything. */
async function answersAtAll(gateway: CloudflareGateway, options: CallOptions): Promise<boolean> {
  try {
    for await (const _ of gateway.listZones(options)) break;
    return true;
  } catch {
    return false;
  }
}

function speaksOfZone({ code, details }: IntermissionError): boolean {
  if (code === 'zone_not_serving') return true;
  return code === 'not_found' && details['what'] !== 'rule' && details['what'] !== 'ruleset';
}

function zoneGone(zoneId: string, cause: unknown): IntermissionError {
  return new IntermissionError(
    'not_found',
    `The zone ${zoneId} is gone from Cloudflare, and its rules with it.`,
    {
      hint: 'maintenance disable releases what is recorded here, site remove forgets the site. If the domain was added to Cloudflare again: intermission sync_cloudflare',
      details: { what: 'zone', zoneId },
      cause,
    },
  );
}

function ruleGone(zoneId: string, ruleId: string): IntermissionError {
  return new IntermissionError(
    'not_found',
    `The zone ${zoneId} is gone from Cloudflare, and the rule ${ruleId} with it.`,
    {
      hint: 'Nothing has to be removed.',
      details: { what: 'rule', zoneId, zoneGone: true },
    },
  );
}
