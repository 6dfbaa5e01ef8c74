import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { TEMPLATES, toLogo } from '../../src/domain/brand.ts';
import type { PublicState } from '../../src/domain/public-page.ts';
import { LANGUAGES } from '../../src/pages/locales/index.ts';
import { renderNeutralPage, renderPage, renderText } from '../../src/pages/render.ts';
import { staticFiles } from '../../src/pages/static-page.ts';
import { fc } from '../support/property.ts';

const STATE: PublicState = {
  domain: 'shop.example',
  state: 'closed',
  message: 'Back soon',
  until: new Date('2026-06-01T14:30:00Z'),
  template: null,
  brand: {},
};
const OPTIONS = { language: 'en', overrun: false, pollUrl: 'maintenance/status?site=shop.example' } as const;

describe('the page', () => {
  test.each(TEMPLATES.flatMap((template) => LANGUAGES.map((language) => [template, language] as const)))(
    'in %s and %s is small, complete and allowed by its own policy',
    (template, language) => {
      const message = 'We are moving to another data centre. '.repeat(10);
      const brand = { contact: 'help@shop.example', statusPage: 'https://status.example.net/' };
      const { html, csp } = renderPage({ ...STATE, message, brand }, { ...OPTIONS, template, language });
      expect(Buffer.byteLength(html)).toBeLessThanOrEqual(15 * 1024);
      expect(html).toContain(`<html lang="${language}" dir="ltr">`);
      expect(html.replace(/<script>[\s\S]*/, '')).not.toMatch(/\{site\}|undefined|\[object|NaN/);
      for (const inline of inlineTexts(html)) expect(csp).toContain(`'sha256-${sha256(inline)}'`);
      expect(csp).not.toContain('unsafe');
      expect(html).not.toMatch(/ style=| on[a-z]+="/);
    },
  );

  test('asks no other server for anything', () => {
    const { html } = renderPage({ ...STATE, brand: { logo: LOGO } }, OPTIONS);
    const sources = [...html.matchAll(/(?:src|href|url)\s*[=(]\s*"?([^"\s>)]+)/g)].map(([, url]) => url);
    expect(sources.filter((url) => !url?.startsWith('data:'))).toEqual(['https://shop.example/']);
  });

  test('shows the message, the end, and the way to help', () => {
    const brand = { contact: 'help@shop.example', statusPage: 'https://status.example.net/' };
    const { html } = renderPage({ ...STATE, brand }, { ...OPTIONS, language: 'de' });
    expect(html).toContain('>Back soon</p>');
    expect(html).toContain('datetime="2026-06-01T14:30:00.000Z">Montag, 1. Juni um 14:30 UTC</time>');
    expect(html).toContain('<a href="mailto:help@shop.example">help@shop.example</a>');
    expect(html).toContain('<a href="https://status.example.net/"');
    expect(html).toContain('<noscript><meta http-equiv="refresh" content="60"></noscript>');
  });

  test('says that no end is known, that the end has passed, and that the site is about to open', () => {
    const shown = (html: string) => html.match(/<p class="overrun"[^>]*>/)?.[0];
    expect(renderPage({ ...STATE, until: null }, OPTIONS).html).toContain('We cannot say yet how long');
    expect(shown(renderPage(STATE, OPTIONS).html)).toContain('hidden');
    expect(shown(renderPage(STATE, { ...OPTIONS, overrun: true }).html)).not.toContain('hidden');
    const reopening = renderPage({ ...STATE, state: 'reopening', until: null }, OPTIONS).html;
    expect(reopening).toContain('<h1 data-part="heading">Almost there</h1>');
  });

  test('shows an international name as people write it', () => {
    const { html } = renderPage({ ...STATE, domain: 'xn--bcher-kva.example' }, OPTIONS);
    expect(html).toContain('bücher.example is closed');
    expect(html).toContain('href="https://xn--bcher-kva.example/"');
  });

  test('takes the look that is asked for, else that of the window, else that of the site', () => {
    const marked = (state: Partial<PublicState>, template?: 'minimal') =>
      /class="mark"[\s\S]*?width="(\d+)"/.exec(
        renderPage({ ...STATE, ...state }, { ...OPTIONS, template }).html,
      )?.[1];
    expect(marked({})).toBe('60');
    expect(marked({ brand: { template: 'simple' } })).toBe('28');
    expect(marked({ brand: { template: 'simple' }, template: 'premium' })).toBe('120');
    expect(marked({ template: 'premium' }, 'minimal')).toBeUndefined();
  });

  test('never lets a message or a brand become markup', () => {
    const text = fc.string({
      unit: fc.constantFrom('<', '>', '"', "'", '&', '/', 'script', ' ', '=', 'on', '%>'),
    });
    fc.assert(
      fc.property(text, text, (message, contact) => {
        const plain = renderPage({ ...STATE, message: 'x', brand: { contact: 'x' } }, OPTIONS).html;
        const { html } = renderPage(
          { ...STATE, message: message || 'x', brand: { contact: contact || 'x' } },
          OPTIONS,
        );
        expect(html.match(/<[a-z/!]/gi)).toEqual(plain.match(/<[a-z/!]/gi));
      }),
    );
  });
});

test('the neutral page has no script, no link and nothing of any site', () => {
  const { html, csp } = renderNeutralPage('en');
  expect(html).not.toMatch(/<script|<a |data-site/);
  expect(csp).not.toContain('script-src');
});

test('the text version says the same', () => {
  expect(renderText(STATE, OPTIONS)).toBe(
    'We’ll be right back\n\nshop.example is closed for maintenance for a little while.\n\nBack soon\n\nExpected back: Monday, June 1 at 2:30 PM UTC\n',
  );
});

test.each(TEMPLATES)('the static version in %s is small and carries its policy', (template) => {
  const [page, headers] = staticFiles(template, { domain: 'shop.example', brand: { color: '#cc0044' } });
  const html = page?.content ?? '';
  expect(Buffer.byteLength(html)).toBeLessThanOrEqual(15 * 1024);
  const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/
    .exec(html)?.[1]
    ?.replaceAll('&#39;', "'");
  for (const inline of inlineTexts(html)) expect(policy).toContain(`'sha256-${sha256(inline)}'`);
  expect(headers).toMatchObject({
    name: '_headers',
    content: expect.stringContaining('X-Robots-Tag: noindex'),
  });
});

const LOGO = toLogo(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'));

/** What a browser asks the policy about. */
function inlineTexts(html: string): string[] {
  return [...html.matchAll(/<(?:style|script)>([\s\S]*?)<\/(?:style|script)>/g)].map(([, text = '']) => text);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
