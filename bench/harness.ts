import { cpus, machine, platform, release, totalmem } from 'node:os';
import type { RunOptions, Sandbox } from '../scripts/sandbox.ts';

/** One measured budget. All numbers of a row have the same unit. */
export interface Row {
  what: string;
  unit: 'calls' | 'ms' | 'MB' | '×';
  measured: number;
  /** The most that is allowed. */
  budget: number;
  /** What no implementation could get below, in words. */
  floor: string;
}

export interface Report {
  machine: string;
  node: string;
  rows: (Row & { ok: boolean })[];
}

export function reportOf(rows: readonly Row[]): Report {
  const [cpu] = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GB`;
  return {
    machine: `${platform()} ${release()} ${machine()}, ${cpus().length} × ${cpu?.model.trim() ?? 'unknown CPU'}, ${memory}`,
    node: process.versions.node,
    rows: rows.map((row) => ({ ...row, ok: row.measured <= row.budget })),
  };
}

/** The report as a table for people. */
export function renderReport({ machine: where, node, rows }: Report): string {
  const header = ['What', 'Measured', 'Budget', 'Floor', 'Verdict'];
  const lines = rows.map((row) => [
    row.what,
    amount(row.measured, row.unit),
    `≤ ${amount(row.budget, row.unit)}`,
    row.floor,
    row.ok ? 'kept' : 'MISSED',
  ]);
  const widths = header.map((title, column) =>
    Math.max(...[[title], ...lines.map((line) => [line[column] ?? ''])].map(([text = '']) => text.length)),
  );
  const print = (line: readonly string[]) =>
    line
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width));
  return `${where}\nNode.js ${node}\n\n${[header, rule, ...lines].map(print).join('\n')}\n`;
}

/** The middle value; of an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low = Number.NaN, high = low] = [
    sorted[Math.floor((sorted.length - 1) / 2)],
    sorted[Math.ceil((sorted.length - 1) / 2)],
  ];
  return (low + high) / 2;
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** Runs a command of the sandbox and fails with what it printed unless it succeeds. */
export async function runWell(
  sandbox: Sandbox,
  argv: readonly string[],
  options: RunOptions = {},
): Promise<void> {
  const { status, output } = await sandbox.run(argv, options);
  if (status !== 0) throw new Error(`intermission ${argv.join(' ')} ended with ${status}:\n${output}`);
}

/** Stores the emulator's token. */
export async function addKey(sandbox: Sandbox): Promise<void> {
  await runWell(sandbox, ['api-key', 'add', 'bench', '--token-stdin'], { input: sandbox.emulator.token });
}

/** Stores the emulator's token and makes its zones known as sites. */
export async function prepareSites(sandbox: Sandbox): Promise<void> {
  await addKey(sandbox);
  await runWell(sandbox, ['sync_cloudflare']);
}

function amount(value: number, unit: Row['unit']): string {
  if (unit === 'calls') return `${value} ${value === 1 ? 'call' : 'calls'}`;
  return unit === '×' ? `${value.toFixed(2)} ×` : `${value.toFixed(0)} ${unit}`;
}
