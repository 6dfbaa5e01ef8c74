import type { BulkSite } from '../../services/bulk-operations/types.ts';
import { formatDuration } from '../duration.ts';
import { type Colors, printable } from '../io.ts';
import { cutToWidth } from '../text-width.ts';
import { formatTime } from '../time.ts';
import type { Progress } from './progress.ts';

export interface Screen {
  columns: number;
  rows: number;
  colors: Colors;
  /** Milliseconds. */
  now: number;
}

const MOST_RUNNING = 5;
const BAR = 30;

/** Pure: what a terminal shows while a run goes on; no line is wider than the screen, and all fit on it. */
export function progressLines(progress: Progress, doing: string, screen: Screen): string[] {
  const { colors } = screen;
  const width = screen.columns - 1;
  const fixed: Line[] = [
    [heading(progress, doing, width), colors.bold],
    [counts(progress, screen.now), plain],
    ...pauses(progress, screen.now).map((text): Line => [text, colors.yellow]),
    ...stopping(progress).map((text): Line => [text, colors.yellow]),
  ];
  const failures = progress.failures.map((site): Line => [`✗ ${failureText(site)}`, colors.red]);
  const room = Math.max(0, screen.rows - 1 - fixed.length);
  const shownFailures = failures.slice(-Math.ceil(room / 2));
  const running = runningLines(progress, screen.now).slice(0, Math.max(0, room - shownFailures.length));
  const details = room === 0 ? [] : [...running.map((text): Line => [text, colors.dim]), ...shownFailures];
  return [...fixed, ...details].map(([text, style]) => style(cutToWidth(printable(text), width)));
}

type Line = readonly [text: string, style: (text: string) => string];

function plain(text: string): string {
  return text;
}

function heading({ total, toGo }: Progress, doing: string, width: number): string {
  const share = total === 0 ? 1 : (total - toGo) / total;
  const text = `${doing} ${total} ${total === 1 ? 'site' : 'sites'}`;
  const percent = `${Math.floor(share * 100)} %`;
  const room = Math.min(BAR, width - text.length - percent.length - 4);
  if (room < 5) return `${text}  ${percent}`;
  const full = Math.floor(share * room);
  return `${text}  ${'█'.repeat(full)}${'░'.repeat(room - full)}  ${percent}`;
}

function counts(progress: Progress, now: number): string {
  const { done, failed, leftOut, toGo } = progress;
  const numbers = [
    `${done} done`,
    failed > 0 && `${failed} failed`,
    leftOut > 0 && `${leftOut} as they were`,
    `${toGo} to go`,
  ].filter((text) => text !== false);
  const rate = progress.rate(now);
  const left = progress.secondsLeft(now);
  const pace = [
    rate > 0 && `${rate < 10 ? rate.toFixed(1) : Math.round(rate)} a second`,
    left !== undefined && `about ${formatDuration(Math.ceil(left))} left`,
  ].filter((text) => text !== false);
  return [numbers.join(', '), ...pace].join(' · ');
}

function pauses({ pauses: all }: Progress, now: number): string[] {
  const current = [...all].filter(([, until]) => until > now);
  return current.map(([apiKey, until]) => {
    const seconds = Math.ceil((until - now) / 1000);
    return `Paused until ${formatTime(new Date(until))} (${formatDuration(seconds)}): limit of key ${apiKey}`;
  });
}

function stopping({ stopped, running }: Progress): string[] {
  if (stopped === null) return [];
  return [
    `Stopping: ${running.size} in hand ${running.size === 1 ? 'is' : 'are'} finished, no other is begun.`,
  ];
}

/** Those that take longest come first. */
function runningLines({ running }: Progress, now: number): string[] {
  const shown = [...running].slice(0, running.size > MOST_RUNNING ? MOST_RUNNING - 1 : MOST_RUNNING);
  const more = running.size - shown.length;
  return [
    ...shown.map(([domain, since]) => `… ${domain}  ${((now - since) / 1000).toFixed(1)} s`),
    ...(more > 0 ? [`… and ${more} more in hand`] : []),
  ];
}

/** Why a site failed, or is not proven, in a line. */
export function failureText({ domain, error, proof }: BulkSite): string {
  const text = error === null ? `not proven. ${proof?.message ?? ''}` : error.message;
  return text.startsWith(domain) ? text : `${domain}: ${text}`;
}
