import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { buildIfStale } from '../../scripts/build-if-stale.ts';
import { type AdminWorkplace, openAdmin, PASSWORD } from '../server/admin/admin-workplace.ts';
import { listen } from '../support/ask-server.ts';
import { axeViolations, overflows, useBrowser } from '../support/browser.ts';
import { databaseUrls } from '../support/describe-databases.ts';

const PAGES = join(import.meta.dirname, '..', '..', 'dist', 'admin');
const EMAIL = 'admin@example.com';
const browser = useBrowser();
const databases = databaseUrls('sqlite');
let place: AdminWorkplace;
let base: string;

beforeAll(buildIfStale, 120_000);
beforeEach(async () => {
  place = await openAdmin(await databases.migrated(), { pages: PAGES });
  base = `${await listen(place.server)}/admin/`;
});
afterEach(() => place[Symbol.asyncDispose]());

test('the link of the first start leads to a user, the sites, one of them, the log, and out again', async () => {
  await closeOne();
  const { page, complaints } = await browser.open();
  const token = await place.app.users.createSetupToken();
  await page.goto(`${base}#/set-up?token=${token}`);
  await page.getByLabel('E-mail').fill(EMAIL);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create and sign in' }).click();
  await page.getByText('1 of 3 sites in maintenance').waitFor();

  await page.getByRole('menuitem', { name: 'Sites' }).click();
  await page.getByRole('cell', { name: 'site-1.example' }).click();
  await page.getByText('new disk').waitFor();
  await page.getByRole('link', { name: 'Its log' }).click();
  await page.getByRole('cell', { name: 'enable' }).click();
  await page.getByText('Seen by visitors').waitFor();

  await page.getByRole('button', { name: EMAIL }).click();
  await page.getByRole('menuitem', { name: 'Logout' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  expect(complaints.filter((text) => !text.includes('status of 401'))).toEqual([]);
}, 60_000);

test('a filter is in the address, and the address brings it back', async () => {
  await closeOne();
  const page = await signedIn();
  await page.goto(`${base}#/sites?filter=${encodeURIComponent('{"maintenance":"true"}')}`);
  await page.getByRole('cell', { name: 'site-1.example' }).waitFor();
  expect(await page.getByRole('row').count()).toBe(2);
  await page.getByLabel('Search domains').fill('site-2');
  await page.getByText('No Sites found').waitFor();
  expect(decodeURIComponent(page.url())).toContain('"q":"site-2"');
});

test('a wrong password is refused in the words of the server', async () => {
  await place.app.users.create({ email: EMAIL, password: PASSWORD });
  const { page } = await browser.open();
  await page.goto(base);
  await signIn(page, 'not this one at all');
  await page.getByRole('alert').waitFor();
  expect(await page.getByRole('alert').textContent()).not.toBe('');
});

test.each([
  ['light', 1280],
  ['dark', 375],
] as const)(
  'every screen in %s has no violation of axe and fits into %d px',
  async (colorScheme, width) => {
    await closeOne();
    const page = await signedIn({ colorScheme, viewport: { width, height: 800 }, reducedMotion: 'reduce' });
    const { id } = await place.site('site-1.example');
    for (const [path, text] of [
      ['', 'in maintenance'],
      ['sites', 'site-1.example'],
      [`sites/${id}/show`, 'Who keeps it closed'],
      ['logs', 'enable'],
      ['logs/1/show', 'Seen by visitors'],
    ] as const) {
      await page.goto(`${base}#/${path}`);
      await page.getByText(text).first().waitFor();
      const seen = { path, violations: await axeViolations(page), isWide: await overflows(page) };
      expect.soft(seen).toEqual({ path, violations: [], isWide: false });
    }
  },
  60_000,
);

async function closeOne(): Promise<void> {
  const { id } = await place.site('site-1.example');
  await place.app.maintenance({ id }).enableMaintenance('new disk', { verify: false });
}

async function signedIn(options = {}): Promise<Page> {
  await place.app.users.create({ email: EMAIL, password: PASSWORD });
  const { page } = await browser.open(options);
  await page.goto(base);
  await signIn(page, PASSWORD);
  await page.getByText('in maintenance').first().waitFor();
  return page;
}

async function signIn(page: Page, password: string): Promise<void> {
  await page.getByLabel('E-mail').fill(EMAIL);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}
