import { cliActor } from '../actor.ts';
import { type CommandResult, defineCommand, type Warning } from '../command.ts';
import { domainArgument } from '../site-selection.ts';
import { type SiteDetails, siteDetails, siteText } from './site-details.ts';
import { type SiteOptions, siteOptions, toSiteInput } from './site-options.ts';
import type { SiteRow } from './site-row.ts';

export const command = defineCommand({
  arguments: { domain: domainArgument },
  options: siteOptions,
  examples: [
    { command: 'site add example.com', does: 'The domain and all its subdomains; the zone is looked up' },
    {
      command: 'site add shop.example.com --no-include-subdomains --name "Shop"',
      does: 'One host of a zone, nothing else',
    },
    {
      command: 'site add example.org --subdomain-list www,api --api-key acme',
      does: 'The domain and two subdomains, with a key of its own',
    },
  ],
  notes:
    'Nothing is changed at Cloudflare. `intermission sync_cloudflare` adds all zones of a key at once. A domain whose zone the key does not see is refused.',
  async run(context, { arguments: { domain }, options }): Promise<CommandResult<SiteDetails>> {
    const { dryRun } = context.flags;
    const input = await toSiteInput(options);
    const app = await context.openApp();
    const site = await app.sites.create({ domain, ...input }, { actor: cliActor(), dryRun });
    const details = await siteDetails(app, site);
    return {
      summary: { total: 1, dryRun },
      results: [details],
      warnings: [...zoneWarnings(details), ...listWarnings(details, options)],
    };
  },
  render: ({ summary = {}, results = [] }, view) => {
    const { colors } = view;
    return results
      .map((site) => {
        const did =
          summary['dryRun'] === true
            ? `Would add ${colors.bold(site.site)}. Nothing was stored.`
            : `${colors.green('✓')} Added ${colors.bold(site.site)}.`;
        return `${did}\n\n${siteText(site, view)}`;
      })
      .join('');
  },
});

/** What keeps the site from being closed as its owner expects. */
export function zoneWarnings({ zoneId, zoneName, zonePaused, zoneStatus }: SiteRow): Warning[] {
  if (zoneId === null) {
    const message = 'No API key is stored, so the zone was not looked up: it is when the site is closed.';
    return [{ code: 'zone_unknown', message }];
  }
  const code = 'zone_not_serving';
  if (zonePaused === true) {
    const message = `The zone ${zoneName} is paused at Cloudflare: the site cannot be closed until it is resumed.`;
    return [{ code, message }];
  }
  if (zoneStatus === null || zoneStatus === 'active') return [];
  const message = `The zone ${zoneName} has the status "${zoneStatus}" at Cloudflare: the site cannot be closed until it is active.`;
  return [{ code, message }];
}

/** A list that was given although every subdomain is closed. */
export function listWarnings(site: SiteRow, { subdomainList }: SiteOptions): Warning[] {
  if (!site.includeSubdomains || site.subdomainList === '' || !subdomainList) return [];
  const message =
    'Every subdomain is closed anyway: the list has an effect only with --no-include-subdomains.';
  return [{ code: 'list_unused', message }];
}
