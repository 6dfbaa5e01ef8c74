import { z } from 'zod';

const optional = <Schema extends z.ZodType>(schema: Schema) => z.exactOptional(schema);

const redirectSettings = {
  /** One of the two: a fixed address, or an expression that gives one. */
  redirectTo: optional(z.string().min(1)),
  redirectToExpression: optional(z.string().min(1)),
  statusCode: optional(z.number().int().min(300).max(399)),
  preserveQueryString: optional(z.boolean()),
  enabled: optional(z.boolean()),
  description: optional(z.string()),
  ref: optional(z.string().min(1)),
  /** Its place, counted from 1. */
  index: optional(z.number().int().min(1)),
};

/** A redirect rule made by hand. */
export const redirectRuleSeedSchema = z
  .strictObject({ expression: z.string().min(1), ...redirectSettings })
  .refine((seed) => (seed.redirectTo === undefined) !== (seed.redirectToExpression === undefined), {
    message: 'Expected either redirectTo or redirectToExpression',
  });
export type RedirectRuleSeed = z.infer<typeof redirectRuleSeedSchema>;

export const redirectRuleEditSchema = z.strictObject({
  expression: optional(z.string().min(1)),
  ...redirectSettings,
});
export type RedirectRuleEdit = z.infer<typeof redirectRuleEditSchema>;
