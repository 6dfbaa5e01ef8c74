import { expect, it } from 'vitest';
import { appendEntries, type ExecutionEntry, hasClosedAny } from '../../src/domain/execution-log.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 5, 1, 12, minute)).toISOString();
const entry = (minute: number, event: ExecutionEntry['event'], site?: string, text?: string) => ({
  at: at(minute),
  event,
  ...(site !== undefined && { site }),
  ...(text !== undefined && { text }),
});

it('counts what only repeats', () => {
  const tries = [1, 2, 3].map((minute) =>
    entry(minute, 'not_closed', 'a.com', 'Cloudflare does not answer.'),
  );
  const log = tries.reduce<ExecutionEntry[]>((known, each) => appendEntries(known, [each]), []);
  expect(log).toEqual([{ ...tries[0], times: 3, lastAt: at(3) }]);
});

it('tells sites apart, in the order in which things happened', () => {
  const log = appendEntries(
    [entry(0, 'started'), entry(2, 'closed', 'b.com')],
    [entry(1, 'closed', 'a.com'), entry(3, 'closed', 'c.com')],
  );
  expect(log.map(({ site }) => site)).toEqual([undefined, 'a.com', 'b.com', 'c.com']);
  expect(hasClosedAny(log)).toBe(true);
});

it('stays small however often a site goes to and fro', () => {
  let log: ExecutionEntry[] = [entry(0, 'closed', 'a.com')];
  for (let minute = 1; minute < 500; minute += 1) {
    log = appendEntries(log, [entry(minute, minute % 2 === 0 ? 'closed' : 'not_closed', 'a.com')]);
  }
  expect(log.length).toBeLessThanOrEqual(12);
  expect(log[0]?.at).toBe(at(0));
  expect(log.at(-1)?.at).toBe(at(499));
});

it('cuts a long text', () => {
  const [cut] = appendEntries([], [entry(0, 'not_closed', 'a.com', 'x'.repeat(5_000))]);
  expect(cut?.text).toHaveLength(301);
});
