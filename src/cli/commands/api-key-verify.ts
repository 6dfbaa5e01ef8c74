import type { Intermission } from '../../intermission.ts';
import { ENVIRONMENT_KEY } from '../../services/registry/key-ring.ts';
import type { TokenReport } from '../../services/registry/token-check.ts';
import {
  type CommandResult,
  defineCommand,
  type ErrorDocument,
  type View,
  type Warning,
} from '../command.ts';
import { toErrorDocument } from '../errors.ts';
import { printable } from '../io.ts';
import { optionalArgument } from '../parameters.ts';
import { type Column, table } from '../table.ts';
import { tokenFields } from './api-key-view.ts';

interface VerifiedKey {
  /** `env`: the token of the environment. */
  name: string;
  /** Null for the token of the environment. */
  isActive: boolean | null;
  /** What Cloudflare lets the token do; null when it does not accept it, or could not be asked. */
  token: TokenReport | null;
  error: ErrorDocument | null;
}

export const command = defineCommand({
  arguments: {
    name: optionalArgument(
      'name',
      'Name of the key; env means the token in CLOUDFLARE_API_TOKEN (default: all stored keys)',
    ),
  },
  examples: [
    {
      command: 'api-key verify',
      does: 'Every stored key, or the token in CLOUDFLARE_API_TOKEN when none is stored',
    },
    {
      command: 'api-key verify main --json',
      does: 'One key, for a script: exit status 4 when it is no good',
    },
  ],
  notes:
    'By reading alone: whether the token is active, whose it is, when it expires, which zones it sees, and whether it may read page rules and redirect rules. Whether it may write them cannot be tried without a change; it shows when a site is first closed. A token that lacks a permission is good all the same and only warned about. Which permissions are needed and why: docs/permissions.md.',
  async run(context, { arguments: { name } }): Promise<CommandResult<VerifiedKey>> {
    const app = await context.openApp();
    const results = await Promise.all((await keysOf(app, name)).map((key) => verify(app, key)));
    const failed = results.filter(({ error }) => error !== null).length;
    return {
      summary: { total: results.length, good: results.length - failed, failed },
      results,
      warnings: results.flatMap((row) => problemsOf(row, results.length > 1)),
    };
  },
  render: ({ results = [] }, view) => {
    const [only] = results;
    if (results.length !== 1) return table(columns(view), results, view);
    return only?.token == null
      ? ''
      : `${view.colors.bold(printable(only.name))}\n\n${tokenFields(only.token, view)}`;
  },
});

type Asked = Pick<VerifiedKey, 'name' | 'isActive'>;

async function keysOf(app: Intermission, name: string | undefined): Promise<Asked[]> {
  if (name === ENVIRONMENT_KEY) return [{ name, isActive: null }];
  if (name !== undefined) return [await app.apiKeys.get({ name })];
  const keys = await app.apiKeys.all();
  return keys.length > 0 ? keys : [{ name: ENVIRONMENT_KEY, isActive: null }];
}

/** What is wrong with one key keeps none of the others from being asked. */
async function verify(app: Intermission, { name, isActive }: Asked): Promise<VerifiedKey> {
  try {
    const token = await (isActive === null ? app.checkToken(name) : app.apiKeys.verify({ name }));
    return { name, isActive, token, error: null };
  } catch (error) {
    const document = toErrorDocument(error);
    return { name, isActive, token: null, error: { ...document, message: `${name}: ${document.message}` } };
  }
}

function problemsOf({ name, token }: VerifiedKey, isNamed: boolean): Warning[] {
  return (token?.problems ?? []).map(({ code, message }) => ({
    code,
    message: isNamed ? `${name}: ${message}` : message,
  }));
}

function columns({ colors }: View): Column<VerifiedKey>[] {
  const from = (read: (token: TokenReport) => string) => (row: VerifiedKey) =>
    row.token === null ? '' : read(row.token);
  return [
    { header: 'Name', value: ({ name }) => name, style: (text) => colors.bold(text), shrink: true },
    {
      header: 'Token',
      value: ({ token, isActive }) =>
        `${token?.status ?? 'no good'}${isActive === false ? ', not used' : ''}`,
      style: (text, { token }) => (token === null ? colors.red(text) : colors.green(text)),
    },
    { header: 'Belongs to', value: from(({ kind }) => kind) },
    {
      header: 'Zones',
      value: from(({ zones, moreZones }) => `${zones}${moreZones ? '+' : ''}`),
      align: 'right',
    },
    { header: 'Page rules', value: from(({ canReadPageRules }) => ANSWERS[canReadPageRules]) },
    { header: 'Redirect rules', value: from(({ canReadRedirectRules }) => ANSWERS[canReadRedirectRules]) },
    { header: 'Expires', value: from(({ expiresOn }) => expiresOn?.slice(0, 10) ?? 'never') },
  ];
}

const ANSWERS: Record<TokenReport['canReadPageRules'], string> = {
  yes: 'readable',
  no: 'not readable',
  unknown: 'not known',
};
