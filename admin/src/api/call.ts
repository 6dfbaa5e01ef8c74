import { HttpError } from 'react-admin';
import type { ErrorAnswer } from '../../../src/server/contract/common.ts';

const API = 'api';

type Query = Record<string, string | number | boolean | null | undefined>;

/**
 * Asks the server, with the session of this browser.
 *
 * @param path below `/admin/api`, such as `/sites/3`
 * @throws HttpError with the server's own words, `body` an `ErrorAnswer`; status 0 when it cannot be reached
 */
export async function call<Answer>(method: string, path: string, body?: object): Promise<Answer> {
  const json = body === undefined ? {} : { 'content-type': 'application/json' };
  const reply = await fetch(`${API}${path}`, {
    method,
    headers: { accept: 'application/json', ...json },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }).catch(() => {
    throw new HttpError('The server cannot be reached. Is it running, and are you online?', 0);
  });
  const answer: unknown = await reply.json().catch(() => null);
  if (reply.ok) return answer as Answer;
  throw toHttpError(reply.status, answer as Partial<ErrorAnswer> | null);
}

/** `/sites` and `{ q: 'a', page: 2 }` as `/sites?q=a&page=2`; what is empty is left out. */
export function withQuery(path: string, query: Query): string {
  const entries = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === null || value === '' ? [] : [[name, String(value)]],
  );
  return entries.length === 0 ? path : `${path}?${new URLSearchParams(entries)}`;
}

function toHttpError(status: number, answer: Partial<ErrorAnswer> | null): HttpError {
  const { message = `The server answered with status ${status}.`, hint } = answer ?? {};
  return new HttpError(hint ? `${message} ${hint}` : message, status, answer);
}
