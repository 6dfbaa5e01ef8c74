import type { Zone } from './zones.ts';

type Filter = (zone: Zone) => boolean;

/** `GET /zones`: filters, order and pages of 5.1. A page past the end is empty, not an error. */
export function listZones(zones: readonly Zone[], query: URLSearchParams) {
  const found = sortZones(filterZones(zones, query), query);
  const page = Math.max(1, integer(query.get('page'), 1));
  // Real tools ask for more than the documented 50, so the number is brought into range, not refused.
  const perPage = Math.min(50, Math.max(5, integer(query.get('per_page'), 20)));
  const shown = found.slice((page - 1) * perPage, page * perPage);
  const resultInfo = {
    page,
    per_page: perPage,
    count: shown.length,
    total_count: found.length,
    total_pages: Math.ceil(found.length / perPage),
  };
  return { zones: shown, resultInfo };
}

function filterZones(zones: readonly Zone[], query: URLSearchParams): readonly Zone[] {
  const visible = query.has('type') ? zones : zones.filter((zone) => zone.type !== 'internal');
  const filters = filtersOf(query);
  if (filters.length === 0) return visible;
  const any = query.get('match') === 'any';
  return visible.filter((zone) =>
    any ? filters.some((filter) => filter(zone)) : filters.every((filter) => filter(zone)),
  );
}

function filtersOf(query: URLSearchParams): Filter[] {
  const fields: [name: string, filter: (wanted: string) => Filter][] = [
    ['name', (wanted) => byText(wanted, (zone) => zone.name)],
    ['account.name', (wanted) => byText(wanted, (zone) => zone.account.name)],
    ['account.id', (wanted) => (zone) => zone.account.id === wanted],
    ['status', (wanted) => (zone) => zone.config.status === wanted],
    ['type', (wanted) => (zone) => wanted.split(',').includes(zone.type)],
  ];
  return fields.flatMap(([name, filter]) => {
    const wanted = query.get(name);
    return wanted === null ? [] : [filter(wanted)];
  });
}

const comparisons: Record<string, (value: string, wanted: string) => boolean> = {
  equal: (value, wanted) => value === wanted,
  not_equal: (value, wanted) => value !== wanted,
  starts_with: (value, wanted) => value.startsWith(wanted),
  ends_with: (value, wanted) => value.endsWith(wanted),
  contains: (value, wanted) => value.includes(wanted),
};

/** `operator:value`, or a plain value that must be equal (5.1). */
function byText(wanted: string, textOf: (zone: Zone) => string): Filter {
  const [, operator = 'equal', caseSensitive, rest] =
    /^([a-z]+(?:_[a-z]+)??)(_case_sensitive)?:(.*)$/s.exec(wanted) ?? [];
  const compare = comparisons[operator];
  if (compare === undefined || rest === undefined) return (zone) => sameText(textOf(zone), wanted);
  const fold = (text: string) => (caseSensitive === undefined ? text.toLowerCase() : text);
  return (zone) => compare(fold(textOf(zone)), fold(rest));
}

function sameText(value: string, wanted: string): boolean {
  return value.toLowerCase() === wanted.toLowerCase();
}

const orderKeys: Record<string, (zone: Zone) => string> = {
  name: (zone) => zone.name,
  status: (zone) => zone.config.status,
  'account.id': (zone) => zone.account.id,
  'account.name': (zone) => zone.account.name,
  'plan.id': (zone) => zone.plan,
};

/** Without `order` zones come in the order in which they were added; Cloudflare's default is not documented. */
function sortZones(zones: readonly Zone[], query: URLSearchParams): readonly Zone[] {
  const key = orderKeys[query.get('order') ?? ''];
  const sign = query.get('direction') === 'desc' ? -1 : 1;
  if (key === undefined) return sign === 1 ? zones : zones.toReversed();
  return zones.toSorted((a, b) => sign * compareText(key(a), key(b)));
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function integer(text: string | null, fallback: number): number {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : fallback;
}
