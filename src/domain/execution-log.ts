/** What happened in a window, to one site or to all of it. */
export interface ExecutionEntry {
  /** ISO 8601, UTC. */
  at: string;
  event: ExecutionEvent;
  /** Domain; absent when it is about the whole window. */
  site?: string;
  /** In words: the error, who holds a site, what the selection found. */
  text?: string;
  /** How often in a row it happened, and when last. */
  times?: number;
  lastAt?: string;
}

export type ExecutionEvent =
  | 'started'
  | 'extended'
  | 'closed'
  | 'not_closed'
  | 'reopened'
  | 'still_held'
  | 'not_reopened'
  | 'left_open'
  | 'sites_changed'
  | 'asked'
  | 'ended';

/** Entries about one site, beyond which the older ones of its middle are dropped. */
const MAX_PER_SITE = 12;
/** Entries about the whole window. */
const MAX_OF_WINDOW = 200;
const MAX_TEXT = 300;

/**
 * Adds entries. The log stays bounded by the number of sites, however long a window lasts: what only repeats is
 * counted, and of a site that goes to and fro the first and the latest entries stay.
 */
export function appendEntries(
  log: readonly ExecutionEntry[],
  added: readonly ExecutionEntry[],
): ExecutionEntry[] {
  const ofSite = new Map<string, Placed[]>();
  for (const [place, entry] of [...log, ...added.map(shortened)].entries()) {
    const key = entry.site ?? '';
    const known = ofSite.get(key) ?? [];
    ofSite.set(key, known);
    const last = known.at(-1);
    if (last !== undefined && repeats(last.entry, entry)) last.entry = counted(last.entry, entry);
    else known.push({ entry, place });
    const most = key === '' ? MAX_OF_WINDOW : MAX_PER_SITE;
    if (known.length > most) known.splice(most / 2, 1);
  }
  const kept = [...ofSite.values()].flat();
  // Much happens in the same millisecond: then in the order in which it was told.
  kept.sort((a, b) => a.entry.at.localeCompare(b.entry.at) || a.place - b.place);
  return kept.map(({ entry }) => entry);
}

interface Placed {
  entry: ExecutionEntry;
  place: number;
}

/** True when a site of the window was closed by it. */
export function hasClosedAny(log: readonly ExecutionEntry[]): boolean {
  return log.some(({ event }) => event === 'closed');
}

function repeats(last: ExecutionEntry, entry: ExecutionEntry): boolean {
  return last.event === entry.event && last.text === entry.text;
}

function counted(last: ExecutionEntry, entry: ExecutionEntry): ExecutionEntry {
  return { ...last, times: (last.times ?? 1) + (entry.times ?? 1), lastAt: entry.lastAt ?? entry.at };
}

function shortened(entry: ExecutionEntry): ExecutionEntry {
  const { text } = entry;
  return text === undefined || text.length <= MAX_TEXT
    ? entry
    : { ...entry, text: `${text.slice(0, MAX_TEXT)}…` };
}
