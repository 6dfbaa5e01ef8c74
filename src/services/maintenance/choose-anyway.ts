import { extendError, isIntermissionError } from '../../errors.ts';
import { type ChosenPlan, choosePlan, type PlanQuestion, wantedBy } from './choose-plan.ts';
import { recordedState } from './records.ts';
import type { Run } from './run.ts';

/**
 * The plan of an operation. With nothing of ours on record, a doubtful rule is no reason to keep holds that only the
 * database still has: they are released all the same, and the rule is reported in the end (`run.doubtful`).
 *
 * @throws IntermissionError `rule_conflict` for a doubtful rule in all other cases
 */
export async function chooseAnyway(run: Run, question: PlanQuestion): Promise<ChosenPlan> {
  try {
    return await choosePlan(run.connection, question);
  } catch (error) {
    const { request, situation } = run;
    const { domain, edgeState, maintenanceActive } = situation.site;
    const isDoubtful = isIntermissionError(error) && error.details['doubtful'] !== undefined;
    if (!isDoubtful || request.intent.kind === 'enable' || maintenanceActive !== true) throw error;
    const isHeldOn = wantedBy(run.connection.engine, question).target.length > 0;
    if (isHeldOn || recordedState(edgeState).rules.length > 0) throw error;
    const message = `The holds of ${domain} are released, and no rule of ours was left to remove. ${error.message}`;
    run.doubtful = extendError(error, { message });
    return choosePlan(run.connection, { ...question, request: { ...request, existing: 'unasked' } });
  }
}
