import type { MaintenanceLog } from '../domain/maintenance-log.ts';
import { extendError, IntermissionError } from '../errors.ts';
import type { Proof } from '../services/maintenance/prove.ts';
import type { CommandContext, Warning } from './command.ts';
import { driftText } from './drift-text.ts';
import { type LiveRow, liveRows } from './live-row.ts';
import type { SwitchOptions } from './maintenance-options.ts';
import { stateWords } from './status-text.ts';
import type { SiteInHand } from './switch-site.ts';

/** How the flags ask for a proof. */
export interface Proving {
  verify: boolean;
  timeoutMs: number | undefined;
}

export function provingOf({ verify, timeout }: Pick<SwitchOptions, 'verify' | 'timeout'>): Proving {
  return { verify: verify ?? true, timeoutMs: timeout === undefined ? undefined : timeout * 1000 };
}

/** Proves an operation that has ended; undefined when nothing was asked for or there is nothing to prove. */
export async function proveAfter(
  { service }: SiteInHand,
  log: MaintenanceLog | undefined,
  { verify, timeoutMs }: Proving,
  context: CommandContext,
): Promise<Proof | undefined> {
  if (!verify || log === undefined) return undefined;
  const { signal } = context;
  const proven = await whileWaiting(context, () => service.proveOperation(log, { timeoutMs, signal }));
  return proven?.proof;
}

/** At a terminal, says on stderr what is waited for and since when, and takes it back at the end. */
export async function whileWaiting<T>({ io, flags }: CommandContext, work: () => Promise<T>): Promise<T> {
  const { stderr } = io;
  if (flags.json || stderr.isTTY !== true) return work();
  const beganAt = performance.now();
  const draw = () => {
    const seconds = Math.round((performance.now() - beganAt) / 1000);
    stderr.write(`\r${WAITING} ${seconds} s`);
  };
  draw();
  const timer = setInterval(draw, 1000);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    stderr.write('\r\u001b[K');
  }
}

const WAITING = 'Looking at what visitors get …';

/** The error of a site whose state is not proven; undefined when it is, or when nobody has looked. */
export function errorOfProof(
  site: string,
  proof: Proof | undefined,
  signal: AbortSignal,
): IntermissionError | undefined {
  if (proof === undefined || proof.state === 'proven') return undefined;
  const state = stateWords(proof.wanted === 'closed');
  if (signal.aborted && proof.hosts.length === 0) {
    const message = `${site} is ${state}. A signal ended the proof: what visitors get is not known.`;
    return new IntermissionError('interrupted', message, {
      hint: `Run: intermission maintenance verify ${site}`,
    });
  }
  const message = `${site} is ${state}, but that visitors get it is not proven. ${proof.message}`;
  return new IntermissionError('not_observed', message, proof.hint === undefined ? {} : { hint: proof.hint });
}

/**
 * The same as {@link errorOfProof}; where visitors get the wrong thing, Cloudflare is read once, and what is not as it
 * should be there is named.
 */
export async function explainProof(
  { app, site }: Pick<SiteInHand, 'app' | 'site'>,
  proof: Proof | undefined,
  signal: AbortSignal,
): Promise<IntermissionError | undefined> {
  const error = errorOfProof(site.domain, proof, signal);
  if (error?.code !== 'not_observed' || !isAboutRules(proof)) return error;
  const [live] = await liveRows(app, [site], { signal, observe: false }).catch(() => []);
  const causes = [
    ...(live?.drift ?? []).map(driftText),
    ...(live?.notes ?? []).map(({ message }) => message),
  ];
  return causes.length === 0
    ? error
    : extendError(error, {
        message: `${error.message} ${causes.join(' ')}`,
        ...(live !== undefined && live.drift.length > 0 && { hint: hintOf(live) }),
      });
}

/** What to do about rules that are not as they should be: waiting for the edge does not mend them. */
function hintOf({ site, maintenanceActive, drift }: LiveRow): string {
  const [other] = drift.flatMap(({ by }) => by?.site ?? []);
  if (maintenanceActive) return `Run: intermission maintenance enable ${site}`;
  return `Run: intermission maintenance disable ${other ?? site}`;
}

/** Whether a rule, there or missing, can be why visitors get something else. */
function isAboutRules(proof: Proof | undefined): boolean {
  const seen = (proof?.hosts ?? []).flatMap((host) => (host.counts ? [host, ...host.openPaths] : []));
  return seen.some(({ asWanted, verdict }) => !asWanted && (verdict === 'open' || verdict === 'closed'));
}

/**
 * What speaks against the page that visitors will be sent to. Never rejects: it is a warning at most, and is looked for
 * while something else may be going on.
 */
export async function pageWarnings(
  { service }: SiteInHand,
  asked: { url?: string | null | undefined; hold?: string | undefined },
  { verify }: Proving,
  signal: AbortSignal,
): Promise<Warning[]> {
  if (!verify) return [];
  const warning = await service.checkPage({ ...asked, signal }).catch(() => undefined);
  return warning === undefined ? [] : [{ code: warning.code, message: `${warning.message} ${warning.hint}` }];
}
