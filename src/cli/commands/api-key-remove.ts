import { cliActor } from '../actor.ts';
import { defineCommand } from '../command.ts';
import { confirmRemoval } from '../confirm-removal.ts';
import { printable } from '../io.ts';
import { argument, option } from '../parameters.ts';
import { maskedToken } from './api-key-view.ts';

export const command = defineCommand({
  arguments: { name: argument('name', 'Name of the key') },
  options: { moveTo: option('--move-to <name>', 'Active key that its sites shall use from now on') },
  examples: [
    { command: 'api-key remove old', does: 'Asks first' },
    {
      command: 'api-key remove old --move-to main --yes',
      does: 'In a script; its sites use main from now on',
    },
  ],
  notes:
    'Only the stored copy is removed: revoke the token itself at dash.cloudflare.com/profile/api-tokens. Refused while a site of the key is in maintenance, and while sites use it unless --move-to says where they go.',
  async run(context, { arguments: { name }, options: { moveTo } }) {
    const { dryRun } = context.flags;
    const app = await context.openApp();
    const key = await app.apiKeys.get({ name });
    // What would be refused is refused before anybody is asked.
    await app.apiKeys.remove({ name }, { moveTo, dryRun: true });
    await confirmRemoval(context, `the API key "${key.name}" (${maskedToken(key)})`);
    const { movedSites } = await app.apiKeys.remove({ name }, { moveTo, actor: cliActor(), dryRun });
    const results = [
      { name: key.name, tokenHint: key.tokenHint, removed: !dryRun, movedSites, moveTo: moveTo ?? null },
    ];
    return { summary: { total: 1, movedSites: movedSites.length, dryRun }, results };
  },
  render: ({ summary = {}, results = [] }, { colors }) =>
    results
      .map(({ name, movedSites, moveTo }) => {
        const sites = movedSites.length === 1 ? '1 site' : `${movedSites.length} sites`;
        const bold = colors.bold(printable(name));
        const uses = printable(moveTo ?? '');
        if (summary['dryRun'] === true) {
          const moved = movedSites.length === 0 ? '' : ` and ${sites} moved to ${uses}`;
          return `The API key ${bold} would be removed${moved}. Nothing was changed.\n`;
        }
        const moved =
          movedSites.length === 0 ? '' : ` ${sites} now use${movedSites.length === 1 ? 's' : ''} ${uses}.`;
        return `${colors.green('✓')} Removed the API key ${bold}.${moved}\n`;
      })
      .join(''),
});
