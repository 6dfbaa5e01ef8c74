import { expect, vi } from 'vitest';
import type { RequestLogEntry } from '../../src/emulator/index.ts';
import { ZoneLockRepository } from '../../src/persistence/repositories/zone-lock-repository.ts';
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
    const requests = await this.requestsOf(scenario.argv, { domain, zoneId });
    return requests.filter(({ write }) => write).length;
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
    const subject = await this.prepare(scenario);
    const label = `${scenario.name}, killed ${point.when} write ${point.nth}, next: ${next.name}`;
    const rowsBefore = await operationRows(this.stage.app, subject.domain);
    await this.killAt(point, subject, scenario.argv, label);
    const rows = [...rowsBefore, `${actionOf(scenario.argv)} pending`];
    expect(await operationRows(this.stage.app, subject.domain), label).toEqual(rows);
    return { label, subject, rowsBefore };
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

  /** One run for all sites. It leaves alone what is locked: for all it knows, that process is alive. */
  async tick({ argv, name }: Next): Promise<void> {
    const locks = new ZoneLockRepository();
    const { database } = this.stage.app;
    const isFree = async () => (await locks.liveZoneIds(database.read())).length === 0;
    await vi.waitUntil(isFree, { timeout: 30_000, interval: 100 });
    const { status, stdout, stderr } = await this.stage.run(argv);
    expect(status, `${name}\n${stdout}${stderr}`).toBe(0);
  }

  /** Runs the next command about a site, unless the tick has already done it all, and judges what has become of it. */
  async settle({ label, subject, rowsBefore }: Case, scenario: Scenario, next: Next): Promise<void> {
    const rows = [...rowsBefore, closedRow(scenario)];
    if (!isTick(next)) {
      const { status, document, stderr } = await this.stage.json(forDomain(next.argv, subject.domain));
      const exit = next.refusal === undefined ? 0 : 6;
      expect([status, document.error?.code], `${label}\n${stderr}`).toEqual([exit, next.refusal]);
      expect(document.results, label).toMatchObject([statusOf(next.expected)]);
      rows.push(
        `${actionOf(next.argv)} ${next.refusal === undefined ? 'success' : `failed ${next.refusal}`}`,
      );
    }
    await expectAgreement(this.stage, subject, next.expected, label);
    expect(await operationRows(this.stage.app, subject.domain), label).toEqual(rows);
  }

  /** Judges what the command line says of the sites. */
  async compareStatus(cases: readonly Case[], expected: Expected): Promise<void> {
    const { document } = await this.stage.json(['maintenance', 'list']);
    const states = new Map(document.results.map((row) => [row['site'], row]));
    for (const { label, subject } of cases) {
      expect(states.get(subject.domain), label).toMatchObject({ ...statusOf(expected), unrestored: [] });
    }
  }

  /** Whatever was in between: once it is open, the zone is as others left it. */
  async reopen({ label, subject }: Case): Promise<void> {
    // Which door it goes through does not matter for what was saved: this one is quicker.
    await this.stage.app.disableMaintenanceForDomain(subject.domain, { force: true });
    await expectAgreement(this.stage, subject, { open: true }, `${label}, then reopened`);
  }

  /** Makes a zone with rules of others and its site, and brings the site where the scenario begins. */
  async prepare(scenario: Scenario): Promise<Subject> {
    const { emulator, app } = this.stage;
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
