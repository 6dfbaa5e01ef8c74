import type { Drift } from '../domain/drift.ts';
import { engineNameOf, type WantedRule } from '../domain/edge-state.ts';
import type {
  Applied,
  CallOptions,
  Change,
  EdgeRule,
  Engine,
  EngineSite,
  Inspection,
  InspectionInput,
  Note,
  PlanInput,
  Restored,
  RulePlan,
  RuleState,
} from './engine.ts';
import { findShadows } from './shadows.ts';

/**
 * A site that one engine has closed and another one shall close: what is new is made by `chosen`, what is there of the
 * other one is removed by it, in this order, so that the site is never open in between.
 */
export class TwoEngines implements Engine {
  readonly #chosen: Engine;
  readonly #other: Engine;

  constructor(chosen: Engine, other: Engine) {
    this.#chosen = chosen;
    this.#other = other;
  }

  get name() {
    return this.#chosen.name;
  }

  wanted(site: EngineSite, url: string): WantedRule[] {
    return this.#chosen.wanted(site, url);
  }

  readsFirst(): boolean {
    return true;
  }

  async read(zoneId: string, options: CallOptions): Promise<EdgeRule[]> {
    const rules = await this.#chosen.read(zoneId, options);
    return [...rules, ...(await this.#other.read(zoneId, options))];
  }

  plan(input: PlanInput): RulePlan {
    const { target, state, read, existing, foreign = [] } = input;
    const planOf = (engine: Engine, answer: PlanInput['existing']): RulePlan => {
      const mine = belongsTo(engine);
      return engine.plan({
        ...input,
        target: target.filter(mine),
        state: partOf(state, mine),
        read: read?.filter(mine),
        existing: answer,
        foreign: foreign.filter(mine),
      });
    };
    // Whose the doubtful rules are is asked of the engine that closes the site from now on.
    return join(planOf(this.#chosen, existing), planOf(this.#other, 'unasked'));
  }

  recognize(...[state, changes, read, adopted]: Parameters<Engine['recognize']>): RulePlan {
    const recognizedBy = (engine: Engine): RulePlan => {
      const mine = belongsTo(engine);
      return engine.recognize(partOf(state, mine), changes.filter(mine), read.filter(mine), adopted);
    };
    return join(recognizedBy(this.#chosen), recognizedBy(this.#other));
  }

  inspect(input: InspectionInput): Inspection {
    const { target, state, read } = input;
    const inspectedBy = (engine: Engine): Inspection => {
      const mine = belongsTo(engine);
      return engine.inspect({
        ...input,
        target: target.filter(mine),
        state: partOf(state, mine),
        read: read.filter(mine),
      });
    };
    const one = inspectedBy(this.#chosen);
    const two = inspectedBy(this.#other);
    const changesOver = target.length > 0 && state.rules.some(belongsTo(this.#other));
    const drift = changesOver ? asChange([...one.drift, ...two.drift]) : [...one.drift, ...two.drift];
    return {
      configured: one.configured === 'open' ? two.configured : one.configured,
      drift: [...drift, ...findShadows(input)],
      doubtful: [...one.doubtful, ...two.doubtful],
    };
  }

  apply(zoneId: string, change: Change, options: CallOptions): Promise<Applied> {
    return this.#engineOf(change).apply(zoneId, change, options);
  }

  async settleOrder(zoneId: string, restored: readonly Restored[], options: CallOptions): Promise<Note[]> {
    const notes: Note[] = [];
    for (const engine of [this.#chosen, this.#other]) {
      const own = restored.filter((rule) => belongsTo(engine)(rule as Restored & { ref?: string }));
      if (own.length > 0) notes.push(...(await engine.settleOrder(zoneId, own, options)));
    }
    return notes;
  }

  rulesetId(zoneId: string): string | undefined {
    return this.#chosen.rulesetId(zoneId) ?? this.#other.rulesetId(zoneId);
  }

  #engineOf(change: Change): Engine {
    return belongsTo(this.#chosen)(change) ? this.#chosen : this.#other;
  }
}

/** While the other engine still does the work, the rule of the chosen one is not missing: it is to take its place. */
function asChange(drift: readonly Drift[]): Drift[] {
  return drift
    .filter(({ kind }) => kind !== 'rule_without_hold')
    .map((each) => (each.kind === 'missing' && each.ruleId === null ? { ...each, kind: 'changed' } : each));
}

function belongsTo({ name }: Engine): (rule: { ref?: string }) => boolean {
  return (rule) => engineNameOf(rule) === name;
}

function partOf({ rules, replaced }: RuleState, mine: (rule: { ref?: string }) => boolean): RuleState {
  const own = rules.filter(mine);
  return { rules: own, replaced: replaced.filter(({ id }) => own.some((rule) => rule.id === id)) };
}

function join(one: RulePlan, two: RulePlan): RulePlan {
  return {
    state: {
      rules: [...one.state.rules, ...two.state.rules],
      replaced: [...one.state.replaced, ...two.state.replaced],
    },
    changes: [...one.changes, ...two.changes],
    notes: [...one.notes, ...two.notes],
    adopted: [...one.adopted, ...two.adopted],
    foreign: [...one.foreign, ...two.foreign],
  };
}
