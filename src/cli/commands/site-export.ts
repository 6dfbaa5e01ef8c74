import { IntermissionError } from '../../errors.ts';
import { type ExportedSite, sitesToCsv } from '../../services/registry/moving-in/export-sites.ts';
import { type CommandResult, defineCommand } from '../command.ts';
import { flag } from '../parameters.ts';
import { selectedSites, siteSelectors } from '../site-selection.ts';

export const command = defineCommand({
  options: { csv: flag('--csv', 'As CSV with a header row, as without --json'), ...siteSelectors },
  examples: [
    { command: 'site export > sites.csv', does: 'All sites, for a spreadsheet' },
    { command: 'site export --json > sites.json', does: 'For another installation: everything, exactly' },
    { command: 'site export --api-key acme --json', does: 'The sites of one key' },
  ],
  notes:
    'What you have set of each site: name, key by its name, subdomains, page, engine, open paths, bypass addresses. Tokens are never exported, and neither are zones, which Cloudflare knows. A cell that a spreadsheet would take for a formula gets an apostrophe in front, which `site import` takes away again. See docs/migration.md.',
  async run(context, { options: { csv, ...selectors } }): Promise<CommandResult<ExportedSite>> {
    if (csv && context.flags.json) {
      throw new IntermissionError('usage', '--csv and --json contradict each other.', {
        hint: 'Give one of them.',
      });
    }
    const app = await context.openApp();
    const results = await app.sites.export(await selectedSites(app, selectors));
    return { summary: { total: results.length }, results };
  },
  render: ({ results = [] }) => sitesToCsv(results),
});
