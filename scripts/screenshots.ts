/**
 * `npm run screenshots`: makes the pictures of the maintenance page in docs/images, from the page as it is served to
 * visitors. Times are fixed, so that pictures change only with the page.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { type Brand, TEMPLATES, type TemplateName } from '../src/domain/brand.ts';
import type { PublicState } from '../src/domain/public-page.ts';
import { buildApp } from '../src/server/build-app.ts';
import { listen } from '../test/support/ask-server.ts';
import { launchChromium } from '../test/support/chromium.ts';

const FOLDER = join(dirname(import.meta.dirname), 'docs', 'images');
const NOW = new Date('2026-06-01T12:38:41Z');
const SITE = 'shop.example';
const MESSAGE = 'We are moving the shop to a faster database. Orders placed before noon are safe.';
const DESKTOP = { width: 1120, height: 860 };
const PHONE = { width: 375, height: 760 };

interface Shot {
  template: TemplateName;
  scheme: 'light' | 'dark';
  device: 'desktop' | 'phone';
  locale: string;
  brand?: Brand;
  /** Minutes from now; 95 unless given. */
  end?: number | null;
}

const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" width="150" height="40" viewBox="0 0 150 40"><rect width="40" height="40" rx="10" fill="#c2410c"/><path d="M11 15h18l-2 14H13zM15 15a5 5 0 0 1 10 0" fill="none" stroke="#fff" stroke-width="2.5" stroke-linejoin="round"/><text x="52" y="28" font-family="sans-serif" font-size="22" font-weight="700" fill="#c2410c">Bazaar</text></svg>`;
const BRANDED: Brand = {
  color: '#c2410c',
  logo: `data:image/svg+xml;base64,${Buffer.from(LOGO).toString('base64')}`,
};

const SHOTS: Record<string, Shot> = {
  ...Object.fromEntries(
    TEMPLATES.flatMap((template) =>
      (['light', 'dark'] as const).flatMap((scheme) => [
        [`page-${template}-${scheme}`, { template, scheme, device: 'desktop' as const, locale: 'en-GB' }],
        [`page-${template}-${scheme}-phone`, { template, scheme, device: 'phone' as const, locale: 'de-DE' }],
      ]),
    ),
  ),
  'page-branded': { template: 'modern', scheme: 'light', device: 'desktop', locale: 'fr-FR', brand: BRANDED },
  'page-overrun': { template: 'simple', scheme: 'light', device: 'phone', locale: 'en-GB', end: -12 },
};

mkdirSync(FOLDER, { recursive: true });
const browser = await launchChromium();
for (const [name, shot] of Object.entries(SHOTS)) {
  writeFileSync(join(FOLDER, `${name}.png`), await take(browser, shot));
  console.log(`docs/images/${name}.png`);
}
await browser.close();

async function take(from: Browser, shot: Shot): Promise<Buffer> {
  const { end = 95, template, brand } = shot;
  const state: PublicState = {
    domain: SITE,
    state: 'closed',
    message: MESSAGE,
    until: end === null ? null : new Date(NOW.getTime() + end * 60_000),
    template,
    brand: { contact: 'help@shop.example', statusPage: 'https://status.shop.example/', ...brand },
  };
  const served = {
    publicStates: async () => [state],
    publicStatesVersion: async () => '1',
    database: { ping: async () => undefined },
  };
  await using server = buildApp({ served, now: () => NOW });
  const url = await listen(server);
  await using context = await from.newContext({
    viewport: shot.device === 'desktop' ? DESKTOP : PHONE,
    colorScheme: shot.scheme,
    locale: shot.locale,
    timezoneId: 'Europe/Berlin',
    reducedMotion: 'reduce',
  });
  const page: Page = await context.newPage();
  await page.clock.setFixedTime(NOW);
  await page.goto(`${url}/maintenance?site=${SITE}`);
  return await page.screenshot({ fullPage: shot.device === 'phone' });
}
