import * as z from 'zod/mini';

/**
 * Building blocks of the configuration schema. Each takes the text of a variable, or the value of an
 * override, and either returns the parsed value or an issue that says what was expected.
 * They use `zod/mini`, which costs a command 7 ms at start instead of 24 ms.
 */

/** A setting that `parse` understands; where it returns undefined, the fault reads "must be `expected`". */
function setting<T>(expected: string, parse: (text: string) => T | undefined) {
  return z.pipe(
    z.coerce.string(),
    z.transform((text, context): T => {
      const value = parse(text.trim());
      if (value !== undefined) return value;
      context.issues.push({ code: 'custom', message: `must be ${expected}`, input: text });
      return z.NEVER;
    }),
  );
}

export function text(expected = 'text') {
  return setting(expected, (value) => (value === '' ? undefined : value));
}

/** Text without white space: a token or a key. */
export function word(expected: string) {
  return setting(expected, (value) => (/^[\x21-\x7e]+$/.test(value) ? value : undefined));
}

/** A {@link word} that cannot be guessed. */
export function longWord(min: number) {
  return setting(`at least ${min} characters without white space`, (value) =>
    value.length >= min && /^[\x21-\x7e]+$/.test(value) ? value : undefined,
  );
}

export function flag() {
  return setting('1, true, yes or on, or 0, false, no or off', (value) => {
    if (/^(1|true|yes|on)$/i.test(value)) return true;
    return /^(0|false|no|off)$/i.test(value) ? false : undefined;
  });
}

export function wholeNumber(min: number, max: number) {
  return setting(`a whole number from ${min} to ${max}`, (value) =>
    within(min, max, /^\d+$/.test(value) ? Number(value) : undefined),
  );
}

export function seconds(min: number, max: number) {
  return setting(`a number of seconds from ${min} to ${max}`, (value) =>
    within(min, max, /^\d+(\.\d+)?$/.test(value) ? Number(value) : undefined),
  );
}

/** One word out of a list, in any case. */
export function choice<const T extends string>(words: readonly T[]) {
  return setting(`one of ${words.join(', ')}`, (value) => words.find((word) => word === value.toLowerCase()));
}

/** An address or name that a server listens on. */
export function listenHost() {
  return setting('an address or host name', (value) => (/^[\w.:-]+$/.test(value) ? value : undefined));
}

/** An absolute http or https address without credentials, query or fragment; trailing slashes are dropped. */
export function baseUrl() {
  return setting('an http or https URL without user, query or fragment', (value) => plainBase(value)?.text);
}

/** Like {@link baseUrl}, but unencrypted only to this machine: a secret is sent there. */
export function secureBaseUrl() {
  return setting('an https URL without user, query or fragment (http only to this machine)', (value) => {
    const base = plainBase(value);
    return base !== undefined && (base.url.protocol === 'https:' || isLoopback(base.url))
      ? base.text
      : undefined;
  });
}

/** An absolute http or https address that may hold the placeholders `{domain}` and, in its query, `{until}`. */
export function pageUrl() {
  return setting('an http or https URL of at most 500 characters', (value) => {
    const url = httpUrl(value.replaceAll('{domain}', 'example.com'));
    const isPlain = url !== undefined && url.username === '' && !/[{}]|%7[bd]/i.test(url.pathname);
    return isPlain && value.length <= 500 ? value : undefined;
  });
}

/** An http or https address without path, or `HOST:PORT`, which stands for http. */
export function edgeAddress() {
  return setting('an http or https URL without path, or HOST:PORT', (value) => {
    const base = plainBase(/^https?:\/\//i.test(value) ? value : `http://${value}`);
    return base?.url.pathname === '/' ? base.text : undefined;
  });
}

/** A SQLite file (`sqlite:PATH`, `file:PATH`, a plain path or `:memory:`) or a PostgreSQL address. */
export function databaseUrl() {
  return setting('sqlite:PATH or postgresql://USER:PASSWORD@HOST/DATABASE', (value) => {
    if (/^postgres(ql)?:/i.test(value)) return URL.canParse(value) ? value : undefined;
    const path = value.replace(/^(sqlite|file):/i, '');
    // One letter before a colon is a drive of Windows.
    return path === '' || /^[a-z][a-z0-9+.-]+:/i.test(path) ? undefined : value;
  });
}

/** Where a secret is sent that must stay one: https, or http to this machine. Path and query are kept. */
export function webhookUrl() {
  return setting('an https URL without user (http only to this machine)', (value) => {
    const url = httpUrl(value);
    if (url === undefined || url.username !== '' || url.password !== '') return undefined;
    return url.protocol === 'https:' || isLoopback(url) ? value : undefined;
  });
}

/** A mail server: `smtps://` is TLS from the start, `smtp://` begins in clear text. */
export function smtpUrl() {
  return setting('smtps://USER:PASSWORD@HOST:PORT or smtp://…, with the user percent-encoded', (value) => {
    if (!/^smtps?:\/\/[^/]/i.test(value) || !URL.canParse(value)) return undefined;
    const { hostname, pathname, search, hash, username, password } = new URL(value);
    const isPlain = hostname !== '' && /^\/?$/.test(pathname) && search === '' && hash === '';
    return isPlain && [username, password].every(isPercentEncoded) ? value : undefined;
  });
}

/** `ops@example.com` or `Name <ops@example.com>`. */
export function mailAddress() {
  return setting('a mail address: ops@example.com, or Name <ops@example.com>', (value) =>
    ADDRESS.test(value) || NAMED_ADDRESS.test(value) ? value : undefined,
  );
}

/** At least one mail address, separated by commas. */
export function mailAddresses() {
  return setting('mail addresses, separated by commas', (value) => {
    const addresses = value
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
    const isFine = addresses.length > 0 && addresses.every((address) => ADDRESS.test(address));
    return isFine ? [...new Set(addresses)] : undefined;
  });
}

/** Strict enough that nothing of it can be read as another header or a second address. */
const ADDRESS = /^[\w.!#$%&'*+/=?^`{|}~-]+@[\p{L}\d]([\p{L}\d.-]*[\p{L}\d])?$/u;
const NAMED_ADDRESS = /^[^<>@,;:"\\\p{Cc}]+<[\w.!#$%&'*+/=?^`{|}~-]+@[\p{L}\d]([\p{L}\d.-]*[\p{L}\d])?>$/u;

function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function within(min: number, max: number, value: number | undefined): number | undefined {
  return value !== undefined && value >= min && value <= max ? value : undefined;
}

function httpUrl(value: string): URL | undefined {
  if (!/^https?:\/\//i.test(value) || !URL.canParse(value)) return undefined;
  return new URL(value);
}

function plainBase(value: string): { url: URL; text: string } | undefined {
  const url = httpUrl(value);
  if (url === undefined || url.username !== '' || url.password !== '') return undefined;
  if (/[?#]/.test(value)) return undefined;
  return { url, text: url.href.replace(/\/+$/, '') };
}

function isLoopback(url: URL): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
}
