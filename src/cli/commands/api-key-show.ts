import { defineCommand } from '../command.ts';
import { argument } from '../parameters.ts';
import { apiKeyFields, apiKeyRow } from './api-key-view.ts';

export const command = defineCommand({
  arguments: { name: argument('name', 'Name of the key') },
  examples: [{ command: 'api-key show main', does: 'Everything about one key, except its token' }],
  notes: 'The token is never shown again: only its last four characters are.',
  async run(context, { arguments: { name } }) {
    const app = await context.openApp();
    return { summary: { total: 1 }, results: [await apiKeyRow(app, await app.apiKeys.get({ name }))] };
  },
  render: ({ results = [] }, view) => results.map((row) => apiKeyFields(row, view)).join(''),
});
