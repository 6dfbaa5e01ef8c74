import fc from 'fast-check';

/** The seed of every run of the suite; `INTERMISSION_TEST_SEED` takes another one: a number, or `random`. */
const SEED = 20_261_122;

const chosen = process.env['INTERMISSION_TEST_SEED'] ?? String(SEED);
if (chosen !== 'random') fc.configureGlobal({ seed: Number(chosen) });

/** fast-check with a fixed seed, so that what has passed once passes again on the same code. */
export { fc };
