import { IntermissionError, isIntermissionError } from '../errors.ts';
import type { CloudflareGateway } from './gateway.ts';
import type { CallOptions, PageRule } from './types.ts';

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
  const isGone = async (zoneId: string, error: unknown, options: CallOptions): Promise<boolean> => {
    if (!isIntermissionError(error) || !speaksOfZone(error)) return false;
    // A write was allowed or refused before; what is asked now changes nothing.
    const { beforeWrite: _, ...reading } = options;
    const isMissing = await gateway.getZone(zoneId, reading).then(
      () => false,
      (answer: unknown) => isIntermissionError(answer) && answer.details['what'] === 'zone',
    );
    return isMissing && (await answersAtAll(gateway, reading));
  };
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
  return code === 'zone_not_serving' || (code === 'not_found' && details['what'] !== 'rule');
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
