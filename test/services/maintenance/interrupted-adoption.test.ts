import { describe, expect, test } from 'vitest';
import type { RedirectRule } from '../../../src/emulator/index.ts';
import { describeDatabases } from '../../support/describe-databases.ts';
import { type essence, failureOf, openWorkplace, type Workplace } from '../../support/workplace.ts';

const DOMAIN = 'site-1.example';
const PAGE = 'https://status.example.net/';
const away = { kind: 'serverError', status: 503, code: 0, message: 'away', when: 'before' } as const;

/** Everything but ids, times and how often a rule was changed. */
const contents = (rules: readonly RedirectRule[]) =>
  rules.map(({ id: _, last_updated: __, version: ___, ...rest }) => rest);
const pageContents = (rules: Parameters<typeof essence>[0]) =>
  rules.map(({ targets, actions, status, priority }) => ({ targets, actions, status, priority }));

/** Two rules of an installation that was lost, among others; what is compared, and how many there then are. */
const ENGINES = {
  page_rules: {
    add({ emulator }: Workplace) {
      emulator.addRule(DOMAIN, { pattern: `${DOMAIN}/low`, actions: [{ id: 'ssl', value: 'off' }] });
      emulator.addRule(DOMAIN, { pattern: `${DOMAIN}/*`, forwardTo: 'https://old.example.net/' });
      emulator.addRule(DOMAIN, { pattern: `${DOMAIN}/high`, actions: [{ id: 'ssl', value: 'off' }] });
      emulator.addRule(DOMAIN, { pattern: `*${DOMAIN}/*`, forwardTo: 'https://old.example.net/' });
    },
    rules: ({ emulator }: Workplace) => pageContents(emulator.rules(DOMAIN)),
  },
  redirect_rules: {
    add({ emulator }: Workplace) {
      const rule = {
        expression: `(lower(http.host) eq "${DOMAIN}")`,
        redirectTo: 'https://old.example.org/',
      };
      emulator.addRedirectRule(DOMAIN, { expression: 'http.host eq "first"', redirectTo: PAGE });
      emulator.addRedirectRule(DOMAIN, { ...rule, ref: `intermission:${'a'.repeat(32)}:7` });
      emulator.addRedirectRule(DOMAIN, { ...rule, ref: `intermission:${'a'.repeat(32)}:8` });
      emulator.addRedirectRule(DOMAIN, { expression: 'http.host eq "last"', redirectTo: PAGE });
    },
    rules: ({ emulator }: Workplace) => contents(emulator.redirectRules(DOMAIN)),
  },
};

describeDatabases((_kind, databases) => {
  describe.each(['page_rules', 'redirect_rules'] as const)('two rules adopted, by %s', (engine) => {
    const open = async () => {
      const place = await openWorkplace(await databases.migratedUrl(), {
        emulator: { plan: 'pro' },
        app: { maxRetries: 0 },
        engine,
      });
      ENGINES[engine].add(place);
      return place;
    };
    const rulesOf = (place: Workplace) => ENGINES[engine].rules(place);
    const tick = (place: Workplace) => place.app.schedule.processScheduledMaintenances();

    /** Lets `work` reach its n-th write, then takes the connection from it, so that it can repair nothing either. */
    const interrupt = async (place: Workplace, nth: number, work: () => Promise<unknown>) => {
      const hold = place.emulator.hold({ when: 'after', nth });
      const working = work().catch((error: unknown) => error);
      await hold.reached;
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const)
        place.emulator.addFault({ ...away, method });
      await hold.release({ discard: true });
      await working;
      expect(await place.app.logs.pending().count()).toBe(1);
      place.emulator.clearFaults();
    };

    test('a disable that was interrupted between the two is finished', async () => {
      await using place = await open();
      await interrupt(place, 1, () => place.app.disableMaintenanceForDomain(DOMAIN, { existing: 'ours' }));
      expect(rulesOf(place)).toHaveLength(3);
      await tick(place);
      expect(rulesOf(place)).toHaveLength(2);
      expect((await place.emulator.visit(`https://${DOMAIN}/`)).status).toBe(200);
      expect((await place.app.logs.forDomain(DOMAIN).orderBy('id').all()).at(-1)?.status).toBe('success');
    });

    test('a disable whose second removal is refused has that rule on record', async () => {
      await using place = await open();
      place.emulator.addFault({
        kind: 'refuse',
        method: 'DELETE',
        nth: 2,
        status: 400,
        code: 20000,
        message: 'no',
      });
      const { hint } = await failureOf(
        place.app.disableMaintenanceForDomain(DOMAIN, { existing: 'ours' }),
        'api_rejected',
      );
      expect(hint).toContain(DOMAIN);
      const status = await place.app.maintenance(await place.site(DOMAIN)).describe();
      expect(status.leftRules).toHaveLength(1);
      await place.app.disableMaintenanceForDomain(DOMAIN);
      expect(rulesOf(place)).toHaveLength(2);
    });

    test.each([1, 2])(
      'an enable that was interrupted after write %i is taken back, rule by rule',
      async (nth) => {
        await using place = await open();
        const before = rulesOf(place);
        await interrupt(place, nth, () =>
          place.app.enableMaintenanceForDomain(DOMAIN, 'x', { url: PAGE, existing: 'ours' }),
        );
        expect(rulesOf(place)).not.toEqual(before);
        await tick(place);
        expect(rulesOf(place)).toEqual(before);
        expect((await place.site(DOMAIN)).edgeState?.rules ?? []).toEqual([]);
        const [log] = await place.app.logs.forDomain(DOMAIN).orderBy('id').all();
        expect(JSON.stringify(log?.plan).includes('rule_made_again')).toBe(nth === 2);
        await tick(place);
        expect(rulesOf(place)).toEqual(before);
      },
    );
  });
});
