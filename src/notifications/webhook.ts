import { createHmac } from 'node:crypto';
import { type Channel, type Handover, type Message, plainError } from './channel.ts';

/** Sends one POST by the rules for addresses that people configure, and never follows a redirect. */
export type Post = (
  url: string,
  request: { headers: Record<string, string>; body: string; timeoutMs: number; maxBytes: number },
) => Promise<{ ok: true; status: number } | { ok: false; message: string }>;

export interface WebhookOptions {
  url: string;
  /** Signs every request. */
  secret: string;
  post: Post;
  now: () => Date;
}

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 65_536;

/** Posts notices as JSON to one address. Any status from 200 to 299 means that it was taken. */
export class WebhookChannel implements Channel {
  readonly #options: WebhookOptions;

  constructor(options: WebhookOptions) {
    this.#options = options;
  }

  async send(message: Message): Promise<Handover> {
    const { url, secret, post, now } = this.#options;
    const body = webhookBody(message);
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      'idempotency-key': message.id,
      'intermission-event': message.event,
      'intermission-signature': signature(secret, body, now()),
    };
    const reply = await post(url, { headers, body, timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES });
    if (!reply.ok) return { ok: false, error: plainError(reply.message, [url, secret]) };
    if (reply.status >= 200 && reply.status < 300) return { ok: true };
    const redirect = reply.status >= 300 && reply.status < 400 ? '; redirects are not followed' : '';
    return { ok: false, error: `The webhook answered ${reply.status}${redirect}.` };
  }

  close(): void {}
}

/** The document that a webhook gets: described in docs/notifications.md. */
function webhookBody({ id, event, subject, text, createdAt, facts }: Message): string {
  return JSON.stringify({
    version: 1,
    id,
    event,
    createdAt: createdAt.toISOString(),
    subject,
    text,
    data: facts,
  });
}

/** `t=SECONDS,v1=HEX`: HMAC-SHA256 over `SECONDS.BODY`. The time is part of it, so that an old request can be told. */
function signature(secret: string, body: string, now: Date): string {
  const seconds = Math.floor(now.getTime() / 1000);
  const hex = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${hex}`;
}
