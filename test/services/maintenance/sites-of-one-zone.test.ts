import { expect, test } from 'vitest';
import { IntermissionError } from '../../../src/errors.ts';
import { databaseUrls } from '../../support/describe-databases.ts';
import { essence, failureOf, openWorkplace } from '../../support/workplace.ts';

const ZONE = 'z1.example';
const INNER = `b.${ZONE}`;
const PAGE = 'https://status.example.net/';

const urls = databaseUrls('sqlite');
const open = async () => {
  const place = await openWorkplace(await urls.migrated(), { emulator: { zones: 0, plan: 'pro' } });
  const settings = { pattern: `${ZONE}/*`, actions: [{ id: 'always_use_https' }] };
  const inner = { pattern: `*.${INNER}/*`, actions: [{ id: 'ssl', value: 'off' }] };
  place.emulator.addZone({ name: ZONE, rules: [settings, inner] });
  await place.app.sites.create({ domain: ZONE, includeSubdomains: false, engine: 'page_rules' });
  await place.app.sites.create({ domain: INNER, engine: 'page_rules' });
  return { place, of: async (domain: string) => place.app.maintenance(await place.site(domain)) };
};

test('two sites of one zone, opened in the order in which they were closed, leave all rules in their order', async () => {
  const { place, of } = await open();
  await using _ = place;
  const before = essence(place.emulator.rules(ZONE));
  await (await of(INNER)).enableMaintenance('first');
  await (await of(ZONE)).enableMaintenance('second');
  await (await of(INNER)).disableMaintenance();
  expect((await place.emulator.visit(`https://${ZONE}/any`)).status).toBe(302);
  const { plan } = await (await of(ZONE)).disableMaintenance();
  expect(essence(place.emulator.rules(ZONE))).toEqual(before);
  expect(plan).toMatchObject({ notes: [] });
});

test('a rule given back never wins over the rule of another site that stays closed', async () => {
  const { place, of } = await open();
  await using _ = place;
  place.emulator.addRule(ZONE, {
    pattern: `*${ZONE}/*`,
    actions: [{ id: 'always_use_https' }],
    priority: 1000,
  });
  await place.app.sites.update({ domain: ZONE }, { includeSubdomains: true });
  const before = essence(place.emulator.rules(ZONE));
  await (await of(ZONE)).enableMaintenance('first', { url: PAGE });
  await (await of(INNER)).enableMaintenance('second', { url: `${PAGE}inner` });
  await (await of(ZONE)).disableMaintenance();
  expect((await place.emulator.visit(`https://a.${INNER}/any`)).location).toBe(`${PAGE}inner`);
  await (await of(INNER)).disableMaintenance();
  expect(essence(place.emulator.rules(ZONE))).toEqual(before);
});

test('a rule of ours that was switched off in the dashboard is still ours: the rule it stands for comes back', async () => {
  const { place, of } = await open();
  await using _ = place;
  const before = essence(place.emulator.rules(ZONE));
  const inPlace = () => place.emulator.rules(ZONE).find(({ id }) => id === slot);
  const slot = place.emulator.rules(ZONE).find(({ targets }) => targets[0]?.constraint.value === `${ZONE}/*`)
    ?.id as string;
  const service = await of(ZONE);
  await service.enableMaintenance('first', { url: PAGE });
  place.emulator.editRule(ZONE, slot, { status: 'disabled' });
  await service.enableMaintenance('again', { url: PAGE });
  expect(inPlace()).toMatchObject({ status: 'active', actions: [{ id: 'forwarding_url' }] });
  place.emulator.editRule(ZONE, slot, { status: 'disabled' });
  const { plan } = await service.disableMaintenance();
  expect(essence(place.emulator.rules(ZONE))).toEqual(before);
  expect(plan).toMatchObject({ notes: [] });
});

test('a rule that another closed site still holds is not taken from it, and that site is named', async () => {
  const { place, of } = await open();
  await using _ = place;
  const before = essence(place.emulator.rules(ZONE));
  await place.app.sites.update({ domain: ZONE }, { subdomainList: 'c' });
  await (await of(ZONE)).enableMaintenance('first', { url: PAGE });
  await place.app.sites.update({ domain: ZONE }, { subdomainList: '' });
  await place.app.sites.create({ domain: `c.${ZONE}`, includeSubdomains: false, engine: 'page_rules' });
  const error = await failureOf((await of(`c.${ZONE}`)).enableMaintenance('second'), 'rule_conflict');
  expect(error).toBeInstanceOf(IntermissionError);
  expect(error.message).toContain(`in use by ${ZONE}`);
  await (await of(ZONE)).enableMaintenance('gives it up', { url: PAGE });
  await (await of(`c.${ZONE}`)).enableMaintenance('second', { url: `${PAGE}c` });
  expect((await place.emulator.visit(`https://c.${ZONE}/any`)).location).toBe(`${PAGE}c`);
  await (await of(`c.${ZONE}`)).disableMaintenance();
  await (await of(ZONE)).disableMaintenance();
  expect(essence(place.emulator.rules(ZONE))).toEqual(before);
});

test('a site that reopens below a closed one says that its visitors are still redirected', async () => {
  const { place, of } = await open();
  await using _ = place;
  await place.app.sites.update({ domain: ZONE }, { includeSubdomains: true });
  await (await of(ZONE)).enableMaintenance('first', { url: PAGE });
  await (await of(INNER)).enableMaintenance('second', { url: `${PAGE}inner` });
  const shown = await (await of(INNER)).previewDisable();
  const { plan } = await (await of(INNER)).disableMaintenance();
  for (const { notes } of [shown, plan as unknown as typeof shown]) {
    expect(notes).toMatchObject([{ code: 'still_covered', message: expect.stringContaining(ZONE) }]);
  }
  expect((await place.emulator.visit(`https://${INNER}/`)).location).toBe(PAGE);
  expect((await (await of(ZONE)).disableMaintenance()).plan).toMatchObject({ notes: [] });
});
