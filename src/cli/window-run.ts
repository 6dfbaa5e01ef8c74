import type { Intermission } from '../intermission.ts';
import type { CommandResult, ErrorDocument, View } from './command.ts';
import { toErrorDocument } from './errors.ts';
import { printable } from './io.ts';

type WindowRun = Awaited<ReturnType<Intermission['schedule']['start']>>;

/** What was done about one site of a window. */
export interface RunRow {
  site: string;
  action: 'close' | 'reopen';
  /** The intended state now. */
  maintenanceActive: boolean | null;
  changed: boolean;
  outcome: string;
  error: ErrorDocument | null;
}

export function runRows(run: WindowRun): RunRow[] {
  const row = (site: string, action: RunRow['action'], outcome: string, maintenanceActive: boolean) => ({
    site,
    action,
    maintenanceActive,
    changed: true,
    outcome,
    error: null,
  });
  const closing = run.status === 'active' && run.reopened.length + run.stillHeld.length === 0;
  return [
    ...run.closed.map((site) => row(site, 'close', 'closed', true)),
    ...run.reopened.map((site) => row(site, 'reopen', 'open again', false)),
    ...run.stillHeld.map((site) => row(site, 'reopen', 'still in maintenance: others hold it', true)),
    ...run.failed.map(({ domain, error }) => ({
      site: domain,
      action: closing ? ('close' as const) : ('reopen' as const),
      maintenanceActive: null,
      changed: false,
      outcome: 'failed',
      error: toErrorDocument(error),
    })),
  ];
}

export function runResult(run: WindowRun): CommandResult<RunRow> {
  const { id, title, before, status, outcome } = run;
  const counts = { closed: run.closed.length, reopened: run.reopened.length, failed: run.failed.length };
  return {
    summary: { window: id, title, before, status, outcome, stillHeld: run.stillHeld.length, ...counts },
    results: runRows(run),
  };
}

export function renderRun({ summary = {}, results = [] }: CommandResult<RunRow>, { colors }: View): string {
  const { window, title, before, status, outcome } = summary;
  const change = before === status ? `is ${status}` : `${before} → ${status}`;
  const why = outcome ? ` ${printable(String(outcome))}` : '';
  const headline = `${colors.bold(`Window ${window}`)} ${printable(String(title))}: ${change}.${why}\n`;
  const done = results.filter(({ error }) => error === null);
  return headline + done.map(({ site, outcome: text }) => `  ${colors.bold(site)}: ${text}\n`).join('');
}
