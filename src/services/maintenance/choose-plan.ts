import type { CallOptions, Engine, RulePlan, RuleState } from '../../engines/engine.ts';
import { needsReading, planRules, type Wanted, wantedAfter } from './plan-operation.ts';
import type { Connection } from './ports.ts';
import type { Situation } from './records.ts';
import type { Request } from './request.ts';
import { shortcoming, turnTo } from './turn-to.ts';

/** A plan, and the engine that it is for. */
export interface ChosenPlan {
  connection: Connection;
  wanted: Wanted;
  rules: RulePlan;
}

export interface PlanQuestion {
  request: Pick<Request, 'intent' | 'existing'>;
  situation: Situation;
  zoneId: string;
  call: CallOptions;
  defaultUrl: string;
  /** Reads also where the plan alone does not need it. */
  reads: boolean;
  /** What is ours now, if it is not what the record says. */
  state?: RuleState;
}

/**
 * Plans with the engine of the connection, or with the one to turn to when page rules would write over a rule of the
 * user's or have no room (`auto`).
 */
export async function choosePlan(connection: Connection, question: PlanQuestion): Promise<ChosenPlan> {
  const { request, situation, zoneId, call } = question;
  const { engine } = connection;
  const wanted = wantedBy(engine, question);
  const { existing } = request;
  const closesFirst = wanted.target.length > 0 && engine.readsFirst(zoneId);
  const reads = question.reads || closesFirst || needsReading(situation, wanted, existing);
  const read = reads ? await engine.read(zoneId, call) : undefined;
  const rules = planRules(engine, situation, {
    target: wanted.target,
    state: question.state,
    read,
    existing,
  });
  // Rules that were made just now are in the hands of the engine that made them.
  const isUnderWay = (question.state?.rules.length ?? 0) > 0;
  const why = read === undefined || isUnderWay ? undefined : shortcoming(rules, read.length, situation);
  if (why === undefined) return { connection, wanted, rules };
  const turned = await turnTo(connection, situation, { zoneId, call, why });
  if (turned.connection !== undefined) return choosePlan(turned.connection, question);
  const notes = turned.note === undefined ? rules.notes : [...rules.notes, turned.note];
  return { connection, wanted, rules: { ...rules, notes } };
}

/** Pure: what the operation leads to, with the rules as `engine` writes them. */
export function wantedBy(engine: Engine, { request, situation, defaultUrl }: PlanQuestion): Wanted {
  return wantedAfter(situation, request.intent, engine, defaultUrl);
}
