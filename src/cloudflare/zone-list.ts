import { z } from 'zod';
import type { Answer, ApiCaller } from './api-caller.ts';
import type { CallOptions, UnreadableZone, Zone, ZonePage } from './types.ts';
import { zoneSchema } from './wire.ts';

/** The largest page that Cloudflare serves. */
const PER_PAGE = 50;

/** So many pages are asked for at the same time. The pacer lets twice as many pass: others get their turn. */
const AHEAD = 8;

type ReadPage = (page: number, signal?: AbortSignal) => Promise<Answer<Element[]>>;

/**
 * Pages of zones, by name. Once the first reply has told how many there are, several are read at the same time; they
 * come in their order. Where no reply tells, the end is the first page that brings nothing new: an empty one, or the
 * same again. A zone that moves to a later page meanwhile comes once; one that moves to an earlier page may be missed.
 */
export async function* listZonePages(
  api: ApiCaller,
  filter: { name?: string },
  options: CallOptions,
): AsyncGenerator<ZonePage, void, undefined> {
  const seen = new Set<string>();
  const read: ReadPage = (page, signal) =>
    readPage(api, { ...filter, page, per_page: PER_PAGE }, withSignal(options, signal));
  const first = await read(1);
  yield pageOf(first, seen);
  if (first.totalPages !== undefined) yield* readAhead(read, first.totalPages, seen);
  else if (first.result.length > 0) yield* readUntilEmpty(read, seen);
}

/** Some zones: shows that the token may read zones, and of which account. */
export async function firstZones(api: ApiCaller, options: CallOptions): Promise<Zone[]> {
  return pageOf(await readPage(api, { page: 1, per_page: 5 }, options), new Set()).zones;
}

/**
 * The zone of `domain`: the one with that name, else of the nearest parent that has one. Of several with one
 * name (pending in other accounts), the active one.
 */
export async function findZone(
  api: ApiCaller,
  domain: string,
  options: CallOptions,
): Promise<Zone | undefined> {
  for (const name of withParents(domain)) {
    const zones: Zone[] = [];
    for await (const page of listZonePages(api, { name }, options)) zones.push(...page.zones);
    const named = zones.filter((zone) => zone.name.toLowerCase() === name);
    const zone = named.find(({ status }) => status === 'active') ?? named[0];
    if (zone !== undefined) return zone;
  }
  return undefined;
}

/** `a.b.example.com` → itself, `b.example.com`, `example.com`. A top-level domain is nobody's zone. */
function withParents(domain: string): string[] {
  const labels = domain.toLowerCase().replace(/\.$/, '').split('.');
  return labels.slice(0, Math.max(1, labels.length - 1)).map((_, index) => labels.slice(index).join('.'));
}

/** From page 2 to the last one; more of them when the list grows meanwhile. */
async function* readAhead(
  read: ReadPage,
  lastPage: number,
  seen: Set<string>,
): AsyncGenerator<ZonePage, void, undefined> {
  const ended = new AbortController();
  const underWay: Promise<Answer<Element[]>>[] = [];
  let last = lastPage;
  let asked = 1;
  const askForMore = () => {
    while (asked < last && underWay.length < AHEAD) {
      asked += 1;
      const answer = read(asked, ended.signal);
      // Waited for in its turn; what fails before that is not unhandled.
      answer.catch(() => undefined);
      underWay.push(answer);
    }
  };
  try {
    askForMore();
    for (let next = underWay.shift(); next !== undefined; next = underWay.shift()) {
      const answer = await next;
      last = Math.max(last, answer.totalPages ?? 0);
      askForMore();
      yield pageOf(answer, seen);
    }
  } finally {
    ended.abort();
  }
}

async function* readUntilEmpty(read: ReadPage, seen: Set<string>): AsyncGenerator<ZonePage, void, undefined> {
  for (let number = 2; ; number += 1) {
    const page = pageOf(await read(number), seen);
    if (page.zones.length + page.unreadable.length === 0) return;
    yield page;
  }
}

/** What a reply brings that has not come before. */
function pageOf({ result, totalCount }: Answer<Element[]>, seen: Set<string>): ZonePage {
  const page: ZonePage = { zones: [], unreadable: [], total: totalCount };
  for (const { zone, unreadable } of result) {
    const key = zone?.id ?? unreadable?.id ?? unreadable?.name ?? unreadable?.problem;
    if (key != null && seen.has(key)) continue;
    if (key != null) seen.add(key);
    if (zone !== undefined) page.zones.push(zone);
    if (unreadable !== undefined) page.unreadable.push(unreadable);
  }
  return page;
}

/** One element of the list: a zone, or what is known of something that is none. */
type Element = { zone: Zone; unreadable?: never } | { zone?: never; unreadable: UnreadableZone };

// Reduced to what is used as soon as a reply is there: several wait for their turn.
const elementSchema = z.unknown().transform((element): Element => {
  const { data: zone, error } = zoneSchema.safeParse(element);
  return zone === undefined ? { unreadable: describeUnreadable(element, error) } : { zone };
});

const nameTag = z.string().nullable().catch(null);
const nameTags = z.object({ id: nameTag, name: nameTag }).catch({ id: null, name: null });

function describeUnreadable(element: unknown, error: z.ZodError | undefined): UnreadableZone {
  return {
    ...nameTags.parse(element),
    problem: error === undefined ? '' : z.prettifyError(error).replace(/\s+/g, ' '),
  };
}

function withSignal(options: CallOptions, signal: AbortSignal | undefined): CallOptions {
  if (signal === undefined) return options;
  return {
    ...options,
    signal: options.signal === undefined ? signal : AbortSignal.any([options.signal, signal]),
  };
}

async function readPage(
  api: ApiCaller,
  query: { page: number; per_page: number; name?: string },
  options: CallOptions,
): Promise<Answer<Element[]>> {
  return await api.repeatable(
    {
      doing: 'list the zones',
      write: false,
      send: (sdk) => sdk.zones.list({ ...query, order: 'name', direction: 'asc' }),
      result: z.array(elementSchema),
    },
    options,
  );
}
