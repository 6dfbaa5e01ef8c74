import type { Config, Environment } from '../config/load-config.ts';
import type { ErrorCode, IntermissionError, JsonValue } from '../errors.ts';
import type { Intermission } from '../intermission.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Colors, Io } from './io.ts';
import type { ArgumentSpec, OptionSpec, Values } from './parameters.ts';
import type { Prompts } from './prompts.ts';

/** Flags that every command takes. */
export interface GlobalFlags {
  json: boolean;
  yes: boolean;
  dryRun: boolean;
  force: boolean;
  color: boolean;
  verbose: boolean;
}

/** What a command works with. It reads nothing else of the process. */
export interface CommandContext {
  readonly io: Io;
  readonly flags: GlobalFlags;
  /** The validated configuration, read at the first call. Throws `validation_failed`. */
  config(): Promise<Config>;
  /** Variables instead of those of the process and of `.env`. */
  readonly environment: Environment | undefined;
  /** The product, opened at the first call and closed by the frame when the command has ended. */
  openApp(): Promise<Intermission>;
  /** Questions to the person at the terminal, if there is one. */
  readonly prompts: Prompts;
  /** Aborted by the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  now(): Date;
  /** Colours for stdout, for a command that prints by itself. */
  readonly colors: Colors;
  /** False where the terminal cannot draw over what it shows. */
  readonly animates: boolean;
  /** A line about what is going on, on stderr; nothing with `--json`. */
  note(text: string): void;
}

/** An error as the JSON document shows it. */
export interface ErrorDocument {
  code: ErrorCode;
  message: string;
  hint: string | null;
  /** What a program may need to go on; only where there is something. */
  details?: ErrorFacts;
}

/** The facts of an error that are passed on. */
export interface ErrorFacts {
  /** The rules that may be a forgotten closure, each with all that Cloudflare says of it. */
  doubtful?: { id: string; pattern: string; url: string | null; rule: JsonValue }[];
  /** What is left at Cloudflare is not known for sure; the next run puts it in order. */
  pending?: boolean;
}

/** Something the reader should know although the command succeeded. */
export interface Warning {
  code: string;
  message: string;
}

/**
 * What a command did: the JSON document and the text are made from this alone. A row with an `error` counts
 * as failed; the exit status follows from the rows (see `exitOfMany`) unless `error` or `exit` is set.
 */
export interface CommandResult<Row extends object = object> {
  /** Counts and totals. */
  summary?: Record<string, JsonValue>;
  /** One element per object; dates are printed as ISO 8601 in UTC. */
  results?: readonly Row[];
  warnings?: readonly Warning[];
  /** Why the command as a whole failed although there is something to show. */
  error?: IntermissionError;
  /**
   * Only where the results themselves tell of it: 7 for "difference found", 1 when something was found broken, or what
   * rows that were not begun must not count in.
   */
  exit?: ExitCode;
}

/** How a text is to look. */
export interface View {
  colors: Colors;
  /** Columns of the terminal, undefined when stdout is not one. */
  width: number | undefined;
  now: Date;
}

export interface Example {
  /** Without the leading `intermission`. */
  command: string;
  does: string;
}

type Arguments = Readonly<Record<string, ArgumentSpec<unknown>>>;
type Options = Readonly<Record<string, OptionSpec<unknown>>>;

interface Input<A extends Arguments, O extends Options> {
  arguments: Values<A>;
  options: Values<O>;
}

/** A command as the frame sees it; write one with {@link defineCommand}. */
export interface CommandDefinition {
  readonly arguments?: Arguments;
  readonly options?: Options;
  readonly examples: readonly Example[];
  /** Paragraphs under the help, for what options alone do not tell. */
  readonly notes?: string;
  /** Undefined: the command has printed everything itself (only `--watch` and `emulator` do). */
  run(context: CommandContext, input: Input<Arguments, Options>): Promise<CommandResult | undefined>;
  /** The result as text for people, ended by a newline. Not called with `--json`. */
  render?(result: CommandResult, view: View): string;
}

/**
 * Defines a command. One command is one file in `commands/`, which exports `command`, and one line in
 * `registry.ts`, which names it, summarises it and loads it only when it runs:
 *
 * ```ts
 * export const command = defineCommand({
 *   arguments: { domain: argument('domain', 'Domain of the site') },
 *   options: { reason: option('--reason <text>', 'Why, for the log'), for: option('--for <duration>', 'How long', parseDuration) },
 *   examples: [{ command: 'maintenance enable example.com --for 30m', does: 'Close a site for half an hour' }],
 *   async run(context, { arguments: { domain }, options }) {
 *     await context.prompts.confirm({ message: `Close ${domain}?` });
 *     …
 *     return { summary: { total: 1 }, results: [{ site: domain, maintenanceActive: true }] };
 *   },
 *   render: ({ results = [] }, view) => table(columns, results, view),
 * });
 * ```
 *
 * The handler parses nothing and prints nothing: values arrive parsed and typed, failures are thrown as
 * IntermissionError or put into the rows (`error: toErrorDocument(error)`), and the frame prints the result,
 * the warnings and the errors, and sets the exit status. Heavy modules are imported inside `run`.
 */
export function defineCommand<
  Row extends object,
  const A extends Arguments = Record<never, never>,
  const O extends Options = Record<never, never>,
>(
  definition: Omit<CommandDefinition, 'arguments' | 'options' | 'run' | 'render'> & {
    readonly arguments?: A;
    readonly options?: O;
    run(context: CommandContext, input: Input<A, O>): Promise<CommandResult<Row> | undefined>;
    render?(result: CommandResult<Row>, view: View): string;
  },
): CommandDefinition {
  return definition as CommandDefinition;
}
