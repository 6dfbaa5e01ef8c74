import { randomBytes } from 'node:crypto';
import type { Permission, TokenEdit, TokenSeed } from './schemas.ts';
import { defaultAccount, stableId } from './zones.ts';

export interface Token {
  readonly id: string;
  readonly value: string;
  readonly kind: 'user' | 'account';
  /** Whose budget its requests count against (7.1). */
  readonly owner: string;
  readonly status: 'active' | 'disabled' | 'expired';
  readonly permissions: 'all' | readonly Permission[];
  /** Ids of the zones in scope. */
  readonly zones: 'all' | readonly string[];
  readonly allowedIps: readonly string[] | undefined;
  readonly notBefore: string | undefined;
  readonly expiresOn: string | undefined;
}

/** Prefixes of 6.2; the checksum's form is not known, so a value ends after its 40 characters. */
const prefixes = { user: 'cfut_', account: 'cfat_' } as const;

export function newTokenValue(kind: Token['kind']): string {
  return `${prefixes[kind]}${randomBytes(20).toString('hex')}`;
}

export function createToken(seed: TokenSeed, zoneId: (zone: string) => string): Token {
  const kind = seed.kind ?? (seed.value?.startsWith(prefixes.account) ? 'account' : 'user');
  const value = seed.value ?? newTokenValue(kind);
  const token: Token = {
    id: stableId(`token ${value}`),
    value,
    kind,
    owner:
      kind === 'user' ? `user ${seed.user ?? 'default'}` : `account ${seed.account ?? defaultAccount.id}`,
    status: 'active',
    permissions: 'all',
    zones: 'all',
    allowedIps: undefined,
    notBefore: undefined,
    expiresOn: undefined,
  };
  return editToken(token, seed, zoneId);
}

export function editToken(token: Token, edit: TokenEdit, zoneId: (zone: string) => string): Token {
  return {
    ...token,
    status: edit.status ?? token.status,
    permissions: edit.permissions ?? token.permissions,
    zones: edit.zones === undefined ? token.zones : edit.zones === 'all' ? 'all' : edit.zones.map(zoneId),
    allowedIps: edit.allowedIps ?? token.allowedIps,
    notBefore: edit.notBefore ?? token.notBefore,
    expiresOn: edit.expiresOn ?? token.expiresOn,
  };
}

export function isPermitted(token: Token, anyOf: readonly Permission[]): boolean {
  const { permissions } = token;
  return permissions === 'all' || anyOf.some((permission) => permissions.includes(permission));
}

/** Whether a zone is in scope; one that exists must also be in the account that owns the token. */
export function covers(token: Token, zone: { id: string; account?: { id: string } }): boolean {
  if (token.zones !== 'all' && !token.zones.includes(zone.id)) return false;
  return token.kind === 'user' || zone.account === undefined || token.owner === `account ${zone.account.id}`;
}
