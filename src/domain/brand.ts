import { IntermissionError, type JsonValue } from '../errors.ts';
import { shorten } from './domain-name.ts';

/** The looks of the maintenance page. */
export const TEMPLATES = ['modern', 'simple', 'premium', 'minimal'] as const;
export type TemplateName = (typeof TEMPLATES)[number];

/** How the maintenance page of a site looks and what it offers. What is left out is not shown, or has a default. */
export interface Brand {
  template?: TemplateName;
  /** `#rrggbb`. */
  color?: string;
  /** A picture as a `data:` URL: the page asks no other server for anything. */
  logo?: string;
  /** A mail address, an http or https address, or plain text. */
  contact?: string;
  statusPage?: string;
}

/** Changes of a brand; null or an empty text removes, what is left out stays. */
export type BrandInput = { readonly [Field in keyof Brand]?: string | null | undefined };

/** Largest logo, bytes: it travels with every page. */
export const MAX_LOGO_BYTES = 16_384;
const MAX_ADDRESS_LENGTH = 500;
const MAX_CONTACT_LENGTH = 200;

/**
 * Picture formats by their first bytes. SVG is shown as a picture, where browsers run no script and load nothing.
 */
const PICTURES: readonly (readonly [type: string, looksLike: (bytes: Buffer) => boolean])[] = [
  ['image/png', (bytes) => bytes.subarray(0, 4).toString('latin1') === '\x89PNG'],
  ['image/jpeg', (bytes) => bytes.subarray(0, 3).toString('latin1') === '\xff\xd8\xff'],
  ['image/gif', (bytes) => bytes.subarray(0, 4).toString('latin1') === 'GIF8'],
  ['image/webp', (bytes) => bytes.subarray(8, 12).toString('latin1') === 'WEBP'],
  ['image/svg+xml', (bytes) => /^\s*(<\?xml|<!--|<!doctype svg|<svg)/i.test(bytes.toString('utf8'))],
];

/**
 * Checks each field that is given and gives it the stored form; null removes it.
 *
 * @throws IntermissionError `validation_failed`
 */
export function parseBrand(input: BrandInput): { [Field in keyof Brand]: Brand[Field] | null } {
  const parsed = Object.entries(PARSERS).flatMap(([field, parse]) => {
    const text = input[field as keyof Brand];
    if (text === undefined) return [];
    return [[field, text === null || text.trim() === '' ? null : parse(text.trim())]];
  });
  return Object.fromEntries(parsed) as { [Field in keyof Brand]: Brand[Field] | null };
}

/** A brand with changes made, without what they remove. */
export function withChanges(brand: Brand, changes: { [Field in keyof Brand]: Brand[Field] | null }): Brand {
  const merged = Object.entries({ ...brand, ...changes });
  return Object.fromEntries(merged.filter(([, value]) => value !== null));
}

/** A brand as the database has it. What an older or newer version wrote and this one cannot read is left out. */
export function readBrand(stored: { readonly [field: string]: JsonValue }): Brand {
  const fields = Object.entries(stored).filter(([field, value]) => isReadable(field, value));
  return Object.fromEntries(fields) as Brand;
}

/** A brand in words, its logo by type and size only: for people and the log. */
export function describeBrand(brand: Brand): { [field: string]: string } {
  const { logo, ...rest } = brand;
  return logo === undefined ? { ...rest } : { ...rest, logo: describeLogo(logo) };
}

/**
 * A picture as it is stored.
 *
 * @throws IntermissionError `validation_failed` when it is too large or of a format that pages do not show
 */
export function toLogo(bytes: Buffer): string {
  const type = PICTURES.find(([, looksLike]) => looksLike(bytes))?.[0];
  if (type === undefined) throw refuse('The logo is not a picture that browsers show.', LOGO_HINT);
  if (bytes.length > MAX_LOGO_BYTES) {
    throw refuse(`The logo has ${bytes.length} bytes; ${MAX_LOGO_BYTES} are allowed.`, LOGO_HINT);
  }
  return `data:${type};base64,${bytes.toString('base64')}`;
}

const LOGO_HINT = 'Give a PNG, JPEG, GIF, WebP or SVG file of at most 16 KB: it travels with every page.';

const PARSERS: { [Field in keyof Brand]-?: (text: string) => string } = {
  template: parseTemplate,
  color: parseColor,
  logo: parseLogo,
  contact: parseContact,
  statusPage: parseStatusPage,
};

function isReadable(field: string, value: JsonValue): boolean {
  if (typeof value !== 'string' || !Object.hasOwn(PARSERS, field)) return false;
  try {
    return PARSERS[field as keyof Brand](value) === value;
  } catch {
    return false;
  }
}

function parseTemplate(text: string): TemplateName {
  const template = TEMPLATES.find((name) => name === text);
  if (template !== undefined) return template;
  throw refuse(`There is no template "${shorten(text)}".`, `Use ${TEMPLATES.join(', ')}.`);
}

function parseColor(text: string): string {
  const [, digits = ''] = /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text) ?? [];
  const full = digits.length === 3 ? digits.replace(/./g, '$&$&') : digits;
  if (full !== '') return `#${full.toLowerCase()}`;
  throw refuse(`"${shorten(text)}" is not a colour.`, 'Give it as #rrggbb, such as #0a7f5a.');
}

function parseLogo(text: string): string {
  const [, data] = /^data:image\/[a-z+]+;base64,([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  if (data === undefined) throw refuse('The logo is not a picture that is part of the page.', LOGO_HINT);
  return toLogo(Buffer.from(data, 'base64'));
}

function parseContact(text: string): string {
  if (
    text.length <= MAX_CONTACT_LENGTH &&
    !/\p{Cc}/u.test(text) &&
    !/^(javascript|data|vbscript):/i.test(text)
  )
    return text;
  throw refuse(
    `"${shorten(text)}" cannot be shown as a contact.`,
    `Give a mail address, an https address, or up to ${MAX_CONTACT_LENGTH} characters of text on one line.`,
  );
}

function parseStatusPage(text: string): string {
  const url = webAddress(text);
  if (url !== undefined && url.length <= MAX_ADDRESS_LENGTH) return url;
  throw refuse(
    `"${shorten(text)}" cannot be the address of a status page.`,
    `Give an http or https address of at most ${MAX_ADDRESS_LENGTH} characters, without user and password.`,
  );
}

/** Where a contact leads to; undefined for one that is only read. */
export function contactLink(contact: string): string | undefined {
  return /^[^\s@<>"]+@[^\s@<>"]+\.[^\s@<>"]+$/.test(contact) && !contact.includes('://')
    ? `mailto:${encodeURIComponent(contact).replace('%40', '@')}`
    : webAddress(contact);
}

function webAddress(text: string): string | undefined {
  const url = /^https?:\/\//i.test(text) ? URL.parse(text) : null;
  return url === null || url.username !== '' || url.password !== '' ? undefined : url.href;
}

function describeLogo(logo: string): string {
  const [, type = '', data = ''] = /^data:([^;]+);base64,(.*)$/.exec(logo) ?? [];
  return `${type}, ${Buffer.from(data, 'base64').length} bytes`;
}

function refuse(message: string, hint: string): IntermissionError {
  return new IntermissionError('validation_failed', message, { hint });
}
