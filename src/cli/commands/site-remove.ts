import { cliActor } from '../actor.ts';
import { defineCommand } from '../command.ts';
import { confirmRemoval } from '../confirm-removal.ts';
import { domainArgument } from '../site-selection.ts';

export const command = defineCommand({
  arguments: { domain: domainArgument },
  examples: [
    { command: 'site remove example.com', does: 'Asks first' },
    { command: 'site remove example.com --yes', does: 'In a script' },
  ],
  notes:
    'Nothing is changed at Cloudflare, and the log of the site stays. Refused while the site is in maintenance. The next `intermission sync_cloudflare` adds the site again if its zone is still there: `intermission site edit --inactive` keeps it from being closed instead.',
  async run(context, { arguments: { domain } }) {
    const { dryRun, force } = context.flags;
    const app = await context.openApp();
    const { maintenanceActive, name } = await app.sites.get({ domain });
    // What would be refused is refused before anybody is asked.
    await app.sites.remove({ domain }, { force, dryRun: true });
    await confirmRemoval(context, `the site ${domain}`);
    if (!dryRun) await app.sites.remove({ domain }, { force, actor: cliActor() });
    return {
      summary: { total: 1, dryRun },
      results: [{ site: domain, name, maintenanceActive: maintenanceActive ?? false, removed: !dryRun }],
    };
  },
  render: ({ results = [] }, { colors }) =>
    results
      .map(({ site, removed }) =>
        removed
          ? `${colors.green('✓')} Removed ${colors.bold(site)}. Its log stays.\n`
          : `Would remove ${colors.bold(site)}. Nothing was changed.\n`,
      )
      .join(''),
});
