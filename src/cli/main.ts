import { readColorWish, readIsDumb } from '../config/terminal.ts';
import { EXIT_OF_ERROR } from './exit-codes.ts';
import { run } from './run.ts';
import { watchSignals } from './signals.ts';

/** Runs the command line of this process and sets its exit status. Nothing else may do that. */
export async function main(): Promise<void> {
  const { stdin, stdout, stderr, argv } = process;
  // A reader that went away (`| head`) must not stop a command half way.
  for (const stream of [stdout, stderr]) stream.on('error', () => {});
  using watch = watchSignals(process, {
    stillStopping: () =>
      stderr.write('Stopping after the step in hand. Press Ctrl-C again to stop at once.\n'),
    exitNow: () => process.exit(EXIT_OF_ERROR.interrupted),
  });
  const { signal } = watch;
  process.exitCode = await run(argv.slice(2), {
    io: { stdin, stdout, stderr },
    signal,
    colorWish: readColorWish(),
    animates: !readIsDumb(),
  });
}
