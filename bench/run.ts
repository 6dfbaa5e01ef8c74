/**
 * `npm run bench`: measures what design and docs promise about speed, on this machine. `--json` prints one document.
 * Ends with 1 when a budget is missed.
 */
import { buildIfStale } from '../scripts/build-if-stale.ts';
import { measureApiCalls } from './api-calls.ts';
import { measureBulk } from './bulk.ts';
import { renderReport, reportOf } from './harness.ts';
import { measureOneSite } from './one-site.ts';
import { measurePage } from './page.ts';
import { measureSchedule } from './schedule.ts';
import { measureSiteSync } from './site-sync.ts';
import { measureStartUp } from './start-up.ts';

buildIfStale();
const rows = [
  ...(await measureApiCalls()),
  ...(await measureOneSite()),
  ...(await measureBulk()),
  ...(await measureSiteSync()),
  ...(await measureSchedule()),
  ...(await measureStartUp()),
  ...(await measurePage()),
];
const report = reportOf(rows);
process.stdout.write(process.argv.includes('--json') ? `${JSON.stringify(report)}\n` : renderReport(report));
process.exitCode = report.rows.every(({ ok }) => ok) ? 0 : 1;
