/** What an endpoint answers; the server adds the headers that every reply has. */
export interface Reply {
  status: number;
  /** Serialised as JSON unless `raw` is given. */
  body?: unknown;
  raw?: { contentType: string; text: string };
  headers?: Record<string, string>;
}

export interface ApiMessage {
  code: number;
  message: string;
}

export interface MessageItem extends ApiMessage {
  type: null;
}

/** How page rules word the details of a refusal (2.3). */
export function messageItems(texts: readonly string[]): MessageItem[] {
  return texts.map((message) => ({ code: 1, message, type: null }));
}

/** A success in the key order of recordings (1.2); all documented ones are 200 (1.1). */
export function success(
  result: unknown,
  extra: { resultInfo?: unknown; messages?: MessageItem[] } = {},
): Reply {
  const body: Record<string, unknown> = { result };
  if (extra.resultInfo !== undefined) body['result_info'] = extra.resultInfo;
  return { status: 200, body: { ...body, success: true, errors: [], messages: extra.messages ?? [] } };
}

/** A failure in the key order of recordings (1.2). */
export function failure(status: number, errors: object[], messages: MessageItem[] = []): Reply {
  return { status, body: { success: false, errors, messages, result: null } };
}

/** Empty `errors` and `messages` of a success become null, as one client's recordings have them (1.2). */
export function withNullErrors(reply: Reply): Reply {
  const body = reply.body as { success?: unknown; errors?: unknown[]; messages?: unknown[] } | undefined;
  if (body?.success !== true) return reply;
  const orNull = (list: unknown[] | undefined) => (list?.length === 0 ? null : list);
  return { ...reply, body: { ...body, errors: orNull(body.errors), messages: orNull(body.messages) } };
}

/** The first error's code, for the request log. */
export function codeOf(reply: Reply): number | undefined {
  const body = reply.body as { errors?: ApiMessage[] | null } | undefined;
  return body?.errors?.[0]?.code;
}
