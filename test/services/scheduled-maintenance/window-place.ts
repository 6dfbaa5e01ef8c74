import type { ScheduledMaintenance } from '../../../src/domain/scheduled-maintenance.ts';
import { Notification } from '../../../src/domain/supporting.ts';
import type { WindowInput } from '../../../src/services/scheduled-maintenance/window-input.ts';
import { openWorkplace, type Workplace, type WorkplaceOptions } from '../../support/workplace.ts';

/** The clock of a workplace begins at 2026-06-01 12:00 UTC. */
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** A workplace with the words that tests about windows are made of. */
export interface WindowPlace extends Workplace {
  /** Plans a window of one hour that starts in an hour, on the first site. */
  plan(input?: Partial<WindowInput>): Promise<ScheduledMaintenance>;
  tick(): ReturnType<Workplace['app']['schedule']['processScheduledMaintenances']>;
  /** Moves the clock and ticks. */
  after(ms: number): ReturnType<Workplace['app']['schedule']['processScheduledMaintenances']>;
  inHours(hours: number): Date;
  isClosed(domain: string): boolean;
  /** The events about windows and their sites that were told of, in order. */
  told(): Promise<string[]>;
  /** `event site` for each entry of a window's execution log. */
  history(id: number): Promise<string[]>;
}

export async function openWindowPlace(
  databaseUrl: string,
  options: WorkplaceOptions = {},
): Promise<WindowPlace> {
  const place = await openWorkplace(databaseUrl, options);
  const inHours = (hours: number) => new Date(place.clock.now().getTime() + hours * HOUR);
  const tick = () => place.app.schedule.processScheduledMaintenances({ verify: false });
  return Object.assign(place, {
    inHours,
    tick,
    plan: (input: Partial<WindowInput> = {}) =>
      place.app.schedule.createScheduledMaintenance({
        title: 'Upgrade',
        durationSeconds: 3600,
        ...(input.recurrence === undefined && { start: inHours(1) }),
        ...(input.selection === undefined && { sites: ['site-1.example'] }),
        ...input,
      }),
    after: (ms: number) => {
      place.clock.advance(ms);
      return tick();
    },
    isClosed: (domain: string) => place.emulator.rules(domain).length > 0,
    told: async () => {
      const notices = await place.app.database.read().find(Notification, {}, { orderBy: { id: 'asc' } });
      return notices.map(({ event }) => event);
    },
    history: async (id: number) => {
      const { executionLog } = await place.app.schedule.get(id);
      return executionLog.map(({ event, site = '' }) => `${event} ${site}`.trim());
    },
  });
}
