import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { staticFiles } from '../../src/pages/static-page.ts';
import { axeViolations, overflows, useBrowser } from '../support/browser.ts';

const browser = useBrowser();
const pages: Record<string, string> = {
  '/': staticFiles('modern', undefined)[0]?.content ?? '',
  '/branded':
    staticFiles('premium', { domain: 'shop.example', brand: { color: '#c2410c' } })[0]?.content ?? '',
};
/** A host of plain files. */
const host = createServer((request, reply) => {
  const path = new URL(request.url ?? '', 'http://a').pathname;
  reply.setHeader('content-type', 'text/html; charset=utf-8').end(pages[path]);
});
let base: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(host.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => host.close(resolve)));

const NOW = new Date('2026-06-01T12:00:00Z');

async function open(address: string, locale: string) {
  const opened = await browser.open({
    locale,
    timezoneId: 'Europe/Berlin',
    viewport: { width: 375, height: 700 },
  });
  await opened.page.clock.setFixedTime(NOW);
  await opened.page.goto(`${base}${address}`);
  const shown = (part: string) => opened.page.locator(`[data-part="${part}"]`);
  return { ...opened, shown };
}

test('site and end are read from the address, in the language of the visitor', async () => {
  const address = '/?site=example.com&until=2026-06-01T13:30:00Z';
  const { page, shown, complaints, requests } = await open(address, 'fr-FR');
  expect(await page.title()).toBe('Maintenance · example.com');
  expect(await shown('lead').textContent()).toBe('example.com est momentanément fermé pour maintenance.');
  expect(await shown('time').textContent()).toMatch(/^lundi 1 juin à 15:30/);
  expect(await shown('clock').innerText()).toMatch(/^01\s+h\s+30\s+min\s+00\s+s$/);
  expect(await page.locator('a').count()).toBe(0);
  expect(await overflows(page)).toBe(false);
  expect(await axeViolations(page)).toEqual([]);
  expect(complaints).toEqual([]);
  expect(requests).toEqual([base + address]);
});

test('without an end it says so, and an end that has passed is an overrun', async () => {
  const { shown } = await open('/?site=example.com&until=', 'en-GB');
  expect(await shown('wait').textContent()).toBe('We cannot say yet how long it will take.');
  expect(await shown('end').isVisible()).toBe(false);
  const late = await open('/?site=example.com&until=2026-06-01T11:00:00Z', 'ja-JP');
  expect(await late.shown('overrun').isVisible()).toBe(true);
  expect(await late.shown('lead').textContent()).toContain('メンテナンス');
});

test.each([
  '?site=%3Cscript%3Edocument.title%3D1%3C/script%3E',
  '?site=%22%3E%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E',
  '?site=javascript:alert(1)',
  '?site=https://evil.example/',
  `?site=${'a'.repeat(5_000)}`,
  '?site=',
  '',
  '?site=example.com%0d%0aevil&until=%3Cb%3E',
  '?until=9999999-01-01T00:00:00Z',
])('an address that names no site names none on the page: %s', async (query) => {
  const { page, shown, complaints } = await open(`/${query.slice(0, 7_000)}`, 'en-GB');
  expect(await shown('lead').textContent()).toBe(
    'This website is closed for maintenance for a little while.',
  );
  expect(await page.title()).toBe('Maintenance');
  expect(await shown('end').isVisible()).toBe(false);
  expect(await page.locator('img, a').count()).toBe(0);
  expect(complaints).toEqual([]);
});

test('a page that was made for a site speaks of that site, whatever the address says, and leads there only', async () => {
  const { page, shown } = await open('/branded?site=evil.example&until=2026-06-01T12:10:00Z', 'en-GB');
  expect(await shown('name').textContent()).toBe('shop.example');
  expect(await shown('go').getAttribute('href')).toBe('https://shop.example/');
  expect(await page.content()).not.toContain('evil');
  expect(await axeViolations(page)).toEqual([]);
});
