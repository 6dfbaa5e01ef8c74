import type { EdgeRequest } from '../edge-request.ts';
import type { Plan } from '../schemas.ts';
import { type AddressRange, parseAddress } from './addresses.ts';
import { normalizePath } from './normalize-path.ts';

/** What expressions are evaluated on. */
export interface Subject extends EdgeRequest {
  /** `http.host`: as sent or in lower case, by a switch. */
  readonly host: string;
}

export type FieldDefinition =
  | { readonly type: 'string'; readonly read: (subject: Subject) => string }
  | { readonly type: 'boolean'; readonly read: (subject: Subject) => boolean }
  | { readonly type: 'address'; readonly read: (subject: Subject) => AddressRange | undefined }
  | {
      readonly type: 'map';
      readonly read: (subject: Subject, key: string) => readonly string[];
      readonly plan?: Plan;
    };

const text = (read: (subject: Subject) => string): FieldDefinition => ({ type: 'string', read });
const header = (name: string) => text(({ headers }) => String(headers[name] ?? ''));

/** The fields of 3.3 and their nearest relatives. A path is normalised, its `raw` form is as the visitor sent it. */
export const fields: Readonly<Record<string, FieldDefinition>> = {
  'http.host': text(({ host }) => host),
  'http.request.method': text(({ method }) => method),
  'http.request.full_uri': text((subject) => origin(subject) + pathOf(subject) + subject.url.query),
  'http.request.uri': text((subject) => pathOf(subject) + subject.url.query),
  'http.request.uri.path': text(pathOf),
  'http.request.uri.query': text(({ url }) => url.query.slice(1)),
  'raw.http.request.full_uri': text((subject) => origin(subject) + subject.url.path + subject.url.query),
  'raw.http.request.uri': text(({ url }) => url.path + url.query),
  'raw.http.request.uri.path': text(({ url }) => url.path),
  'raw.http.request.uri.query': text(({ url }) => url.query.slice(1)),
  'http.cookie': header('cookie'),
  'http.user_agent': header('user-agent'),
  'http.referer': header('referer'),
  ssl: { type: 'boolean', read: ({ url }) => url.scheme === 'https' },
  'ip.src': { type: 'address', read: ({ from }) => parseAddress(from) },
  'http.request.cookies': { type: 'map', read: readCookies, plan: 'pro' },
  'http.request.headers': { type: 'map', read: readHeaders },
  'http.request.uri.args': {
    type: 'map',
    read: ({ url }, key) => new URLSearchParams(url.query).getAll(key),
  },
};

function origin({ url, host }: Subject): string {
  return `${url.scheme}://${host}`;
}

function pathOf({ url }: Subject): string {
  return normalizePath(url.path);
}

function readCookies({ headers }: Subject, key: string): string[] {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.filter((pair) => pair.startsWith(`${key}=`)).map((pair) => pair.slice(key.length + 1));
}

/** Names of headers are in lower case. */
function readHeaders({ headers }: Subject, key: string): string[] {
  const value = headers[key];
  return value === undefined ? [] : [value].flat();
}
