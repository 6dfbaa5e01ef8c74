import { randomBytes } from 'node:crypto';
import { type LookOptions, lookOnce } from './look.ts';
import type { Slots } from './slots.ts';
import { openPathTargets, siteTargets } from './targets.ts';
import type { Clock, HostTrack, ProbeSubject, Target, Track, Wait, Wanted } from './types.ts';
import { goalOf, isAsWanted, isDecided, judge, measureOf, STABLE_LOOKS } from './verdict.ts';

/** What watching needs of its surroundings. */
export interface WatchTools extends LookOptions {
  clock: Clock;
  wait: Wait;
  /** Milliseconds that never go back. */
  monotonic: () => number;
  /** Shared by all sites. */
  slots: Slots;
}

export interface WatchOptions {
  /** Milliseconds; 0 looks once. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

/** One watch of one site. */
interface Watch {
  subject: ProbeSubject;
  wanted: Wanted;
  checkProxied: boolean;
  tools: WatchTools;
  signal: AbortSignal | undefined;
  /** Milliseconds that are left; they begin to count with the first look. */
  left: () => number;
}

/** Between a look that shows what is wanted and the one that confirms it. */
const CONFIRM_MS = 500;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5000;

/**
 * Looks at every host of a site, all at the same time, until each shows what is wanted twice in a row, or will not
 * change by waiting, or the time is up. A look that shows it at the very end is still confirmed.
 * Rejects only when `signal` aborts.
 */
export async function watchSite(
  subject: ProbeSubject,
  wanted: Wanted,
  tools: WatchTools,
  { timeoutMs, signal }: WatchOptions,
): Promise<HostTrack[]> {
  const checkProxied = tools.edgeAddress === undefined;
  const watch = { subject, wanted, checkProxied, tools, signal, left: countdown(timeoutMs, tools.monotonic) };
  const word = randomWord();
  return Promise.all(
    siteTargets(subject, wanted, word).map((target) => watchHost(target, watch, word, timeoutMs > 0)),
  );
}

/** Open paths prove something only once the host is closed: before that, every path shows the site. */
async function watchHost(target: Target, watch: Watch, word: string, repeat: boolean): Promise<HostTrack> {
  const look = (each: Target) => (repeat ? watchTarget(each, watch) : lookAt(each, watch, undefined));
  const site = await look(target);
  const isClosed = isAsWanted(site, 'closed', repeat ? STABLE_LOOKS : 1);
  const asksPaths = !target.optional && goalOf(target, watch.wanted) === 'closed' && isClosed;
  const targets = asksPaths ? openPathTargets(watch.subject, target.host, word) : [];
  return { site, openPaths: await Promise.all(targets.map(look)) };
}

async function watchTarget(target: Target, watch: Watch): Promise<Track> {
  let track = await lookAt(target, watch, undefined);
  for (let pause = FIRST_PAUSE_MS; !isDecided(track, watch.wanted); ) {
    if (isPromising(track, watch.wanted)) {
      await watch.tools.wait(CONFIRM_MS, watch.signal);
    } else {
      const left = watch.left();
      if (left <= 0) break;
      await watch.tools.wait(Math.min(pause, left), watch.signal);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
    track = await lookAt(target, watch, track);
  }
  return track;
}

function isPromising(track: Track, wanted: Wanted): boolean {
  return track.verdict === goalOf(track.target, wanted) && track.streak < STABLE_LOOKS;
}

function lookAt(target: Target, watch: Watch, before: Track | undefined): Promise<Track> {
  const { tools, signal } = watch;
  const measure = measureOf(target, watch);
  return tools.slots.run(async () => {
    watch.left();
    const at = tools.clock.now().toISOString();
    const wantsOwnAddress = (answer: Parameters<typeof judge>[0]) =>
      measure.bypassIps.length > 0 && judge(answer, { ...measure, bypassIps: [] }) === 'open';
    const look = { host: target.host, path: target.path, word: randomWord(), wantsOwnAddress, signal };
    const observation = await lookOnce(look, tools);
    const verdict = judge(observation, measure);
    return {
      target,
      looks: (before?.looks ?? 0) + 1,
      firstAt: before?.firstAt ?? at,
      lastAt: at,
      verdict,
      observation,
      streak: before?.verdict === verdict ? before.streak + 1 : 1,
    };
  });
}

/** Starts at the first question, so that a site that waits for its turn keeps its time. */
function countdown(ms: number, monotonic: () => number): () => number {
  let end: number | undefined;
  return () => {
    const now = monotonic();
    end ??= now + ms;
    return end - now;
  };
}

function randomWord(): string {
  return randomBytes(6).toString('hex');
}
