/** The accent colour as one of the two colour schemes shows it, `#rrggbb`. */
export interface Accent {
  /** Readable on the surface: at least 4.5 to 1. */
  accent: string;
  /** Black or white, whichever is easier to read on the accent. */
  onAccent: string;
}

/** Least contrast of text that WCAG 2.2 accepts at level AA (success criterion 1.4.3). */
const ENOUGH = 4.5;
const STEPS = 40;

/** Moves `color` towards black on a light surface, towards white on a dark one, until it can be read there. */
export function readableAccent(color: string, surface: string): Accent {
  const end = luminance(surface) > 0.4 ? '#000000' : '#ffffff';
  const shades = Array.from({ length: STEPS + 1 }, (_, step) => mix(color, end, step / STEPS));
  const accent = shades.find((shade) => contrast(shade, surface) >= ENOUGH) ?? end;
  const onAccent = contrast('#ffffff', accent) >= contrast('#000000', accent) ? '#ffffff' : '#000000';
  return { accent, onAccent };
}

/** Contrast of two colours, from 1 to 21, as WCAG 2.2 defines it. */
export function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = channels(color).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function mix(from: string, to: string, share: number): string {
  const target = channels(to);
  const mixed = channels(from).map((value, index) =>
    Math.round(value + ((target[index] ?? 0) - value) * share),
  );
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

function channels(color: string): number[] {
  return [1, 3, 5].map((start) => Number.parseInt(color.slice(start, start + 2), 16));
}
