import { Readable } from 'node:stream';
import type { MaintenanceLog } from '../../domain/maintenance-log.ts';
import type { LogRow } from '../contract/logs.ts';
import { toLogDetail, toLogRow } from './rows/log-row.ts';

const COLUMNS: readonly (keyof LogRow)[] = [
  'id',
  'createdAt',
  'domain',
  'action',
  'status',
  'reason',
  'actor',
  'source',
  'errorCode',
  'errorMessage',
  'proof',
  'durationSeconds',
  'finishedAt',
];

/** Log rows as a download, row by row: CSV with the columns of a list, or JSON with all that each row holds. */
export function exportLogs(
  logs: AsyncIterable<MaintenanceLog>,
  format: 'csv' | 'json',
): { type: string; stream: Readable } {
  if (format === 'csv') return { type: 'text/csv; charset=utf-8', stream: Readable.from(csvLines(logs)) };
  return { type: 'application/json; charset=utf-8', stream: Readable.from(jsonParts(logs)) };
}

async function* csvLines(logs: AsyncIterable<MaintenanceLog>): AsyncGenerator<string> {
  yield `${COLUMNS.join(',')}\r\n`;
  for await (const log of logs) {
    const row = toLogRow(log);
    yield `${COLUMNS.map((column) => csvField(row[column])).join(',')}\r\n`;
  }
}

async function* jsonParts(logs: AsyncIterable<MaintenanceLog>): AsyncGenerator<string> {
  let before = '[\n';
  for await (const log of logs) {
    yield before + JSON.stringify(toLogDetail(log));
    before = ',\n';
  }
  yield before === '[\n' ? '[]\n' : '\n]\n';
}

/** RFC 4180. What a spreadsheet would take for a formula begins with an apostrophe. */
export function csvField(value: string | number | null): string {
  const text = String(value ?? '');
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
