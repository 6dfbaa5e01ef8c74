import { IntermissionError } from '../errors.ts';
import { shorten } from './domain-name.ts';

/** Longest open path that is stored, in characters. */
const MAX_PATH_LENGTH = 500;
/** Most open paths of one site: all of them have to fit into one expression at Cloudflare. */
const MAX_PATHS = 50;

/** Paths that must often stay reachable, under the names that `--open-preset` takes. */
export const OPEN_PRESETS: Readonly<Record<string, readonly string[]>> = {
  acme: ['/.well-known/acme-challenge/*'],
  health: ['/health', '/healthz', '/livez', '/readyz', '/ping', '/up'],
  stripe: ['/webhooks/stripe', '/stripe/webhook', '/stripe/webhooks', '/api/webhooks/stripe'],
  github: ['/webhooks/github', '/github/webhook', '/github-webhook/', '/api/webhooks/github'],
};

/**
 * Checks open paths as they are stored: each begins with `/`, one `*` may stand at its end, percent-encoded as
 * Cloudflare compares the path of a request: after URL normalisation (reference 3.5), which undoes needless codes.
 *
 * @throws IntermissionError `validation_failed`
 */
export function parseOpenPaths(texts: readonly string[]): string[] {
  const paths = [...new Set(texts.map((text) => text.trim()).filter((text) => text !== ''))].map(
    parseOpenPath,
  );
  if (paths.length <= MAX_PATHS) return [...new Set(paths)];
  throw new IntermissionError(
    'validation_failed',
    `${paths.length} open paths are more than the ${MAX_PATHS} a site may have.`,
    { hint: 'Join those that begin alike, such as /webhooks/*.' },
  );
}

/**
 * The paths of a preset.
 *
 * @throws IntermissionError `validation_failed` for a name that is none
 */
export function openPreset(name: string): readonly string[] {
  const paths = Object.hasOwn(OPEN_PRESETS, name) ? OPEN_PRESETS[name] : undefined;
  if (paths !== undefined) return paths;
  throw new IntermissionError('validation_failed', `There is no preset "${shorten(name)}" of open paths.`, {
    hint: `Presets: ${Object.keys(OPEN_PRESETS).join(', ')}.`,
  });
}

/** True when a request for `pathname` (as `URL` gives it) is let through by the open path. */
export function isOpenPath(openPath: string, pathname: string): boolean {
  const path = withoutNeedlessCodes(pathname).replaceAll(/\/{2,}/g, '/');
  return openPath.endsWith('*') ? path.startsWith(openPath.slice(0, -1)) : path === openPath;
}

function parseOpenPath(text: string): string {
  if (!text.startsWith('/')) throw refuse(text, 'does not begin with "/"');
  const isPrefix = text.endsWith('*');
  const path = isPrefix ? text.slice(0, -1) : text;
  if (path.includes('*')) throw refuse(text, 'has a "*" elsewhere than at its end');
  if (isPrefix && path === '/') throw refuse(text, 'would open every path of the site');
  if (/[?#]/.test(path)) throw refuse(text, 'has a query or a fragment; only the path counts');
  if (/%(?![0-9a-f]{2})/i.test(path)) throw refuse(text, 'has a "%" that begins no code such as %20');
  if (/\p{Cc}/u.test(path) || !path.isWellFormed()) throw refuse(text, 'has characters that no path has');
  const encoded = encode(path);
  // A browser resolves these before it asks, and so does Cloudflare: such a path would never match.
  if (/\/\.{1,2}(\/|$)|\/\//.test(encoded)) throw refuse(text, 'has "//", "/./" or "/../" in it');
  if (encoded.length > MAX_PATH_LENGTH) throw refuse(text, `is longer than ${MAX_PATH_LENGTH} characters`);
  return isPrefix ? `${encoded}*` : encoded;
}

/** What RFC 3986 does not allow in a path is percent-encoded. */
function encode(path: string): string {
  return withoutNeedlessCodes(
    path.replace(/[^A-Za-z0-9\-._~!$&'()+,;=:@/%]/gu, (character) => encodeURIComponent(character)),
  );
}

/** Codes of characters that need none (RFC 3986, 2.3) are undone; all others stay, in capitals. */
function withoutNeedlessCodes(path: string): string {
  return path.replace(/%[0-9a-f]{2}/gi, (code) => {
    const character = String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return /[A-Za-z0-9\-._~]/.test(character) ? character : code.toUpperCase();
  });
}

function refuse(text: string, why: string): IntermissionError {
  return new IntermissionError('validation_failed', `The open path "${shorten(text)}" ${why}.`, {
    hint: 'Give a path such as /health, or /webhooks/* for everything below it.',
  });
}
