import { z } from 'zod';
import type { JsonValue } from '../errors.ts';
import type { PageRule, RedirectRule, RedirectRuleset, TokenCheck, Zone } from './types.ts';

// Strict about what is used, lenient about the rest: a field that we do not read must not break a call.

const text = z.string();
const optionalText = z.string().nullish().catch(null);

/** Page rules per zone by plan (Cloudflare's plan table), for zones that do not tell their own quota. */
const PAGE_RULES_BY_PLAN: Record<string, number> = { free: 3, pro: 20, business: 50, enterprise: 125 };

const zoneWire = z.object({
  id: text,
  name: text,
  status: text,
  paused: z.boolean().nullish(),
  type: optionalText,
  account: z.object({ id: optionalText, name: optionalText }).nullish().catch(null),
  plan: z.object({ legacy_id: optionalText, name: optionalText }).nullish().catch(null),
  meta: z.object({ page_rule_quota: z.number().int().nonnegative().nullish() }).nullish().catch(null),
  permissions: z.array(text).nullish().catch(null),
});

/** `result` of `GET /zones/{id}` and one element of `GET /zones`. */
export const zoneSchema = zoneWire.transform((wire): Zone => {
  const plan = wire.plan?.legacy_id ?? wire.plan?.name?.split(' ')[0]?.toLowerCase() ?? 'unknown';
  return {
    id: wire.id,
    name: wire.name,
    status: wire.status,
    paused: wire.paused ?? false,
    type: wire.type ?? null,
    accountId: wire.account?.id ?? null,
    accountName: wire.account?.name ?? null,
    plan,
    pageRuleQuota: wire.meta?.page_rule_quota ?? PAGE_RULES_BY_PLAN[plan] ?? null,
    ...(wire.permissions ? { permissions: wire.permissions } : {}),
  };
});

const targets = z
  .array(
    z.object({
      target: text.catch('url'),
      constraint: z.object({ operator: text.catch('matches'), value: text }),
    }),
  )
  .catch([]);
const actions = z.array(z.object({ id: text, value: z.unknown().optional() })).catch([]);
const priority = z.number().catch(0);

/**
 * `result` of a page rule call, and one element of the list. A rule of an older shape comes out without targets
 * or actions: it matches none of our patterns and must not keep us from reading the others.
 */
export const pageRuleSchema = z
  .looseObject({ id: text.min(1), status: z.enum(['active', 'disabled']) })
  .transform(
    (wire): PageRule => ({
      id: wire.id,
      targets: targets.parse(wire['targets']),
      actions: actions
        .parse(wire['actions'])
        .map(({ id, value }) => (value === undefined ? { id } : { id, value: fromJson(value) })),
      priority: priority.parse(wire['priority']),
      status: wire.status,
      createdOn: optionalText.parse(wire['created_on']) ?? null,
      modifiedOn: optionalText.parse(wire['modified_on']) ?? null,
      raw: fromJson(wire),
    }),
  );

/** One rule of a ruleset, whatever its action. What Cloudflare leaves out has its default (reference 3.2). */
const redirectRule = z.looseObject({ id: text.min(1) }).transform(
  (wire): RedirectRule => ({
    id: wire.id,
    action: text.catch('').parse(wire['action']),
    actionParameters: fromJson(wire['action_parameters'] ?? null),
    expression: text.catch('').parse(wire['expression']),
    ref: text.catch(wire.id).parse(wire['ref']),
    enabled: z.boolean().catch(true).parse(wire['enabled']),
    ...(typeof wire['description'] === 'string' && { description: wire['description'] }),
    raw: fromJson(wire),
  }),
);

/** `result` of every call about the redirect rules of a zone; an empty ruleset comes without `rules`. */
export const redirectRulesetSchema = z
  .object({ id: text.min(1), rules: z.array(redirectRule).nullish() })
  .transform((wire): RedirectRuleset => ({ id: wire.id, rules: wire.rules ?? [] }));

/** `result` of the two verify calls; the owner is known by the path. */
export const tokenSchema = z
  .object({
    id: text,
    status: z.enum(['active', 'disabled', 'expired']),
    expires_on: optionalText,
    not_before: optionalText,
  })
  .transform(
    (wire): Omit<TokenCheck, 'kind'> => ({
      id: wire.id,
      status: wire.status,
      ...(wire.expires_on ? { expiresOn: wire.expires_on } : {}),
      ...(wire.not_before ? { notBefore: wire.not_before } : {}),
    }),
  );

/** Everything here was made by `JSON.parse`, which yields nothing else. */
function fromJson(value: unknown): JsonValue {
  return value as JsonValue;
}
