import type { IncomingHttpHeaders } from 'node:http';
import type { RequestFilter, RequestMatch } from './schemas.ts';

export interface RequestLogEntry {
  /** Counts on for the life of the emulator, also when the log is cleared. */
  n: number;
  /** ISO time of arrival. */
  at: string;
  method: string;
  /** Without `/client/v4` and without the query. */
  path: string;
  query: Record<string, string>;
  /** Absent until it is known, and for ever when the request was never performed nor answered. */
  status?: number;
  /** Code of the first error. */
  code?: number;
  zoneId?: string;
  /** Not a GET or HEAD. */
  write: boolean;
  /** Whether it changed a zone. */
  changed: boolean;
  /** Whether the whole reply was handed to the connection. */
  answered: boolean;
  /** All headers as received, the credentials too. */
  headers: IncomingHttpHeaders;
  body?: unknown;
  unknown: boolean;
  /** Kind of the fault that was applied. */
  fault?: string;
}

/** Old entries go in blocks, so that the log of an emulator that runs for weeks stays bounded and adding stays cheap. */
const mostEntries = 100_000;
const dropped = 10_000;

export class RequestLog {
  #entries: RequestLogEntry[] = [];
  #count = 0;

  add(entry: Omit<RequestLogEntry, 'n'>): RequestLogEntry {
    this.#count += 1;
    const numbered = { n: this.#count, ...entry };
    this.#entries.push(numbered);
    if (this.#entries.length > mostEntries) this.#entries.splice(0, dropped);
    return numbered;
  }

  find(filter: RequestFilter = {}): RequestLogEntry[] {
    return this.#entries.filter((entry) => isWanted(entry, filter));
  }

  clear(): void {
    this.#entries = [];
  }
}

function isWanted(entry: RequestLogEntry, filter: RequestFilter): boolean {
  if (filter.after !== undefined && entry.n <= filter.after) return false;
  if (filter.zone !== undefined && entry.zoneId !== filter.zone) return false;
  if (filter.status !== undefined && entry.status !== filter.status) return false;
  if (filter.write !== undefined && entry.write !== filter.write) return false;
  if (filter.unknown !== undefined && entry.unknown !== filter.unknown) return false;
  return isMatch(entry, filter);
}

/** Whether a request is one that a fault, a hold or a filter means. */
export function isMatch(
  request: Pick<RequestLogEntry, 'method' | 'path' | 'write'>,
  match: Pick<RequestMatch, 'method' | 'path' | 'writesOnly'>,
): boolean {
  if (match.writesOnly === true && !request.write) return false;
  if (match.method !== undefined && match.method.toUpperCase() !== request.method) return false;
  return match.path === undefined || new RegExp(match.path).test(request.path);
}
