import { defineCommand, type View } from '../command.ts';
import { type Column, table } from '../table.ts';
import { formatRelative } from '../time.ts';
import { type ApiKeyRow, apiKeyRow, maskedToken, stateOf } from './api-key-view.ts';

export const command = defineCommand({
  examples: [
    { command: 'api-key list', does: 'All keys, and which one is the default' },
    { command: 'api-key list --json', does: 'The same for a program' },
  ],
  async run(context) {
    const app = await context.openApp();
    const keys = await app.apiKeys.all();
    const results = await Promise.all(keys.map((key) => apiKeyRow(app, key)));
    const environmentToken = app.config.cloudflareApiToken !== undefined;
    return { summary: { total: results.length, environmentToken }, results };
  },
  render: ({ summary = {}, results = [] }, view) => {
    if (results.length > 0) return table(columns(view), results, view);
    const used =
      summary['environmentToken'] === true ? ' The token in CLOUDFLARE_API_TOKEN is used.\n' : '\n';
    return `No API key is stored.${used}Store one with: intermission api-key add NAME\n`;
  },
});

function columns({ colors, now }: View): Column<ApiKeyRow>[] {
  return [
    { header: 'Name', value: ({ name }) => name, style: (text) => colors.bold(text), shrink: true },
    { header: 'Token', value: maskedToken },
    {
      header: 'State',
      value: stateOf,
      style: (text, { isActive }) => (isActive ? colors.green(text) : colors.yellow(text)),
    },
    { header: 'Sites', value: ({ sites }) => String(sites), align: 'right' },
    {
      header: 'Last used',
      value: ({ lastUsedAt }) => (lastUsedAt === null ? 'never' : formatRelative(lastUsedAt, now)),
    },
    { header: 'Description', value: ({ description }) => description, shrink: true },
  ];
}
