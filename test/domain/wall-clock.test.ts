import { describe, expect, it } from 'vitest';
import { localText, momentOfLocal, parseTimezone } from '../../src/domain/wall-clock.ts';
import { fc } from '../support/property.ts';

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
  'Pacific/Apia',
];

describe('a local time', () => {
  it.each([
    ['2026-12-01T02:00:00', 'Europe/Berlin', '2026-12-01T01:00:00.000Z', 'plain'],
    ['2026-03-29T02:30:00', 'Europe/Berlin', '2026-03-29T01:30:00.000Z', 'skipped'],
    ['2026-03-29T03:00:00', 'Europe/Berlin', '2026-03-29T01:00:00.000Z', 'plain'],
    ['2026-10-25T02:30:00', 'Europe/Berlin', '2026-10-25T00:30:00.000Z', 'repeated'],
    ['2026-10-25T03:00:00', 'Europe/Berlin', '2026-10-25T02:00:00.000Z', 'plain'],
    ['2026-03-08T02:30:00', 'America/New_York', '2026-03-08T07:30:00.000Z', 'skipped'],
    ['2026-11-01T01:30:00', 'America/New_York', '2026-11-01T05:30:00.000Z', 'repeated'],
    ['2026-10-04T02:15:00', 'Australia/Lord_Howe', '2026-10-03T15:45:00.000Z', 'skipped'],
    ['2026-04-05T01:45:00', 'Australia/Lord_Howe', '2026-04-04T14:45:00.000Z', 'repeated'],
    ['2026-04-05T02:00:00', 'Australia/Lord_Howe', '2026-04-04T15:30:00.000Z', 'plain'],
  ] as const)('%s in %s is %s', (local, timezone, utc, kind) => {
    const { time, ...rest } = momentOfLocal(local, timezone);
    expect([time.toISOString(), rest.kind]).toEqual([utc, kind]);
  });

  it('is read as the moment that shows it on the clock', () => {
    const day = { min: Date.UTC(2020, 0, 1), max: Date.UTC(2035, 0, 1) };
    fc.assert(
      fc.property(fc.integer(day), fc.constantFrom(...ZONES), (milliseconds, timezone) => {
        const time = new Date(Math.floor(milliseconds / 60_000) * 60_000);
        const local = localText(time, timezone);
        const read = momentOfLocal(`${local.replace(' ', 'T')}:00`, timezone);
        expect(localText(read.time, timezone)).toBe(local);
        expect(read.time <= time).toBe(true);
        if (read.kind === 'plain') expect(read.time).toEqual(time);
      }),
    );
  });
});

describe('a time zone', () => {
  it.each(['Europe/Berlin', 'UTC', 'Etc/GMT+3', 'America/Argentina/Buenos_Aires'])('%s is known', (name) => {
    expect(parseTimezone(name)).toBe(name);
  });
  it.each(['', '+02:00', 'Mars/Olympus', 'Europe/Berlin\n', '2'])('%j is refused', (name) => {
    expect(() => parseTimezone(name)).toThrow('is not a time zone');
  });
});
