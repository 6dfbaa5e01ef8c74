import { describe, expect, it } from 'vitest';
import type { WindowStatus } from '../../src/domain/scheduled-maintenance.ts';
import {
  assertPossible,
  finalStatus,
  type Phase,
  phaseOf,
  type WindowFacts,
  type WindowRequest,
} from '../../src/domain/window-state.ts';

const START = new Date('2026-06-01T13:00:00Z');
const END = new Date('2026-06-01T14:00:00Z');
const TIMES = {
  before: '12:59:59.999',
  start: '13:00',
  during: '13:30',
  last: '13:59:59.999',
  end: '14:00',
  after: '20:00',
};
type Time = keyof typeof TIMES;
const at = (time: Time) => new Date(`2026-06-01T${TIMES[time]}Z`);
const window = (facts: Partial<WindowFacts>): WindowFacts & { id: number } => ({
  id: 12,
  status: 'scheduled',
  scheduledStart: START,
  scheduledEnd: END,
  wish: null,
  autoEnable: true,
  autoDisable: true,
  ...facts,
});

describe('what is to be brought about', () => {
  const table: [Partial<WindowFacts>, Record<Time, Phase>][] = [
    [{}, { before: 'rest', start: 'begin', during: 'begin', last: 'begin', end: 'miss', after: 'miss' }],
    [
      { autoEnable: false },
      { before: 'rest', start: 'ask', during: 'ask', last: 'ask', end: 'miss', after: 'miss' },
    ],
    [
      { wish: 'run' },
      { before: 'begin', start: 'begin', during: 'begin', last: 'begin', end: 'miss', after: 'miss' },
    ],
    [
      { wish: 'run', autoEnable: false },
      { before: 'begin', start: 'begin', during: 'begin', last: 'begin', end: 'miss', after: 'miss' },
    ],
    [
      { status: 'active' },
      { before: 'hold', start: 'hold', during: 'hold', last: 'hold', end: 'release', after: 'release' },
    ],
    [
      { status: 'active', autoDisable: false },
      { before: 'hold', start: 'hold', during: 'hold', last: 'hold', end: 'overdue', after: 'overdue' },
    ],
    ...(['complete', 'cancel'] as const).flatMap((wish) =>
      [true, false].map((autoDisable): [Partial<WindowFacts>, Record<Time, Phase>] => [
        { status: 'active', wish, autoDisable },
        {
          before: 'release',
          start: 'release',
          during: 'release',
          last: 'release',
          end: 'release',
          after: 'release',
        },
      ]),
    ),
    ...(['completed', 'cancelled', 'failed'] as const).map(
      (status): [Partial<WindowFacts>, Record<Time, Phase>] => [
        { status },
        { before: 'rest', start: 'rest', during: 'rest', last: 'rest', end: 'rest', after: 'rest' },
      ],
    ),
  ];
  it.each(table)('for %j', (facts, phases) => {
    const found = Object.keys(TIMES).map((time) => [time, phaseOf(window(facts), at(time as Time))]);
    expect(Object.fromEntries(found)).toEqual(phases);
  });
});

describe('what becomes of a window that has released everything', () => {
  it.each([
    [null, true, 'completed'],
    [null, false, 'failed'],
    ['complete', true, 'completed'],
    ['complete', false, 'failed'],
    ['cancel', true, 'cancelled'],
    ['cancel', false, 'cancelled'],
  ] as const)('wish %s, a site was closed: %s → %s', (wish, hasClosedAny, status) => {
    expect(finalStatus({ wish }, hasClosedAny)).toBe(status);
  });
});

describe('what a person can ask', () => {
  const REQUESTS: WindowRequest[] = ['start', 'complete', 'cancel', 'extend', 'reschedule'];
  const allowed: [string, Partial<WindowFacts>, Time, WindowRequest[]][] = [
    ['planned', {}, 'before', ['start', 'cancel', 'extend', 'reschedule']],
    ['due', {}, 'during', ['start', 'cancel', 'extend', 'reschedule']],
    ['missed', {}, 'after', ['cancel', 'extend', 'reschedule']],
    ['being started', { wish: 'run' }, 'before', ['cancel', 'extend', 'reschedule']],
    ['active', { status: 'active' }, 'during', ['complete', 'cancel', 'extend']],
    ['overdue', { status: 'active' }, 'after', ['complete', 'cancel', 'extend']],
    ['being completed', { status: 'active', wish: 'complete' }, 'during', ['complete']],
    ['being cancelled', { status: 'active', wish: 'cancel' }, 'during', ['cancel']],
    ...(['completed', 'cancelled', 'failed'] as WindowStatus[]).map(
      (status): [string, Partial<WindowFacts>, Time, WindowRequest[]] => [status, { status }, 'during', []],
    ),
  ];
  const rows = allowed.flatMap(([name, facts, time, possible]) =>
    REQUESTS.map((request) => ({ name, facts, time, request, isPossible: possible.includes(request) })),
  );
  it.each(rows)('$request of a window that is $name: $isPossible', ({ facts, time, request, isPossible }) => {
    const ask = () => assertPossible(window(facts), request, at(time));
    if (isPossible) return ask();
    expect(ask).toThrow(
      expect.objectContaining({ code: 'validation_failed', hint: expect.stringMatching(/12|end it/) }),
    );
  });
});
