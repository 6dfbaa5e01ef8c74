import { expect, test } from 'vitest';
import { switchPositions } from '../../src/emulator/index.ts';
import { spreadPositions } from './kill-switches.ts';

const NAMES = Object.keys(switchPositions) as (keyof typeof switchPositions)[];

test.each([false, true])('32 rows try every two switches in all combinations (inverted: %s)', (inverted) => {
  const { ofRow } = spreadPositions({ inverted });
  const rows = Array.from({ length: 32 }, (_, row) => ofRow(row));
  for (const a of NAMES) {
    for (const b of NAMES.filter((name) => name > a)) {
      const met = rows.map((row) => [a, b].map((name) => row[name] === switchPositions[name][0]).join());
      expect(new Set(met).size, `${a} and ${b}`).toBe(4);
    }
  }
});

test('a row and the same row inverted try both positions of every switch', () => {
  for (let row = 0; row < 46; row += 1) {
    const [one, other] = [false, true].map((inverted) => spreadPositions({ inverted }).ofRow(row));
    for (const name of NAMES) {
      const [likely] = switchPositions[name];
      expect([one?.[name] === likely, other?.[name] === likely].sort(), name).toEqual([false, true]);
    }
  }
});
