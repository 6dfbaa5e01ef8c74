import { IntermissionError } from '../errors.ts';
import type { ScheduledMaintenance, WindowStatus } from './scheduled-maintenance.ts';

/** What the rules below need to know of a window. */
export type WindowFacts = Pick<
  ScheduledMaintenance,
  'status' | 'scheduledStart' | 'scheduledEnd' | 'wish' | 'autoEnable' | 'autoDisable'
>;

/**
 * What is to be brought about for a window now. `rest`: nothing. `begin`: it becomes active. `ask`: its start has come,
 * and a person closes its sites. `miss`: its end has passed, and it never began. `hold`: its sites are to be closed.
 * `release`: they are to be reopened. `overdue`: its end has passed, and a person reopens its sites.
 */
export type Phase = 'rest' | 'begin' | 'ask' | 'miss' | 'hold' | 'release' | 'overdue';

/** What a person can ask of a window. */
export type WindowRequest = 'start' | 'complete' | 'cancel' | 'extend' | 'reschedule';

/** Follows from the window and the time alone: whoever looks comes to the same conclusion. */
export function phaseOf(window: WindowFacts, now: Date): Phase {
  const status = statusOf(window);
  if (status === 'scheduled') return phaseBefore(window, now);
  return status === 'active' ? phaseWhileActive(window, now) : 'rest';
}

function phaseBefore({ scheduledStart, scheduledEnd, wish, autoEnable }: WindowFacts, now: Date): Phase {
  if (scheduledEnd <= now) return 'miss';
  if (wish === 'run') return 'begin';
  if (scheduledStart > now) return 'rest';
  return autoEnable === false ? 'ask' : 'begin';
}

function phaseWhileActive({ scheduledEnd, wish, autoDisable }: WindowFacts, now: Date): Phase {
  if (wish === 'complete' || wish === 'cancel') return 'release';
  if (scheduledEnd > now) return 'hold';
  return autoDisable === false ? 'overdue' : 'release';
}

/** The status of a window that has released every hold. */
export function finalStatus({ wish }: Pick<WindowFacts, 'wish'>, hasClosedAny: boolean): WindowStatus {
  if (wish === 'cancel') return 'cancelled';
  return hasClosedAny ? 'completed' : 'failed';
}

/**
 * Whether a person may ask that now.
 *
 * @throws IntermissionError `validation_failed`, saying what is possible instead
 */
export function assertPossible(
  window: WindowFacts & { id: number },
  request: WindowRequest,
  now: Date,
): void {
  const refusal = refusalOf(window, request, now);
  if (refusal === undefined) return;
  const [why, hint] = refusal;
  throw new IntermissionError('validation_failed', `Window ${window.id} ${why}.`, {
    hint: hint.replaceAll('ID', String(window.id)),
    details: { windowId: window.id, status: statusOf(window) },
  });
}

function refusalOf(
  window: WindowFacts,
  request: WindowRequest,
  now: Date,
): [why: string, hint: string] | undefined {
  const status = statusOf(window);
  if (status === 'scheduled') return refusedWhileScheduled(window, request, now);
  if (status === 'active') return refusedWhileActive(window, request);
  const ended = status === 'failed' ? 'has failed' : `is ${status}`;
  return [
    `${ended}, and does not change any more`,
    'Plan another one like it: intermission schedule clone ID',
  ];
}

function refusedWhileScheduled(
  { scheduledEnd, wish }: WindowFacts,
  request: WindowRequest,
  now: Date,
): [string, string] | undefined {
  const isOver = scheduledEnd <= now;
  if (request === 'complete')
    return [
      'has not begun, so there is nothing to complete',
      'Take it back: intermission schedule cancel ID',
    ];
  if (isOver && request === 'start')
    return ['is over: its end has passed', 'Give it another time: intermission schedule reschedule ID'];
  if (wish === 'run' && request === 'start')
    return ['is being started already', 'Look at it: intermission schedule show ID'];
  return undefined;
}

function refusedWhileActive({ wish }: WindowFacts, request: WindowRequest): [string, string] | undefined {
  if (request === 'start') return ['is active already', 'Look at it: intermission schedule show ID'];
  if (request === 'reschedule')
    return [
      'is active: it has begun',
      'Move its end with intermission schedule extend ID, or end it with complete or cancel.',
    ];
  if (wish === 'complete' || wish === 'cancel') {
    // Asking again for the same is how a person tries again.
    if (request === wish) return undefined;
    return [`is being ended: somebody asked to ${wish} it`, 'Look at it: intermission schedule show ID'];
  }
  return undefined;
}

function statusOf({ status }: Pick<WindowFacts, 'status'>): WindowStatus {
  return status ?? 'scheduled';
}
