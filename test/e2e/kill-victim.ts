/**
 * A process that begins many commands at once, to be killed in the midst of all of them.
 * Its argument is the built library, its input a list of rooms as JSON.
 */
import { text } from 'node:stream/consumers';
import { carryOut, type Room } from './kill-commands.ts';

const [, , library = ''] = process.argv;
const { Intermission } = (await import(library)) as typeof import('../../src/index.ts');
/** All are held as long as the last one needs: no request may run into its time limit, half a lease, before that. */
const environment = { INTERMISSION_LOCK_SECONDS: '600' };
const rooms = JSON.parse(await text(process.stdin)) as Room[];
const apps = await Promise.all(rooms.map(({ options }) => Intermission.open({ environment, ...options })));
// One that ends, in whichever way, was not held: there is nothing left to be killed.
await Promise.race(
  rooms.flatMap(({ commands }, index) =>
    commands.map((argv) => carryOut(apps[index] as Awaited<ReturnType<typeof Intermission.open>>, argv)),
  ),
);
process.exit(1);
