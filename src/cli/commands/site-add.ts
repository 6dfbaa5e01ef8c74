import { cliActor } from '../actor.ts';
import { type CommandResult, defineCommand, type Warning } from '../command.ts';
import { domainArgument } from '../site-selection.ts';
import { type SiteDetails, siteDetails, siteText } from './site-details.ts';
import { siteOptions, toSiteInput } from './site-options.ts';
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
    const input = toSiteInput(options);
    const app = await context.openApp();
    const site = await app.sites.create({ domain, ...input }, { actor: cliActor(), dryRun });
    const details = await siteDetails(app, site);
    return { summary: { total: 1, dryRun }, results: [details], warnings: siteWarnings(details) };
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
export function siteWarnings(site: SiteRow): Warning[] {
  const warnings: Warning[] = [];
  const warn = (code: string, message: string) => warnings.push({ code, message });
  if (site.zoneId === null) {
    warn(
      'zone_unknown',
      'No API key is stored, so the zone was not looked up: it is when the site is closed.',
    );
  }
  if (site.zonePaused === true) {
    warn(
      'zone_not_serving',
      `The zone ${site.zoneName} is paused at Cloudflare: closing the site has no effect.`,
    );
  } else if (site.zoneStatus !== null && site.zoneStatus !== 'active') {
    warn(
      'zone_not_serving',
      `The zone ${site.zoneName} has the status "${site.zoneStatus}" at Cloudflare: the site cannot be closed until it is active.`,
    );
  }
  if (site.includeSubdomains && site.subdomainList !== '') {
    warn(
      'list_unused',
      'Every subdomain is closed anyway: the list has an effect only with --no-include-subdomains.',
    );
  }
  return warnings;
}
