import type { FastifyInstance } from 'fastify';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TEMPLATES, type TemplateName, toLogo } from '../../src/domain/brand.ts';
import { buildApp } from '../../src/server/build-app.ts';
import { listen } from '../support/ask-server.ts';
import { axeViolations, overflows, useBrowser } from '../support/browser.ts';
import { databaseUrls } from '../support/describe-databases.ts';
import { openWorkplace, type Workplace } from '../support/workplace.ts';

const A = 'site-1.example';
const browser = useBrowser();
const databases = databaseUrls('sqlite');
let place: Workplace;
let server: FastifyInstance;
let base: string;

beforeEach(async () => {
  place = await openWorkplace(await databases.migrated());
  server = buildApp({ served: place.app, now: () => place.clock.now() });
  base = await listen(server);
});
afterEach(async () => {
  await server.close();
  await place[Symbol.asyncDispose]();
});

/** The page of A in a browser whose clock is that of the server, and stands still. */
async function visit(options: BrowserContextOptions = {}) {
  const opened = await browser.open({ locale: 'en-GB', timezoneId: 'Europe/Berlin', ...options });
  const { page } = opened;
  await standStill(page, place.clock.now());
  await page.route('https://site-1.example/**', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<h1>The site itself</h1>' }),
  );
  await page.goto(`${base}/maintenance?site=${A}`);
  return opened;
}

/** Installed, the clock of the browser runs until it is stopped: it must not have passed that time. */
async function standStill(page: Page, time: Date): Promise<void> {
  await page.clock.install({ time: time.getTime() - 600_000 });
  await page.clock.pauseAt(time);
}

/** Moves the clocks of the browser and of the server, and waits for what the page then asks. */
async function pass(page: Page, seconds: number): Promise<void> {
  place.clock.advance(seconds * 1000);
  await page.clock.runFor(seconds * 1000);
  await page.waitForLoadState('networkidle');
}

const inMinutes = (minutes: number) => new Date(place.clock.now().getTime() + minutes * 60_000);
const shown = (page: Page, part: string) => page.locator(`[data-part="${part}"]`);

describe.each(TEMPLATES)('the template %s', (template: TemplateName) => {
  test.each(['light', 'dark'] as const)('is clean, quiet and fits in %s', async (colorScheme) => {
    const logo = toLogo(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="120" height="40"/>'));
    const contact = 'help@a-very-long-name-of-a-department.a-very-long-name-of-a-company.example';
    const brand = { template, logo, contact, statusPage: 'https://status.example.net/', color: '#ffe600' };
    await place.app.sites.update({ domain: A }, { brand });
    const message = `We are moving. ${'Donaudampfschifffahrtsgesellschaft'.repeat(3)}`;
    await place.app.enableMaintenanceForDomain(A, 'x', { message, until: inMinutes(3_000) });
    const phone = { colorScheme, viewport: { width: 375, height: 700 }, locale: 'de-DE' };
    const { page, complaints, requests } = await browser.open(phone);
    // Only the time stands still: axe needs timers.
    await page.clock.setFixedTime(place.clock.now());
    await page.goto(`${base}/maintenance?site=${A}`);
    expect(await shown(page, 'days').isVisible()).toBe(true);
    expect(await overflows(page)).toBe(false);
    expect(await axeViolations(page)).toEqual([]);
    // A desktop at 200 % has half the room.
    await page.setViewportSize({ width: 640, height: 400 });
    expect(await overflows(page)).toBe(false);
    await page.setViewportSize({ width: 320, height: 600 });
    expect(await overflows(page)).toBe(false);
    expect(complaints).toEqual([]);
    const others = requests.filter((url) => !url.startsWith(base) && !url.startsWith('data:'));
    expect(others).toEqual([]);
  });
});

test('the end is shown in the time zone of the visitor, and counted down to', async () => {
  await place.app.enableMaintenanceForDomain(A, 'x', { until: inMinutes(90) });
  const { page } = await visit();
  expect(await shown(page, 'time').textContent()).toMatch(/^Monday,? 1 June at 15:30 (CEST|GMT\+2)$/);
  expect(await shown(page, 'clock').innerText()).toMatch(/^01\s+hours\s+30\s+min\s+00\s+sec$/);
  await pass(page, 1);
  expect(await shown(page, 'clock').innerText()).toMatch(/^01\s+hours\s+29\s+min\s+59\s+sec$/);
  expect(await shown(page, 'days').isVisible()).toBe(false);
});

test('an overrun is said when the end passes, and taken back when the end is moved', async () => {
  await place.app.enableMaintenanceForDomain(A, 'x', { until: inMinutes(1) });
  const { page } = await visit();
  expect(await shown(page, 'overrun').isVisible()).toBe(false);
  await pass(page, 61);
  expect(await shown(page, 'overrun').isVisible()).toBe(true);
  expect(await shown(page, 'clock').isVisible()).toBe(false);
  await place.app.enableMaintenanceForDomain(A, 'x', { until: inMinutes(30) });
  await pass(page, 30);
  await expect.poll(() => shown(page, 'clock').isVisible()).toBe(true);
  expect(await shown(page, 'overrun').isVisible()).toBe(false);
});

test('a wrong clock of the visitor does not change the time that is left', async () => {
  await place.app.enableMaintenanceForDomain(A, 'x', { until: inMinutes(90) });
  const { page } = await browser.open();
  await standStill(page, inMinutes(60));
  await page.goto(`${base}/maintenance?site=${A}`);
  expect(await shown(page, 'clock').innerText()).toMatch(/30\s+min/);
  await pass(page, 10);
  await pass(page, 2);
  await expect.poll(() => shown(page, 'clock').innerText()).toMatch(/^01\s+hours\s+29\s+min/);
});

test('the visitor is taken back once the site is open at the edge, not before', async () => {
  await place.app.enableMaintenanceForDomain(A);
  const { page, complaints } = await visit();
  await pass(page, 30);
  expect(page.url()).toContain('/maintenance');
  await place.app.disableMaintenanceForDomain(A);
  await pass(page, 30);
  await expect.poll(() => shown(page, 'heading').textContent()).toBe('Almost there');
  expect(page.url()).toContain('/maintenance');
  await pass(page, 65);
  await expect.poll(() => shown(page, 'heading').textContent()).toBe('We’re back');
  await page.clock.runFor(5_000);
  await page.waitForURL(`https://${A}/`);
  expect(await page.textContent('h1')).toBe('The site itself');
  expect(complaints).toEqual([]);
});

test('an edge that lags sends nobody round more than three times in a session', async () => {
  const { page } = await browser.open();
  await page.clock.install({ time: place.clock.now() });
  let arrivals = 0;
  await page.route(`https://${A}/**`, (route) => {
    arrivals += 1;
    return route.fulfill({ status: 302, headers: { location: `${base}/maintenance?site=${A}` } });
  });
  for (let round = 0; round < 5; round += 1) {
    await place.app.enableMaintenanceForDomain(A);
    place.clock.advance(1_000);
    await page.goto(`${base}/maintenance?site=${A}`);
    await place.app.disableMaintenanceForDomain(A);
    place.clock.advance(91_000);
    await page.clock.runFor(8_000);
    await expect.poll(() => shown(page, 'heading').textContent()).not.toBe('We’ll be right back');
    await page.clock.runFor(5_000);
    await expect.poll(() => arrivals).toBe(Math.min(round + 1, 3));
    const end = round < 3 ? 'Nothing to wait for here' : 'We’re back';
    await expect.poll(() => shown(page, 'heading').textContent()).toBe(end);
  }
  expect(await shown(page, 'heading').textContent()).toBe('We’re back');
  expect(await shown(page, 'go').getAttribute('href')).toBe(`https://${A}/`);
});

test('without JavaScript everything is there but the countdown', async () => {
  const message = 'New database';
  await place.app.enableMaintenanceForDomain(A, 'x', { message, until: inMinutes(90) });
  const { page } = await browser.open({ javaScriptEnabled: false });
  await page.goto(`${base}/maintenance?site=${A}`);
  expect(await page.innerText('main')).toContain(message);
  expect(await shown(page, 'time').textContent()).toBe('Monday, June 1 at 1:30 PM UTC');
  expect(await shown(page, 'clock').isVisible()).toBe(false);
  expect(await page.locator('meta[http-equiv="refresh"]').getAttribute('content')).toBe('60');
});

test('a hostile message and a hostile brand are shown as text, and run nothing', async () => {
  const evil = '<img src=x onerror="document.title=1"><script>document.title=1</script></main>';
  await place.app.sites.update({ domain: A }, { brand: { contact: evil } });
  await place.app.enableMaintenanceForDomain(A, 'x', { message: evil });
  const { page, complaints } = await visit();
  expect(await shown(page, 'message').textContent()).toBe(evil);
  expect(await page.textContent('footer')).toContain(evil);
  expect(await page.title()).toBe(`Maintenance · ${A}`);
  expect(await page.locator('img').count()).toBe(0);
  expect(complaints).toEqual([]);
});
