import type { BulkRun } from '../../services/bulk-operations/bulk-run.ts';
import type { BulkEvent, BulkPlan, BulkResult, BulkSite } from '../../services/bulk-operations/types.ts';
import type { CommandContext } from '../command.ts';
import { formatDuration } from '../duration.ts';
import { printable } from '../io.ts';
import { formatTime } from '../time.ts';
import { LiveBlock } from './live-block.ts';
import { isNotBegun } from './many-row.ts';
import { Progress } from './progress.ts';
import { failureText, progressLines } from './progress-lines.ts';

/** The words for what a run does. */
export interface Doing {
  /** `Closing` */
  now: string;
  /** `closed`; without it a site is no line of its own where nobody watches. */
  done?: string;
}

/**
 * Shows how a run goes on, and returns its result. At a terminal stderr has a live view; where stdout is none, each site
 * is a line there as soon as it is finished. Nothing with `--json`.
 */
export async function follow(
  run: BulkRun,
  { doing, total }: { doing: Doing; total: number },
  context: CommandContext,
): Promise<BulkResult> {
  const { io, flags, animates } = context;
  if (flags.json) return run;
  const isLive = animates && io.stderr.isTTY === true;
  const tell = teller(doing, isLive, context);
  if (!isLive) {
    context.note(`${doing.now} ${total} ${total === 1 ? 'site' : 'sites'} …`);
    return eachOf(run, tell);
  }
  const clock = startClock();
  const progress = new Progress(total, clock());
  using _block = new LiveBlock(io.stderr, (size) =>
    progressLines(progress, doing.now, { ...size, colors: context.colors, now: clock() }),
  );
  return await eachOf(run, (event) => {
    progress.take(event, clock());
    tell(event);
  });
}

async function eachOf(run: BulkRun, take: (event: BulkEvent) => void): Promise<BulkResult> {
  for await (const event of run) take(event);
  return run;
}

/** Where nobody watches, what happens is told line by line. */
function teller(doing: Doing, isLive: boolean, context: CommandContext): (event: BulkEvent) => void {
  const { stdout } = context.io;
  const { done } = doing;
  const printsSites = !isLive || stdout.isTTY !== true;
  const told = new Set<string>();
  return (event) => {
    if (event.type === 'finished' && printsSites && done !== undefined)
      stdout.write(`${siteLine(event.site, done)}\n`);
    const note = isLive ? undefined : noteOf(event);
    if (note === undefined || told.has(note)) return;
    told.add(note);
    context.note(note);
  };
}

function noteOf(event: BulkEvent): string | undefined {
  if (event.type === 'planned') return planNote(event.plan);
  if (event.type === 'stopped') return event.message;
  if (event.type !== 'paused') return undefined;
  return `Paused until ${formatTime(event.until)}: the call limit of the API key ${printable(event.apiKey)} is used up. It goes on by itself.`;
}

/** How long it takes, where it takes long. */
function planNote({ sites, calls, seconds, warnings }: BulkPlan): string | undefined {
  const pauses = warnings.filter(({ code }) => code === 'pauses').map(({ message }) => message);
  if (pauses.length === 0) return undefined;
  const takes = formatDuration(Math.ceil(seconds));
  return [`${sites.length} sites take at least ${calls} calls and ${takes}.`, ...pauses].join('\n');
}

function siteLine(site: BulkSite, done: string): string {
  const { domain, outcome, skipped, error, proof } = site;
  if (outcome === 'failed') return printable(`${domain}: failed: ${error?.message} (${error?.code})`);
  if (isNotBegun(site)) return `${domain}: not begun`;
  if (skipped?.code === 'already_closed') return `${domain}: closed already`;
  if (skipped?.code === 'already_open') return `${domain}: open already`;
  if (outcome === 'skipped') return printable(`${domain}: left as it is: ${skipped?.message}`);
  if (proof?.state === 'unproven') return printable(`${domain}: ${done}, ${failureText(site)}`);
  return `${domain}: ${done}`;
}

/** Time in milliseconds since 1970 that no setting of the clock disturbs: what a pause ends at is a time of day. */
function startClock(): () => number {
  const offset = Date.now() - performance.now();
  return () => performance.now() + offset;
}
