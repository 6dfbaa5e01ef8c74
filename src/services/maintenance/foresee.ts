import { needsRefresh } from './check-enable.ts';
import { isOnTheseTerms } from './hold-records.ts';
import type { Intent } from './operation.ts';
import { needsReading, type Wanted, wantedAfter } from './plan-operation.ts';
import type { Connection } from './ports.ts';
import { recordedState, type Situation } from './records.ts';
import type { Request } from './request.ts';

/** What an operation will come to, as far as our database tells. */
export interface Foresight {
  wanted: Wanted;
  /** True when the records say already all that is asked for. */
  isSettled: boolean;
  /** Requests to Cloudflare that it takes at least. */
  calls: number;
}

/** Pure: looks ahead without asking Cloudflare. */
export function foresee(
  situation: Situation,
  request: Pick<Request, 'intent' | 'existing'>,
  connection: Pick<Connection, 'engine'>,
  defaultUrl: string,
): Foresight {
  const wanted = wantedAfter(situation, request.intent, connection.engine, defaultUrl);
  const isSettled =
    request.existing === undefined &&
    (request.intent.kind === 'enable'
      ? isClosedAlready(situation, request.intent, wanted)
      : isOpenAlready(situation));
  return { wanted, isSettled, calls: countCalls(situation, request, { wanted, connection }) };
}

function isClosedAlready({ site, holds }: Situation, intent: Intent, { target }: Wanted): boolean {
  const { rules } = recordedState(site.edgeState);
  const isWritten = target.every((wanted) =>
    rules.some(
      ({ pattern, url, ref }) => pattern === wanted.pattern && url === wanted.url && ref === wanted.ref,
    ),
  );
  return (
    site.maintenanceActive === true &&
    isOnTheseTerms(holds, intent) &&
    isWritten &&
    rules.length === target.length
  );
}

function isOpenAlready({ site }: Situation): boolean {
  const { rules, replaced } = recordedState(site.edgeState);
  return site.maintenanceActive !== true && rules.length === 0 && replaced.length === 0;
}

function countCalls(
  situation: Situation,
  request: Pick<Request, 'intent' | 'existing'>,
  { wanted, connection }: { wanted: Wanted; connection: Pick<Connection, 'engine'> },
): number {
  const { site, asOf } = situation;
  const { rules, replaced } = recordedState(site.edgeState);
  const closes = wanted.target.length > 0;
  const looksUp = site.zoneId == null || (request.intent.kind === 'enable' && needsRefresh(site, asOf));
  const reads =
    needsReading(situation, wanted, request.existing) ||
    (closes && connection.engine.readsFirst(site.zoneId ?? ''));
  const writes = closes && rules.length > 0 ? 0 : Math.max(wanted.target.length, rules.length);
  // Each rule that is put back is looked at first, and then the order of all.
  const restores = closes || replaced.length === 0 ? 0 : replaced.length + 1;
  return Number(looksUp) + Number(reads) + writes + restores;
}
