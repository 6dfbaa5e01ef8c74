import { cliActor } from '../actor.ts';
import { defineCommand } from '../command.ts';
import { confirmRemoval } from '../confirm-removal.ts';
import { domainArgument } from '../site-selection.ts';
import { unrestoredText } from '../unrestored-text.ts';

export const command = defineCommand({
  arguments: { domain: domainArgument },
  examples: [
    { command: 'site forget-unrestored example.com', does: 'Shows the rules and asks' },
    { command: 'site forget-unrestored example.com --yes', does: 'In a script' },
    { command: 'site forget-unrestored example.com --dry-run', does: 'Only show what would be forgotten' },
  ],
  notes:
    'A rule of yours that gave way to a closed site, and that Cloudflare would not take back, is kept until you say that it is no longer needed: when you have made it again by hand, or do not want it. Nothing is changed at Cloudflare. The log keeps the whole of each rule.',
  async run(context, { arguments: { domain } }) {
    const { dryRun } = context.flags;
    const app = await context.openApp();
    const { maintenanceActive = false } = await app.sites.get({ domain });
    const forgotten = await app.sites.forgetUnrestored({ domain }, { dryRun: true });
    const unrestored = forgotten.map(({ order: _, ...kept }) => kept);
    if (context.prompts.interactive) context.note(unrestoredText(unrestored).trimEnd());
    const count = unrestored.length === 1 ? 'this rule' : `these ${unrestored.length} rules`;
    await confirmRemoval(context, `${count} of ${domain}`, 'forget');
    if (!dryRun) await app.sites.forgetUnrestored({ domain }, { actor: cliActor() });
    return {
      summary: { total: 1, forgotten: dryRun ? 0 : unrestored.length, dryRun },
      results: [{ site: domain, maintenanceActive, unrestored, forgotten: !dryRun }],
    };
  },
  render: ({ results = [] }, { colors }) =>
    results
      .map(({ site, unrestored, forgotten }) =>
        forgotten
          ? `${colors.green('✓')} Forgot ${unrestored.length === 1 ? 'one rule' : `${unrestored.length} rules`} of ${colors.bold(site)}. The log keeps all of it.\n${unrestoredText(unrestored)}`
          : `Would forget, and nothing was changed:\n${unrestoredText(unrestored)}`,
      )
      .join(''),
});
