import { LANGUAGES, type Language } from '../pages/locales/index.ts';
import { type Match, matchesLanguage, matchesType, prefer } from '../pages/negotiate.ts';

/** What a client can get, the usual one first. */
export const TYPES = ['text/html', 'application/json', 'text/plain'] as const;
export type MediaType = (typeof TYPES)[number];

/** How a body may travel. */
const ENCODINGS = ['identity', 'gzip'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** Headers whose meaning is remembered; browsers send few different ones. */
const KEPT = 500;

/** What a client asks for by `Accept`; HTML where it asks for nothing that there is. */
export const wishedType = remembering<MediaType>(TYPES, matchesType);

/** The language by `Accept-Language`; English where it asks for none that there is. */
export const wishedLanguage = remembering<Language>(LANGUAGES, matchesLanguage);

/** Packed where a client says so by `Accept-Encoding`. */
export const wishedEncoding = remembering<Encoding>(ENCODINGS, (range, offer) => (range === offer ? 3 : 0));

function remembering<T extends string>(
  offers: readonly [T, ...T[]],
  matches: (range: string, offer: T) => Match,
): (header: string | undefined) => T {
  const kept = new Map<string, T>();
  return (header = '') => {
    const known = kept.get(header);
    if (known !== undefined) return known;
    const wished = prefer(header, offers, matches) ?? offers[0];
    if (kept.size >= KEPT) kept.clear();
    // A long one is not worth its room.
    if (header.length <= 200) kept.set(header, wished);
    return wished;
  };
}
