import type { Environment } from './load-config.ts';

/** What the environment says about colours: `auto` means where the stream is a terminal. */
export type ColorWish = 'always' | 'never' | 'auto';

/** Reads NO_COLOR (no-color.org: any value but an empty one), FORCE_COLOR and TERM. */
export function readColorWish(env: Environment = process.env): ColorWish {
  if (env['NO_COLOR'] || env['TERM'] === 'dumb') return 'never';
  return env['FORCE_COLOR'] && env['FORCE_COLOR'] !== '0' ? 'always' : 'auto';
}

/** True for a terminal that can only print one line after the other. */
export function readIsDumb(env: Environment = process.env): boolean {
  return env['TERM'] === 'dumb';
}
