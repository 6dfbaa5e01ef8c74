import { type Switches, switchPositions } from '../../src/emulator/index.ts';

/** How the emulator behaves in each row of a kill table where Cloudflare's behaviour is not known for sure. */
export interface Positions {
  title: string;
  ofRow: (row: number) => Partial<Switches>;
}

const SWITCHES = Object.entries(switchPositions);

/**
 * Positions that change from row to row, so that every two switches meet in all four combinations within 32 rows: for up to 31 of them.
 * With `inverted` each row has the other position of every switch.
 */
export function spreadPositions({ inverted }: { inverted: boolean }): Positions {
  const ofRow = (row: number) =>
    Object.fromEntries(
      SWITCHES.map(([name, positions], index) => {
        const isTurned = hasOddBits(row & (index + 1)) !== inverted;
        const turned = 1 + (row % (positions.length - 1));
        return [name, positions[isTurned ? turned : 0]];
      }),
    );
  return { title: `switches ${inverted ? 'spread the other way' : 'spread'} over the rows`, ofRow };
}

/** All as they probably are, each other position alone, and all turned. */
export function eachPosition(): Positions[] {
  const alone = SWITCHES.flatMap(([name, positions]) =>
    positions.slice(1).map((position) => fixed(`${name} ${position}`, { [name]: position })),
  );
  const turned = Object.fromEntries(SWITCHES.map(([name, positions]) => [name, positions[1]]));
  return [fixed('no switch turned', {}), ...alone, fixed('all switches turned', turned)];
}

function fixed(title: string, switches: Partial<Switches>): Positions {
  return { title, ofRow: () => switches };
}

function hasOddBits(value: number): boolean {
  return value.toString(2).replaceAll('0', '').length % 2 === 1;
}
