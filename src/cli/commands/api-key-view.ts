import type { CloudflareApiKey } from '../../domain/cloudflare-api-key.ts';
import type { Intermission } from '../../intermission.ts';
import type { TokenReport } from '../../services/registry/token-check.ts';
import type { View } from '../command.ts';
import { type Field, fields } from '../table.ts';
import { formatRelative, formatTime } from '../time.ts';

/** An API key as `--json` shows it: of its token the last four characters, nothing more. */
export interface ApiKeyRow {
  name: string;
  description: string;
  tokenHint: string;
  accountId: string | null;
  isActive: boolean;
  isDefault: boolean;
  /** Sites that use it. */
  sites: number;
  createdAt: Date;
  updatedAt: Date;
  lastUsedAt: Date | null;
}

export async function apiKeyRow(app: Intermission, key: CloudflareApiKey): Promise<ApiKeyRow> {
  return {
    name: key.name,
    description: key.description ?? '',
    tokenHint: key.tokenHint,
    accountId: key.accountId ?? null,
    isActive: key.isActive ?? true,
    isDefault: key.isDefault ?? false,
    sites: await app.apiKeys.countSites(key),
    createdAt: key.createdAt,
    updatedAt: key.updatedAt,
    lastUsedAt: key.lastUsedAt ?? null,
  };
}

/** All facts of one key, one per line. */
export function apiKeyFields(row: ApiKeyRow, { colors, now }: View): string {
  return fields(
    [
      ['Name', row.name, colors.bold],
      ['Description', row.description],
      ['Token', maskedToken(row)],
      ['State', stateOf(row), row.isActive ? colors.green : colors.yellow],
      ['Account', row.accountId ?? 'not known yet'],
      ['Sites', String(row.sites)],
      ['Added', moment(row.createdAt, now)],
      ['Last used', row.lastUsedAt === null ? 'never' : moment(row.lastUsedAt, now)],
    ],
    colors,
  );
}

/** What a token may do, in words. */
export function tokenFields(report: TokenReport, { colors }: View): string {
  const expiry = report.expiresOn === null ? '' : `, expires on ${report.expiresOn}`;
  const zones = report.moreZones ? `${report.zones} or more` : String(report.zones);
  const lines: Field[] = [
    ['Token', `${report.status}${expiry}`, colors.green],
    ['Belongs to', OWNERS[report.kind], report.kind === 'user' ? plain : colors.yellow],
    ['Zones seen', zones, report.zones === 0 ? colors.yellow : plain],
    ['Page rules', RULES[report.canReadPageRules], report.canReadPageRules === 'no' ? colors.yellow : plain],
    ['Redirect rules', RULES[report.canReadRedirectRules]],
  ];
  return fields(lines, colors);
}

/** `active, default`: what a list says of a key in one word or two. */
export function stateOf({ isActive, isDefault }: Pick<ApiKeyRow, 'isActive' | 'isDefault'>): string {
  return `${isActive ? 'active' : 'inactive'}${isDefault ? ', default' : ''}`;
}

export function maskedToken({ tokenHint }: Pick<ApiKeyRow, 'tokenHint'>): string {
  return `…${tokenHint}`;
}

const plain = (text: string) => text;

function moment(time: Date, now: Date): string {
  return `${formatTime(time)} (${formatRelative(time, now)})`;
}

const OWNERS: Record<TokenReport['kind'], string> = {
  user: 'a user',
  account: 'an account (page rules refuse it)',
  unknown: 'unknown (page rules need a token of a user)',
};

const RULES: Record<TokenReport['canReadPageRules'], string> = {
  yes: 'readable; whether it may write them shows when a site is first closed',
  no: 'not readable',
  unknown: 'not known (no zone to ask in)',
};
