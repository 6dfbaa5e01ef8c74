import { expect, test } from 'vitest';
import { parseWindow } from '../../../../src/services/registry/moving-in/parse-window.ts';

const VALUES = { title: 'Upgrade', scheduled_start: '2026-07-01T02:00:00Z', estimated_duration: '02:30:00' };
const parse = (values: object, sites: (string | undefined)[] = ['A.example']) =>
  parseWindow({ row: 1, values: { ...VALUES, ...values }, sites });

test('a window keeps what the old app knew of it, and its end follows from start and duration', () => {
  expect(
    parse({ priority: 'high', auto_disable: false, notify_before: '00:30:00', template: 'minimal' }),
  ).toEqual({
    status: 'scheduled',
    domains: ['a.example'],
    fields: {
      title: 'Upgrade',
      description: '',
      scheduledStart: new Date('2026-07-01T02:00:00Z'),
      scheduledEnd: new Date('2026-07-01T04:30:00Z'),
      estimatedDuration: 9_000,
      priority: 'high',
      template: 'minimal',
      maintenanceMessage: '',
      autoEnable: true,
      autoDisable: false,
      notifyBefore: 1_800,
      notifyOnStart: true,
      notifyOnComplete: true,
      createdBy: '',
    },
  });
});

test.each([
  ['1 02:00:00', 93_600],
  ['00:00:30.500000', 30],
  ['P0DT01H30M00S', 5_400],
  ['PT45M', 2_700],
  [3_600, 3_600],
])('the duration %s is %i seconds', (text, seconds) => {
  expect(parse({ estimated_duration: text }).fields.estimatedDuration).toBe(seconds);
});

test('a time without a zone is UTC, whatever the zone of this machine', () => {
  expect(parse({ scheduled_start: '2026-07-01T02:00:00' }).fields.scheduledStart.toISOString()).toBe(
    '2026-07-01T02:00:00.000Z',
  );
});

test.each([
  ['a start that is none', { scheduled_start: 'soon' }, 'scheduled_start'],
  ['a duration that is none', { estimated_duration: 'long' }, 'estimated_duration'],
  ['no duration', { estimated_duration: '00:00:00' }, 'estimated_duration'],
  ['ten years', { estimated_duration: '3650 00:00:00' }, 'estimated_duration'],
  ['an unknown status', { status: 'paused' }, 'status'],
  ['an unknown priority', { priority: 'urgent' }, 'priority'],
  ['no title', { title: ' ' }, 'title'],
])('refuses %s, naming the field', (_name, values, field) => {
  expect(() => parse(values)).toThrow(
    expect.objectContaining({ code: 'validation_failed', message: expect.stringContaining(field) }),
  );
});

test('a site that the file does not have is refused', () => {
  expect(() => parse({}, ['a.example', undefined])).toThrow(/sites/);
});
