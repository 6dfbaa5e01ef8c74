import type { View } from './command.ts';
import { type Field, fields } from './table.ts';
import { displayWidth } from './text-width.ts';

/** Narrower than this, broken lines read worse than those that the terminal breaks. */
const NARROWEST = 24;
const GAP = 2;

/** One field with several values, each on a line of its own; nothing without values. */
export function fieldLines(
  name: string,
  values: readonly string[],
  style: (text: string) => string = (text) => text,
): Field[] {
  return values.map((value, index) => [index === 0 ? name : '', value, style]);
}

/** {@link fields} with long values broken between words, so that they stay in their column. */
export function wrappedFields(pairs: readonly Field[], { colors, width }: View): string {
  const shown = pairs.filter(([, value]) => value !== undefined && value !== '');
  const names = Math.max(0, ...shown.map(([name]) => displayWidth(name)));
  const room = (width ?? Number.POSITIVE_INFINITY) - names - GAP;
  if (room < NARROWEST) return fields(pairs, colors);
  return fields(
    shown.flatMap(([name, value = '', style]) => fieldLines(name, wrap(value, room), style)),
    colors,
  );
}

/** Lines of at most `room` columns; a word that is longer stays whole, so that a URL can be copied. */
function wrap(text: string, room: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && displayWidth(longer) <= room) lines.splice(-1, 1, longer);
    else lines.push(word);
  }
  return lines;
}
