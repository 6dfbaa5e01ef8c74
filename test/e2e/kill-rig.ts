import { expect } from 'vitest';
import type { RequestLogEntry } from '../../src/emulator/index.ts';
import { isIntermissionError } from '../../src/errors.ts';
import { carryOut } from './kill-commands.ts';
import { type Expected, forDomain, type Next, PAGE, type Scenario } from './kill-scenarios.ts';
import { expectAgreement, operationRows, type Subject, visitAll } from './site-state.ts';
import type { Stage } from './stage.ts';
import type { Turn } from './turns.ts';

/** The lease of a process that is killed, seconds: so long must the next command wait. */
export const LEASE = { INTERMISSION_LOCK_SECONDS: '2' };

/** The n-th request about the zone, a write unless `reads` says that these count too. */
export interface KillPoint {
  nth: number;
  when: 'before' | 'after';
  reads?: boolean;
}

/** A site whose command was killed. */
export interface Case {
  label: string;
  point: KillPoint;
  subject: Subject;
  rowsBefore: string[];
}

/** Kills commands in a database of its own. Each kill has a site and a zone of its own. */
export class KillRig implements AsyncDisposable {
  readonly stage: Stage;
  readonly #turn: Turn;

  constructor(stage: Stage, turn: Turn) {
    this.stage = stage;
    this.#turn = turn;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stage[Symbol.asyncDispose]();
  }

  /** Writes to Cloudflare of a run that nobody disturbs. */
  async countWrites(scenario: Scenario): Promise<number> {
    const { domain, zoneId } = await this.prepare(scenario);
    const { n: after = 0 } = this.stage.emulator.requests().at(-1) ?? {};
    await carryOut(this.stage.app, forDomain(scenario.argv, domain)).catch(expectRefusal);
    return this.stage.emulator.requests({ zone: zoneId, after, write: true }).length;
  }

  /** A site for each point at which the command of a scenario can be killed. */
  async prepareCases(scenario: Scenario, next: Next, writes: number): Promise<Case[]> {
    const cases: Case[] = [];
    for (let nth = 1; nth <= writes; nth += 1) {
      for (const when of ['before', 'after'] as const) {
        cases.push(await this.prepareCase(scenario, { nth, when }, next));
      }
    }
    return cases;
  }

  async prepareCase(scenario: Scenario, point: KillPoint, next: Next): Promise<Case> {
    const subject = await this.prepare(scenario);
    const label = `${scenario.name}, killed ${point.when} write ${point.nth}, next: ${next.name}`;
    return {
      label,
      point,
      subject,
      rowsBefore: await operationRows(this.stage.app, subject.domain),
    };
  }

  /** What the time does to the locks of a process that is gone. */
  async endLeases(): Promise<void> {
    await this.stage.app.database.transaction((em) => em.execute('delete from maintenance_lock', [], 'run'));
  }

  /** The requests about its zone that a command about a site sends. */
  async requestsOf(
    argv: string[],
    { domain, zoneId }: Pick<Subject, 'domain' | 'zoneId'>,
  ): Promise<RequestLogEntry[]> {
    const { n: after = 0 } = this.stage.emulator.requests().at(-1) ?? {};
    await this.stage.run(forDomain(argv, domain));
    return this.stage.emulator.requests({ zone: zoneId, after });
  }

  /** Kills the command of a scenario at one of its writes. It has left a pending row. */
  async kill(scenario: Scenario, point: KillPoint, next: Next): Promise<Case> {
    const prepared = await this.prepareCase(scenario, point, next);
    const { label, subject, rowsBefore } = prepared;
    await this.killAt(point, subject, scenario.argv, label);
    const rows = [...rowsBefore, `${actionOf(scenario.argv)} pending`];
    expect(await operationRows(this.stage.app, subject.domain), label).toEqual(rows);
    return prepared;
  }

  /** Kills a command about a site at one of its requests. */
  async killAt(
    { nth, when, reads = false }: KillPoint,
    subject: Subject,
    argv: string[],
    label: string,
  ): Promise<void> {
    const path = `/zones/${subject.zoneId}`;
    const hold = this.stage.emulator.hold({ when, nth, path, writesOnly: !reads });
    await this.#turn(async () => {
      const { child, ended } = this.stage.start(forDomain(argv, subject.domain), LEASE);
      const first = await Promise.race([hold.reached, ended]);
      child.kill('SIGKILL');
      expect([first, (await ended).signal], label).toEqual([hold.request, 'SIGKILL']);
    });
    await hold.release({ discard: when === 'before' });
    expect(hold.state, label).toBe(when === 'before' ? 'discarded' : 'released');
  }

  /** One run for all sites. */
  async tick({ argv, name }: Next, isProcess: boolean): Promise<void> {
    if (!isProcess) return carryOut(this.stage.app, argv);
    const { status, stdout, stderr } = await this.stage.run(argv);
    expect(status, `${name}\n${stdout}${stderr}`).toBe(0);
  }

  /** Runs the next command about a site, unless the tick has already done it all, and judges what has become of it. */
  async settle(one: Case, scenario: Scenario, next: Next, isProcess: boolean): Promise<void> {
    const { label, subject, rowsBefore } = one;
    const rows = [...rowsBefore, closedRow(scenario)];
    if (!isTick(next)) {
      await (isProcess ? this.#runAsProcess(one, next) : this.#runHere(one, next));
      rows.push(
        `${actionOf(next.argv)} ${next.refusal === undefined ? 'success' : `failed ${next.refusal}`}`,
      );
    }
    const status = await this.stage.app.maintenance(await this.#site(subject)).describe();
    expect(status, label).toMatchObject({ ...statusOf(next.expected), unrestored: [] });
    await expectAgreement(this.stage, subject, next.expected, label);
    expect(await operationRows(this.stage.app, subject.domain), label).toEqual(rows);
  }

  async #runAsProcess({ label, subject }: Case, next: Next): Promise<void> {
    const { status, document, stderr } = await this.stage.json(forDomain(next.argv, subject.domain));
    const exit = next.refusal === undefined ? 0 : 6;
    expect([status, document.error?.code], `${label}\n${stderr}`).toEqual([exit, next.refusal]);
    expect(document.results, label).toMatchObject([statusOf(next.expected)]);
  }

  async #runHere({ label, subject }: Case, next: Next): Promise<void> {
    const code = await carryOut(this.stage.app, forDomain(next.argv, subject.domain)).then(
      () => undefined,
      (error: unknown) => (isIntermissionError(error) ? error.code : error),
    );
    expect(code, label).toBe(next.refusal);
  }

  #site({ domain }: Subject) {
    return this.stage.app.sites.get({ domain });
  }

  /** Whatever was in between: once it is open, the zone is as others left it. */
  async reopen({ label, subject }: Pick<Case, 'label' | 'subject'>): Promise<void> {
    // Which door it goes through does not matter for what was saved: this one is quicker.
    await this.stage.app.disableMaintenanceForDomain(subject.domain, { force: true });
    await expectAgreement(this.stage, subject, { open: true }, `${label}, then reopened`);
  }

  /** Makes a zone with rules of others and its site, and brings the site where the scenario begins. */
  async prepare(scenario: Scenario): Promise<Subject> {
    const { emulator, app } = this.stage;
    const domain = `shop-${emulator.zones().length + 1}.example`;
    const { foreign, forgotten = [], cover, ...state } = forDomain(scenario, domain);
    const { closed, holds = [], closedTo, existing, edited } = state;
    const zone = emulator.addZone({ name: domain, rules: foreign, pageRuleQuota: 20 });
    const site = await app.sites.create({
      domain,
      ...cover.site,
      maintenanceUrl: PAGE,
      engine: 'page_rules',
    });
    const subject = {
      domain,
      zoneId: zone.id,
      foreign: zone.rules,
      isAnswered: existing === 'theirs',
      visits: await visitAll(emulator, domain),
    };
    for (const rule of forgotten) emulator.addRule(domain, rule);
    if (closed) {
      const service = app.maintenance(site);
      for (const hold of holds) await service.enableMaintenance('before', { hold });
      await service.enableMaintenance('before', { url: closedTo, existing });
    }
    if (edited !== undefined) await app.sites.update({ domain }, edited.site);
    return subject;
  }
}

function statusOf(expected: Expected): object {
  return { maintenanceActive: !expected.open, url: expected.open ? null : expected.url };
}

/** True for the command that is about all sites. */
export function isTick(next: Next): boolean {
  return next.argv.length === 1;
}

/** How recovery closes the row of the killed command: an enable is taken back, a disable is finished. */
function closedRow({ argv }: Scenario): string {
  return actionOf(argv) === 'enable' ? 'enable failed interrupted' : 'disable success';
}

export function actionOf(argv: readonly string[]): string {
  return argv[1] ?? '';
}

/** Only what keeps a site closed on purpose may end a command that nobody disturbs. */
function expectRefusal(error: unknown): void {
  expect(error).toMatchObject({ code: 'held_by_others' });
}
