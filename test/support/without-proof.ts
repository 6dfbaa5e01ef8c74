const PROVING = [
  ['maintenance', 'enable'],
  ['maintenance', 'disable'],
  ['process_scheduled_maintenance'],
  ['process-scheduled-maintenance'],
];

/**
 * The same command line with `--no-verify`, where it would prove by itself: a proof takes half a second of real time, and
 * most tests are not about it. One that says `--verify` or `--no-verify`, or asks for help, stays as it is.
 */
export function withoutProof(argv: readonly string[]): readonly string[] {
  const proves = PROVING.some((words) => words.every((word, index) => argv[index] === word));
  const decided = argv.some((word) =>
    ['--verify', '--no-verify', '--timeout', '--help', '-h', '--'].includes(word),
  );
  return proves && !decided ? [...argv, '--no-verify'] : argv;
}
