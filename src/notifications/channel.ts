import type { JsonValue } from '../errors.ts';

/** A notice as it leaves the house. */
export interface Message {
  /** Stays the same over every attempt: whoever gets it twice can tell. */
  id: string;
  event: string;
  /** One line. */
  subject: string;
  /** Lines, ended by a newline. */
  text: string;
  createdAt: Date;
  /** The same for programs. */
  facts: JsonValue;
}

/** How a hand-over ended. `error` is for people: short, and without any secret. */
export type Handover =
  | { ok: true }
  /** Nobody has got it. */
  | { ok: false; error: string }
  /** Some have got it; `remaining` have not. */
  | { ok: false; error: string; remaining: string[] };

/** One way to tell people. Never throws what the other side causes. */
export interface Channel {
  /** @param to only these recipients of several; undefined: all */
  send(message: Message, to?: readonly string[]): Promise<Handover>;
  /** Ends what it keeps open. */
  close(): void;
}

const MAX_ERROR = 300;

/** The text of an error as it may be stored and shown: one line, not long, secrets taken out in any common spelling. */
export function plainError(text: string, secrets: readonly string[]): string {
  const spellings = secrets
    .filter((secret) => secret !== '')
    .flatMap((secret) => [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')]);
  const clean = spellings.reduce((rest, spelling) => rest.replaceAll(spelling, '•••'), text);
  return oneLine(clean).slice(0, MAX_ERROR);
}

/** Everything that could begin a new line, turn text around or do something to a terminal becomes a space. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu, ' ').trim();
}
