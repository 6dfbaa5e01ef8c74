import { z } from 'zod';
import { redirectRuleSeedSchema } from './redirect-rules/seed.ts';

/** What comes in through the control port and the in-process operations; the types follow from the schemas. */

const optional = <Schema extends z.ZodType>(schema: Schema) => z.exactOptional(schema);
const list = <Schema extends z.ZodType>(schema: Schema, atLeast = 0) =>
  z.array(schema).min(atLeast).readonly();
const hexId = z.string().regex(/^[0-9a-f]{32}$/, 'Expected 32 hexadecimal characters');
const milliseconds = z.number().min(0);

export const planSchema = z.enum(['free', 'pro', 'business', 'enterprise']);
export type Plan = z.infer<typeof planSchema>;

export const zoneStatusSchema = z.enum(['initializing', 'pending', 'active', 'moved']);
export type ZoneStatus = z.infer<typeof zoneStatusSchema>;

const actionSchema = z.looseObject({ id: z.string(), value: optional(z.unknown()) });
const ruleStatusSchema = z.enum(['active', 'disabled']);

/** A page rule made by hand: `actions`, or `forwardTo` as a short form of one 302. */
export const ruleSeedSchema = z
  .strictObject({
    pattern: z.string().min(1),
    actions: optional(list(actionSchema, 1)),
    forwardTo: optional(z.string().min(1)),
    status: optional(ruleStatusSchema),
    priority: optional(z.number().int().min(1)),
  })
  .refine((seed) => (seed.actions === undefined) !== (seed.forwardTo === undefined), {
    message: 'Expected either actions or forwardTo',
  });
export type RuleSeed = z.infer<typeof ruleSeedSchema>;

export const ruleEditSchema = z.strictObject({
  pattern: optional(z.string().min(1)),
  actions: optional(list(actionSchema, 1)),
  forwardTo: optional(z.string().min(1)),
  status: optional(ruleStatusSchema),
  priority: optional(z.number().int().min(1)),
});
export type RuleEdit = z.infer<typeof ruleEditSchema>;

const dnsRecordSchema = z.strictObject({ name: z.string().min(1), proxied: z.boolean() });
export type DnsRecord = z.infer<typeof dnsRecordSchema>;

const originSchema = z.strictObject({
  status: optional(z.number().int().min(200).max(599)),
  body: optional(z.string()),
});
export type OriginAnswer = z.infer<typeof originSchema>;

const zoneSettings = {
  status: optional(zoneStatusSchema),
  paused: optional(z.boolean()),
  plan: optional(planSchema),
  pageRuleQuota: optional(z.number().int().min(0)),
  redirectRuleQuota: optional(z.number().int().min(0)),
  dns: optional(list(dnsRecordSchema)),
  origin: optional(originSchema),
};

export const zoneSeedSchema = z.strictObject({
  ...zoneSettings,
  name: z.string().regex(/^([a-z0-9-]+\.)+[a-z0-9-]{2,}$/, 'Expected a domain in lower case'),
  id: optional(hexId),
  type: optional(z.enum(['full', 'partial', 'secondary', 'internal'])),
  account: optional(z.strictObject({ id: hexId, name: z.string() })),
  rules: optional(list(ruleSeedSchema)),
  redirectRules: optional(list(redirectRuleSeedSchema)),
});
export type ZoneSeed = z.infer<typeof zoneSeedSchema>;

export const zoneEditSchema = z.strictObject(zoneSettings);
export type ZoneEdit = z.infer<typeof zoneEditSchema>;

export const permissionSchema = z.enum([
  'Zone Read',
  'Zone Write',
  'Page Rules Read',
  'Page Rules Write',
  'Dynamic URL Redirects Read',
  'Dynamic URL Redirects Write',
]);
export type Permission = z.infer<typeof permissionSchema>;

const tokenSettings = {
  status: optional(z.enum(['active', 'disabled', 'expired'])),
  permissions: optional(z.union([z.literal('all'), list(permissionSchema)])),
  zones: optional(z.union([z.literal('all'), list(z.string())])),
  allowedIps: optional(list(z.string())),
  notBefore: optional(z.iso.datetime()),
  expiresOn: optional(z.iso.datetime()),
};

export const tokenEditSchema = z.strictObject(tokenSettings);
export type TokenEdit = z.infer<typeof tokenEditSchema>;

export const tokenSeedSchema = z.strictObject({
  ...tokenSettings,
  value: optional(z.string().regex(/^[A-Za-z0-9_-]{20,}$/, 'Expected at least 20 letters, digits, _ or -')),
  kind: optional(z.enum(['user', 'account'])),
  /** Whose a user token is; all of one user share a rate limit. */
  user: optional(z.string().min(1)),
  /** Whose an account-owned token is. */
  account: optional(hexId),
});
export type TokenSeed = z.infer<typeof tokenSeedSchema>;

const pathPattern = z.union([
  z.instanceof(RegExp),
  z.string().refine(isRegExpSource, 'Expected a regular expression'),
]);

/** Which requests are meant; `path` is looked for in the path after `/client/v4`, without the query. */
const matchShape = {
  method: optional(z.string()),
  path: optional(pathPattern),
  writesOnly: optional(z.boolean()),
  nth: optional(z.number().int().min(1)),
};

const when = optional(z.enum(['before', 'after']));
const errorShape = {
  status: optional(z.number().int().min(200).max(599)),
  code: optional(z.number().int()),
  message: optional(z.string()),
};

const faultShape = {
  ...matchShape,
  times: optional(z.number().int().min(1)),
  probability: optional(z.number().min(0).max(1)),
  seed: optional(z.number().int()),
};

const fault = <Kind extends string, Shape extends z.core.$ZodLooseShape>(kind: Kind, shape: Shape) =>
  z.strictObject({ kind: z.literal(kind), ...faultShape, ...shape });

export const faultSeedSchema = z.discriminatedUnion('kind', [
  fault('dropReply', {}),
  fault('reset', {}),
  fault('rateLimited', { retryAfter: optional(z.union([z.literal(false), z.number().min(0)])) }),
  fault('serverError', { ...errorShape, when }),
  fault('html', { status: errorShape.status, when }),
  fault('slow', { ms: milliseconds, when }),
  fault('staleRead', {}),
  fault('freshToken', {}),
  fault('unknownValidation', { message: errorShape.message }),
  fault('maintenanceMode', { status: errorShape.status }),
  fault('nullErrors', {}),
  fault('successFalse', { code: errorShape.code, message: errorShape.message, when }),
  fault('invalidJson', { when }),
  fault('refuse', { ...errorShape, messages: optional(list(z.string())) }),
]);
export type FaultSeed = z.infer<typeof faultSeedSchema>;

export const holdSeedSchema = z.strictObject({
  ...matchShape,
  when: z.enum(['before', 'after']),
});
export type HoldSeed = z.infer<typeof holdSeedSchema>;
export type RequestMatch = Pick<HoldSeed, 'method' | 'path' | 'writesOnly' | 'nth'>;

export const requestFilterSchema = z.strictObject({
  method: optional(z.string()),
  path: optional(pathPattern),
  zone: optional(z.string()),
  status: optional(z.number().int()),
  write: optional(z.boolean()),
  unknown: optional(z.boolean()),
  after: optional(z.number().int().min(0)),
});
export type RequestFilter = z.infer<typeof requestFilterSchema>;

export const delaySchema = z.strictObject({ ms: milliseconds });
export const releaseSchema = z.strictObject({ discard: optional(z.boolean()) });

function isRegExpSource(source: string): boolean {
  try {
    return new RegExp(source) instanceof RegExp;
  } catch {
    return false;
  }
}
