import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Emulator, Switches } from '../../src/emulator/index.ts';
import type { DatabaseKind } from '../../src/persistence/open-database.ts';
import { ZoneLockRepository } from '../../src/persistence/repositories/zone-lock-repository.ts';
import { databaseUrls } from '../support/describe-databases.ts';
import { assertBuilt } from './built-cli.ts';
import { type Expected, forDomain, type Next, PAGE, SCENARIOS, type Scenario } from './kill-scenarios.ts';
import { expectAgreement, operationRows, type Subject, visitAll } from './site-state.ts';
import { openStage, type Stage, startStageEmulator } from './stage.ts';
import { type Turn, takeTurns } from './turns.ts';

export interface KillTableOptions {
  database: DatabaseKind;
  /** How the emulator behaves where Cloudflare's behaviour is not known for sure. */
  switches?: Partial<Switches>;
}

/** Processes at a time. */
const PROCESSES = 2;
/** The lease of a process that is killed, seconds: so long must the next command wait. */
const LEASE = { INTERMISSION_LOCK_SECONDS: '2' };
const TIMEOUT = 300_000;

/** Kills every scenario before and after each of its writes, and lets each next command put things in order. */
export function describeKillTable({ database, switches = {} }: KillTableOptions): void {
  describe.concurrent(`killed at each write, on ${database}`, () => {
    const urls = databaseUrls(database);
    const turn = takeTurns(PROCESSES);
    let emulator: Emulator;
    beforeAll(async () => {
      assertBuilt();
      emulator = await startStageEmulator({ switches });
    });
    afterAll(() => emulator.close());

    const openTable = async () =>
      new Table(await openStage({ emulator, databaseUrl: await urls.migrated(), turn }), turn);

    for (const scenario of SCENARIOS) {
      let writes: Promise<number> | undefined;
      const countWrites = async () => {
        await using table = await openTable();
        return await table.countWrites(scenario);
      };
      test.each(scenario.next)(
        `${scenario.name}; next: $name`,
        async (next) => {
          writes ??= countWrites();
          await using table = await openTable();
          await table.tryAll(scenario, next, await writes);
        },
        TIMEOUT,
      );
    }
  });
}

interface KillPoint {
  nth: number;
  when: 'before' | 'after';
}

interface Case {
  label: string;
  subject: Subject;
  rowsBefore: string[];
}

/** The kills of one scenario with one next command, in a database of their own. Each has a site and a zone of its own. */
class Table implements AsyncDisposable {
  readonly #stage: Stage;
  readonly #turn: Turn;

  constructor(stage: Stage, turn: Turn) {
    this.#stage = stage;
    this.#turn = turn;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stage[Symbol.asyncDispose]();
  }

  /** Writes to Cloudflare of a run that nobody disturbs. */
  async countWrites(scenario: Scenario): Promise<number> {
    const { domain, zoneId } = await this.#prepare(scenario);
    const { n: after = 0 } = this.#stage.emulator.requests().at(-1) ?? {};
    await this.#stage.run(forDomain(scenario.argv, domain));
    return this.#stage.emulator.requests({ zone: zoneId, write: true, after }).length;
  }

  async tryAll(scenario: Scenario, next: Next, writes: number): Promise<void> {
    expect(writes, `writes of ${scenario.name}`).toBeGreaterThan(0);
    const cases: Case[] = [];
    for (let nth = 1; nth <= writes; nth += 1) {
      for (const when of ['before', 'after'] as const)
        cases.push(await this.#kill(scenario, { nth, when }, next));
    }
    if (isTick(next)) await this.#tick(next);
    for (const one of cases) await this.#settle(one, scenario, next);
    await this.#compareStatus(cases, next.expected);
    if (!next.expected.open) for (const one of cases) await this.#reopen(one);
  }

  async #kill(scenario: Scenario, { nth, when }: KillPoint, next: Next): Promise<Case> {
    const subject = await this.#prepare(scenario);
    const label = `${scenario.name}, killed ${when} write ${nth}, next: ${next.name}`;
    const rowsBefore = await operationRows(this.#stage.app, subject.domain);
    const hold = this.#stage.emulator.hold({ when, nth, path: `/zones/${subject.zoneId}/` });
    await this.#turn(async () => {
      const { child, ended } = this.#stage.start(forDomain(scenario.argv, subject.domain), LEASE);
      const first = await Promise.race([hold.reached, ended]);
      child.kill('SIGKILL');
      expect([first, (await ended).signal], label).toEqual([hold.request, 'SIGKILL']);
    });
    await hold.release({ discard: when === 'before' });
    expect(hold.state, label).toBe(when === 'before' ? 'discarded' : 'released');
    expect(await operationRows(this.#stage.app, subject.domain), label).toEqual([
      ...rowsBefore,
      `${actionOf(scenario.argv)} pending`,
    ]);
    return { label, subject, rowsBefore };
  }

  /** One run for all sites. It leaves alone what is locked: for all it knows, that process is alive. */
  async #tick({ argv, name }: Next): Promise<void> {
    const locks = new ZoneLockRepository();
    const { database } = this.#stage.app;
    const isFree = async () => (await locks.liveZoneIds(database.read())).length === 0;
    await vi.waitUntil(isFree, { timeout: 30_000, interval: 100 });
    const { status, stdout, stderr } = await this.#stage.run(argv);
    expect(status, `${name}\n${stdout}${stderr}`).toBe(0);
  }

  /** Runs the next command about a site, unless the tick has already done it all, and judges what has become of it. */
  async #settle({ label, subject, rowsBefore }: Case, scenario: Scenario, next: Next): Promise<void> {
    const rows = [...rowsBefore, closedRow(scenario)];
    if (!isTick(next)) {
      const { status, stdout, stderr } = await this.#stage.run(forDomain(next.argv, subject.domain));
      expect(status, `${label}\n${stdout}${stderr}`).toBe(next.refusal === undefined ? 0 : 6);
      rows.push(
        `${actionOf(next.argv)} ${next.refusal === undefined ? 'success' : `failed ${next.refusal}`}`,
      );
    }
    await expectAgreement(this.#stage, subject, next.expected, label);
    expect(await operationRows(this.#stage.app, subject.domain), label).toEqual(rows);
  }

  async #compareStatus(cases: readonly Case[], expected: Expected): Promise<void> {
    const { document } = await this.#stage.json(['maintenance', 'list']);
    const states = new Map(document.results.map((row) => [row['site'], row]));
    for (const { label, subject } of cases) {
      expect(states.get(subject.domain), label).toMatchObject({
        maintenanceActive: !expected.open,
        intended: expected.open ? 'open' : 'maintenance',
        url: expected.open ? null : expected.url,
        unrestored: [],
      });
    }
  }

  /** Whatever was in between: once it is open, the zone is as others left it. */
  async #reopen({ label, subject }: Case): Promise<void> {
    // Which door it goes through does not matter for what was saved: this one is quicker.
    await this.#stage.app.disableMaintenanceForDomain(subject.domain, { force: true });
    await expectAgreement(this.#stage, subject, { open: true }, `${label}, then reopened`);
  }

  /** Makes a zone with rules of others and its site, and brings the site where the scenario begins. */
  async #prepare(scenario: Scenario): Promise<Subject> {
    const { emulator, app } = this.#stage;
    const domain = `shop-${emulator.zones().length + 1}.example`;
    const { foreign, cover, closed, holds = [], closedTo, edited } = forDomain(scenario, domain);
    const zone = emulator.addZone({ name: domain, rules: foreign, pageRuleQuota: 20 });
    const site = await app.sites.create({ domain, ...cover.site, maintenanceUrl: PAGE });
    const subject = {
      domain,
      zoneId: zone.id,
      foreign: zone.rules,
      visits: await visitAll(emulator, domain),
    };
    if (closed) {
      const service = app.maintenance(site);
      for (const hold of holds) await service.enableMaintenance('before', { hold });
      await service.enableMaintenance('before', { url: closedTo });
    }
    if (edited !== undefined) await app.sites.update({ domain }, edited.site);
    return subject;
  }
}

function isTick(next: Next): boolean {
  return next.argv.length === 1;
}

/** How recovery closes the row of the killed command: an enable is taken back, a disable is finished. */
function closedRow({ argv }: Scenario): string {
  return actionOf(argv) === 'enable' ? 'enable failed interrupted' : 'disable success';
}

function actionOf(argv: readonly string[]): string {
  return argv[1] ?? '';
}
