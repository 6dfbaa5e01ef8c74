import { IntermissionError, isIntermissionError } from '../errors.ts';
import type { CloudflareGateway } from './gateway.ts';
import type { RedirectRules } from './redirect-rules.ts';
import type { CallOptions, PageRule } from './types.ts';

type RedirectRuleCalls = Pick<RedirectRules, 'read' | 'createRuleset' | 'add' | 'change' | 'delete'>;
type PageRuleCalls = Pick<
  CloudflareGateway,
  'listPageRules' | 'createPageRule' | 'replacePageRule' | 'deletePageRule'
>;

/**
 * Page rules of a zone that may be gone from Cloudflare, its rules with it: then there are none to list, and one that
 * is to be deleted counts as not found. Only a 404 for the zone itself says so; a refusal, or a 404 from something that
 * is not Cloudflare, stays an error.
 */
export function withVanishedZone(gateway: CloudflareGateway): PageRuleCalls {
  const isGone = (...question: Question) => isZoneGone(gateway, ...question);
  return {
    createPageRule: (...call) => gateway.createPageRule(...call),
    replacePageRule: (...call) => gateway.replacePageRule(...call),
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
    createRuleset: (...call) => rules.createRuleset(...call),
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

function ruleGone(zoneId: string, ruleId: string): IntermissionError {
  return new IntermissionError(
    'not_found',
    `The zone ${zoneId} is gone from Cloudflare, and the rule ${ruleId} with it.`,
    {
      hint: 'Nothing has to be removed.',
      details: { what: 'rule', zoneId },
    },
  );
}
