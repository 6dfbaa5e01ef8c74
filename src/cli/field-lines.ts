import type { Field } from './table.ts';

/** One field with several values, each on a line of its own; nothing without values. */
export function fieldLines(
  name: string,
  values: readonly string[],
  style: (text: string) => string = (text) => text,
): Field[] {
  return values.map((value, index) => [index === 0 ? name : '', value, style]);
}
