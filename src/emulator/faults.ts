import { failure, messageItems, type Reply } from './envelope.ts';
import { invalidPageRule, throttled, validationText } from './refusals.ts';
import { isMatch, type RequestLogEntry } from './request-log.ts';
import type { FaultSeed } from './schemas.ts';

/** A fault that was set; `remove` is harmless when it is gone already. */
export interface FaultHandle {
  readonly id: string;
  readonly seed: FaultSeed;
  /** How often it was applied. */
  readonly fired: number;
  remove(): void;
}

interface Fault {
  id: string;
  seed: FaultSeed;
  seen: number;
  fired: number;
  random: () => number;
}

export class Faults {
  readonly #faults = new Map<string, Fault>();
  #made = 0;

  add(seed: FaultSeed): FaultHandle {
    this.#made += 1;
    const fault: Fault = {
      id: `fault-${this.#made}`,
      seed,
      seen: 0,
      fired: 0,
      random: createRandom(seed.seed ?? 1),
    };
    this.#faults.set(fault.id, fault);
    return {
      id: fault.id,
      seed,
      get fired() {
        return fault.fired;
      },
      remove: () => this.#faults.delete(fault.id),
    };
  }

  list(): { id: string; seed: FaultSeed; seen: number; fired: number }[] {
    return [...this.#faults.values()].map(({ id, seed, seen, fired }) => ({ id, seed, seen, fired }));
  }

  remove(id: string): boolean {
    return this.#faults.delete(id);
  }

  clear(): void {
    this.#faults.clear();
  }

  /** The faults for a request: every `slow` one, and the oldest of the others. */
  take(request: RequestLogEntry): FaultSeed[] {
    const firing: FaultSeed[] = [];
    for (const fault of this.#faults.values()) {
      if (!isDue(fault, request)) continue;
      const taken = fault.seed.kind !== 'slow' && firing.some(({ kind }) => kind !== 'slow');
      if (taken) continue;
      fault.fired += 1;
      firing.push(fault.seed);
    }
    return firing;
  }
}

/** `nth` alone means that request only; with `times` it means that many, beginning with the n-th. */
function isDue(fault: Fault, request: RequestLogEntry): boolean {
  const { seed } = fault;
  if (!isMatch(request, seed)) return false;
  fault.seen += 1;
  if (fault.seen < (seed.nth ?? 1)) return false;
  const times = seed.times ?? (seed.nth === undefined ? Number.POSITIVE_INFINITY : 1);
  if (fault.fired >= times) return false;
  return seed.probability === undefined || fault.random() < seed.probability;
}

/** A small generator (mulberry32), so that a fault with a probability strikes the same requests in every run. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Whether the request is performed although the fault hides or spoils its answer. */
export function isPerformed(seed: FaultSeed): boolean {
  switch (seed.kind) {
    case 'reset':
    case 'rateLimited':
    case 'freshToken':
    case 'unknownValidation':
    case 'maintenanceMode':
    case 'refuse':
      return false;
    case 'serverError':
    case 'html':
    case 'successFalse':
      return seed.when === 'after';
    case 'invalidJson':
      return seed.when !== 'before';
    case 'dropReply':
    case 'slow':
    case 'staleRead':
    case 'nullErrors':
      return true;
  }
}

/** The answer that a fault puts in the place of the real one; undefined for a fault that keeps it. */
export function faultReply(seed: FaultSeed, retryAfterHeader: boolean): Reply | undefined {
  switch (seed.kind) {
    case 'rateLimited':
      return rateLimitedReply(seed.retryAfter ?? (retryAfterHeader ? 1 : false));
    case 'serverError':
      return errorReply(seed, { status: 500, code: 1, message: 'An unknown error has occurred' });
    case 'refuse':
      return refusalReply(seed);
    case 'successFalse':
      return errorReply(seed, { status: 200, code: 1, message: 'An unknown error has occurred' });
    case 'freshToken':
      // The code is from memory: the one recording (6.4) has none.
      return errorReply({}, { status: 403, code: 10001, message: 'Unable to authenticate request' });
    case 'maintenanceMode':
      return errorReply(seed, { status: 403, code: 10020, message: maintenanceModeText });
    case 'unknownValidation':
      return invalidPageRule([seed.message ?? '.settings[0]: A message that no client has seen before']);
    case 'html':
      return { status: seed.status ?? 502, raw: { contentType: 'text/html; charset=UTF-8', text: htmlPage } };
    case 'invalidJson':
      return { status: 200, raw: { contentType: 'application/json', text: '{"result": {"id": "50fd' } };
    default:
      return undefined;
  }
}

/** In the style of the old Firewall Rules API's end (2.2). */
const maintenanceModeText =
  'pagerules.api.maintenance_mode. This API is in maintenance mode and no longer accepts modifications.';

const htmlPage =
  '<!DOCTYPE html><html><head><title>Bad gateway</title></head><body><h1>Bad gateway</h1></body></html>';

interface ErrorFields {
  status?: number;
  code?: number;
  message?: string;
}

function errorReply(given: ErrorFields, fallback: Required<ErrorFields>): Reply {
  const { status, code, message } = { ...fallback, ...definedOf(given) };
  return failure(status, [{ code, message }]);
}

function definedOf({ status, code, message }: ErrorFields): ErrorFields {
  return {
    ...(status === undefined ? {} : { status }),
    ...(code === undefined ? {} : { code }),
    ...(message === undefined ? {} : { message }),
  };
}

/** Unless told otherwise, a refusal of an action that is no longer taken. */
function refusalReply(seed: ErrorFields & { messages?: readonly string[] }): Reply {
  const { status = 400, code = 1004, message = validationText } = seed;
  const details =
    seed.messages ?? (code === 1004 ? ['.settings[0].id: This setting is no longer available'] : []);
  return failure(status, [{ code, message }], messageItems(details));
}

function rateLimitedReply(retryAfter: number | false): Reply {
  const reply = throttled();
  return retryAfter === false ? reply : { ...reply, headers: { 'retry-after': String(retryAfter) } };
}
