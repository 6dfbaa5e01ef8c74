import { expect, test } from 'vitest';
import { contrast, readableAccent } from '../../src/pages/accent.ts';
import { STYLES } from '../../src/pages/styles/index.ts';
import { fc } from '../support/property.ts';

const color = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`);
const surfaces = Object.values(STYLES).flatMap(({ light, dark }) => [light, dark]);

test('the contrast of colours is that of WCAG', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
});

test('any colour becomes readable on the surface of every template, and can be written on', () => {
  fc.assert(
    fc.property(color, fc.constantFrom(...surfaces), (wanted, surface) => {
      const { accent, onAccent } = readableAccent(wanted, surface);
      expect(contrast(accent, surface)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(accent, onAccent)).toBeGreaterThanOrEqual(4.5);
    }),
  );
});

test('a colour that is readable already stays as it is', () => {
  expect(readableAccent('#0f766e', '#ffffff')).toEqual({ accent: '#0f766e', onAccent: '#ffffff' });
});
