import type { CloudflareApiKey } from '../../domain/cloudflare-api-key.ts';
import type { Intermission } from '../../intermission.ts';
import type { ChangeOptions } from '../../services/change.ts';
import { cliActor } from '../actor.ts';
import { type CommandDefinition, defineCommand, type Example, type View } from '../command.ts';
import { printable } from '../io.ts';
import { argument } from '../parameters.ts';
import { type ApiKeyRow, apiKeyRow } from './api-key-view.ts';

interface KeyChange {
  /** The state after it, as in `… is now the default key`. */
  state: string;
  /** Whether the key is in that state already. */
  isSo(key: ApiKeyRow): boolean;
  change(
    app: Intermission,
    name: string,
    options: ChangeOptions & { force: boolean },
  ): Promise<CloudflareApiKey>;
  examples: readonly Example[];
  notes: string;
}

interface ChangedKey extends ApiKeyRow {
  changed: boolean;
}

/** Makes a command that puts one key into another state and says so, or that it was so already. */
export function keyCommand({ state, isSo, change, examples, notes }: KeyChange): CommandDefinition {
  return defineCommand({
    arguments: { name: argument('name', 'Name of the key') },
    examples,
    notes,
    async run(context, { arguments: { name } }) {
      const { dryRun, force } = context.flags;
      const app = await context.openApp();
      const before = await apiKeyRow(app, await app.apiKeys.get({ name }));
      const key = await change(app, name, { actor: cliActor(), dryRun, force });
      const changed = !isSo(before);
      const results: ChangedKey[] = [{ ...(await apiKeyRow(app, key)), changed }];
      return { summary: { total: 1, changed: changed ? 1 : 0, dryRun }, results };
    },
    render: ({ summary = {}, results = [] }, view) =>
      results.map((key) => sentence(key, state, summary['dryRun'] === true, view)).join(''),
  });
}

function sentence(key: ChangedKey, state: string, dryRun: boolean, { colors }: View): string {
  const name = colors.bold(printable(key.name));
  if (!key.changed) return `The API key ${name} is ${state} already.\n`;
  if (dryRun) return `The API key ${name} would be ${state}. Nothing was changed.\n`;
  return `${colors.green('✓')} The API key ${name} is now ${state}.\n`;
}
