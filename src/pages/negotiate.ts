/** Longest header that is looked at, characters; browsers send far less. */
const MAX_LENGTH = 500;

/**
 * What of `offers` a client prefers, by a header such as `text/html, application/json;q=0.9` or `de-CH, en;q=0.8`
 * (RFC 9110, 12.5): the highest weight wins, among equals what is named before what a wildcard takes along, then what
 * the header names first. Undefined: none is acceptable.
 *
 * @param matches how an entry of the header, lower-case and without parameters, means the offer
 */
export function prefer<T extends string>(
  header: string,
  offers: readonly T[],
  matches: (range: string, offer: T) => Match,
): T | undefined {
  const ranges = header.slice(0, MAX_LENGTH).split(',').map(parseRange);
  const wishes = offers.map((offer) => wishFor(offer, ranges, matches)).filter(({ weight }) => weight > 0);
  const [best] = wishes.sort(
    (a, b) => b.weight - a.weight || Number(a.match === 1) - Number(b.match === 1) || a.position - b.position,
  );
  return best?.offer;
}

/** How closely an entry means an offer: not at all, by a wildcard, or by its name. The closest one decides. */
export type Match = 0 | 1 | 2 | 3;

/** Any type, any text, or one type. */
export function matchesType(range: string, offer: string): Match {
  if (range === '*/*') return 1;
  if (range.endsWith('/*')) return offer.startsWith(range.slice(0, -1)) ? 2 : 0;
  return range === offer ? 3 : 0;
}

/** Any language, `de`, or `de-CH`, which `de` serves as well. */
export function matchesLanguage(range: string, offer: string): Match {
  if (range === '*') return 1;
  if (range === offer) return 3;
  return range.startsWith(`${offer}-`) ? 2 : 0;
}

interface Range {
  name: string;
  weight: number;
}

function parseRange(text: string): Range {
  const [name = '', ...parameters] = text.split(';').map((piece) => piece.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith('q='));
  const weight = quality === undefined ? 1 : Number(quality.slice(2));
  return { name, weight: weight >= 0 && weight <= 1 ? weight : 0 };
}

interface Wish<T> {
  offer: T;
  match: Match;
  weight: number;
  /** Of the entry in the header. */
  position: number;
}

function wishFor<T extends string>(
  offer: T,
  ranges: readonly Range[],
  matches: (range: string, offer: T) => Match,
): Wish<T> {
  const none: Wish<T> = { offer, match: 0, weight: 0, position: 0 };
  return ranges.reduce((closest, { name, weight }, position) => {
    const match = matches(name, offer);
    return match > closest.match ? { offer, match, weight, position } : closest;
  }, none);
}
