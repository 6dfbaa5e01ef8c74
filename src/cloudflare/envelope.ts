import { z } from 'zod';
import type { Reply } from './exchange.ts';

const note = z.object({ code: z.number().optional().catch(undefined), message: z.string().catch('') });
// `errors: null` and `messages: null` are seen in real replies; a note of another shape is left out.
const notes = z
  .array(note.nullable().catch(null))
  .nullish()
  .catch(null)
  .transform((list) => (list ?? []).filter((item) => item !== null));

const count = z.number().int().nonnegative().nullish().catch(null);

const envelopeSchema = z.object({
  success: z.boolean(),
  result: z.unknown().optional(),
  errors: notes,
  messages: notes,
  result_info: z.object({ total_pages: count, total_count: count }).nullish().catch(null),
});

/** The frame of every JSON reply of Cloudflare's API v4. */
export type Envelope = z.infer<typeof envelopeSchema>;
export type Note = z.infer<typeof note>;

/** The envelope of a reply, or undefined when the body is anything else: HTML, broken JSON, cut off. */
export function readEnvelope(reply: Reply): Envelope | undefined {
  if (reply.tooLarge) return undefined;
  try {
    return envelopeSchema.safeParse(JSON.parse(reply.text)).data;
  } catch {
    return undefined;
  }
}
