import type { Readable, Writable } from 'node:stream';
import picocolors from 'picocolors';
import type { ColorWish } from '../config/terminal.ts';

type Terminal = { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number };

/** The streams of a run: those of the process, or a test's own. */
export interface Io {
  readonly stdin: Readable & Terminal;
  readonly stdout: Writable & Terminal;
  readonly stderr: Writable & Terminal;
}

/** Functions that colour text, or return it as it is. */
export type Colors = ReturnType<typeof picocolors.createColors>;

/** Colours for one stream: `--no-color` and the environment decide first, then whether it is a terminal. */
export function colorsFor(stream: Terminal, wish: ColorWish): Colors {
  return picocolors.createColors(wish === 'always' || (wish === 'auto' && stream.isTTY === true));
}

/**
 * Text from outside (a name, a rule, an error of Cloudflare's) without the control characters that would let it
 * move the cursor, recolour or retitle a terminal.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu, ' ');
}
