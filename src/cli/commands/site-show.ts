import { defineCommand } from '../command.ts';
import { domainArgument } from '../site-selection.ts';
import { siteDetails, siteText } from './site-details.ts';

export const command = defineCommand({
  arguments: { domain: domainArgument },
  examples: [
    { command: 'site show example.com', does: 'Which hosts are closed, where visitors go, what its zone is' },
    { command: 'site show example.com --json', does: 'The same for a program' },
  ],
  notes:
    'This is what the database says; Cloudflare is not asked. `intermission sync_cloudflare` refreshes what is known of the zone.',
  async run(context, { arguments: { domain } }) {
    const app = await context.openApp();
    return {
      summary: { total: 1 },
      results: [await siteDetails(app, await app.sites.get({ domain }))],
    };
  },
  render: ({ results = [] }, view) => results.map((site) => siteText(site, view)).join(''),
});
