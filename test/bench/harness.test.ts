import { expect, test } from 'vitest';
import { median, renderReport, reportOf } from '../../bench/harness.ts';

test('the median is the middle value, or the mean of the two in the middle', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([])).toBeNaN();
});

test('a budget is kept up to its very value, and missed above it or without a measurement', () => {
  const row = { what: 'Something', unit: 'ms', budget: 50, floor: '0' } as const;
  const report = reportOf([50, 50.01, Number.NaN].map((measured) => ({ ...row, measured })));
  expect(report.rows.map(({ ok }) => ok)).toEqual([true, false, false]);
  expect(report.node).toBe(process.versions.node);
});

test('the table names every budget with its unit and verdict', () => {
  const rows = [
    { what: 'Calls', unit: 'calls', measured: 1, budget: 1, floor: '1' },
    { what: 'Start', unit: '×', measured: 2.125, budget: 2, floor: '1 ×' },
  ] as const;
  const table = renderReport(reportOf(rows));
  expect(table).toMatch(/^Calls +1 call +≤ 1 call +1 +kept$/m);
  expect(table).toMatch(/^Start +2\.13 × +≤ 2\.00 × +1 × +MISSED$/m);
});
