import type { ColorWish } from '../config/terminal.ts';
import type { JsonValue } from '../errors.ts';
import type {
  CommandDefinition,
  CommandResult,
  ErrorDocument,
  GlobalFlags,
  View,
  Warning,
} from './command.ts';
import { normalizeError, renderDetails, renderError, toErrorDocument } from './errors.ts';
import { EXIT_OF_ERROR, type ExitCode, exitOfMany } from './exit-codes.ts';
import { renderFailures } from './failure-groups.ts';
import { colorsFor, type Io, printable } from './io.ts';

/** The document that `--json` prints. */
export interface Envelope {
  version: 1;
  /** True exactly when the exit status is 0. */
  ok: boolean;
  /** Full name of the command; empty when it is not known. */
  command: string;
  summary: Record<string, JsonValue>;
  results: readonly object[];
  warnings: readonly Warning[];
  /** Null also when only some of several results failed: each failed one carries its own. */
  error: ErrorDocument | null;
}

export interface OutputOptions {
  io: Io;
  flags: Pick<GlobalFlags, 'json' | 'verbose' | 'color'>;
  colorWish: ColorWish;
  /** Full name of the command. */
  command: string;
  now: Date;
}

/** The document about what a command returned, and its exit status. */
export function toEnvelope(command: string, result: CommandResult): { envelope: Envelope; exit: ExitCode } {
  const { summary = {}, results = [], warnings = [] } = result;
  const errors = results.map(errorOfRow);
  const only = errors.length === 1 ? (errors[0] ?? null) : null;
  const error = result.error === undefined ? only : toErrorDocument(result.error);
  const exitOfRows = exitOfMany(errors.map((row) => row?.code ?? null));
  const exit = error === null ? (result.exit ?? exitOfRows) : EXIT_OF_ERROR[error.code];
  return { envelope: { version: 1, ok: exit === 0, command, summary, results, warnings, error }, exit };
}

/** Prints what a command returned and gives its exit status. */
export function printResult(
  result: CommandResult,
  render: CommandDefinition['render'],
  options: OutputOptions,
): ExitCode {
  const { envelope, exit } = toEnvelope(options.command, result);
  if (options.flags.json) {
    printEnvelope(envelope, options.io);
    return exit;
  }
  const { io } = options;
  io.stdout.write(render?.(result, viewOf(options)) ?? '');
  const colors = colorsFor(io.stderr, wishOf(options));
  const warnings = envelope.warnings.map(
    ({ message }) => `${colors.yellow('warning:')} ${printable(message)}\n`,
  );
  const width = io.stderr.isTTY === true ? io.stderr.columns : undefined;
  io.stderr.write([...warnings, rowErrors(envelope, colors, width)].join(''));
  if (result.error !== undefined) io.stderr.write(renderError(toErrorDocument(result.error), colors));
  return exit;
}

/** Prints what was thrown and gives the exit status. */
export function printFailure(thrown: unknown, options: OutputOptions): ExitCode {
  const error = normalizeError(thrown);
  const { io, flags, command } = options;
  if (flags.json) printEnvelope(toEnvelope(command, { error }).envelope, io);
  else io.stderr.write(renderError(toErrorDocument(error), colorsFor(io.stderr, wishOf(options))));
  if (flags.verbose) io.stderr.write(renderDetails(error));
  return EXIT_OF_ERROR[error.code];
}

function printEnvelope(envelope: Envelope, io: Io): void {
  io.stdout.write(`${JSON.stringify(envelope)}\n`);
}

function viewOf(options: OutputOptions): View {
  const { stdout } = options.io;
  return {
    colors: colorsFor(stdout, wishOf(options)),
    width: stdout.isTTY === true ? stdout.columns : undefined,
    now: options.now,
  };
}

function wishOf({ flags, colorWish }: OutputOptions): ColorWish {
  return flags.color ? colorWish : 'never';
}

/** One cause is told once, however many rows it is that of. */
function rowErrors(
  { results }: Envelope,
  colors: ReturnType<typeof colorsFor>,
  width: number | undefined,
): string {
  const failures = results.flatMap((row) => {
    const error = errorOfRow(row);
    return error === null ? [] : [{ site: siteOfRow(row), error }];
  });
  return renderFailures(failures, { colors, width });
}

function siteOfRow(row: object): string | undefined {
  return 'site' in row && typeof row.site === 'string' ? row.site : undefined;
}

function errorOfRow(row: object): ErrorDocument | null {
  return 'error' in row ? ((row.error as ErrorDocument | null | undefined) ?? null) : null;
}
