import type { Order } from './order.ts';

/** Longer ones help nobody. */
const MAX_LINES = 20;

/** The same on the command line, one line per site; null where it would be too long. */
export function commandFor({ input, sites }: Order): string | null {
  if (sites.length > MAX_LINES) return null;
  const { action, reason, message, forMinutes, until, url, engine, hold, existing, force, verify } = input;
  const closing =
    action === 'enable' ? { message, for: forMinutes && `${forMinutes}m`, until, url, engine } : {};
  const options = Object.entries({ reason, ...closing, hold, existing }).flatMap(([name, value]) =>
    value ? [`--${name} ${quote(value)}`] : [],
  );
  const flags = [...options, ...(force ? ['--force'] : []), ...(verify ? [] : ['--no-verify'])];
  return sites
    .map(({ domain }) => ['intermission maintenance', action, domain, ...flags].join(' '))
    .join('\n');
}

/** For a POSIX shell. */
function quote(text: string): string {
  return /^[\w.:/@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
