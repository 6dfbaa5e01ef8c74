import type { TemplateName } from '../domain/brand.ts';
import type { PublicState } from '../domain/public-page.ts';
import { STATIC_SCRIPT } from './browser-script.ts';
import { LOCALES } from './locales/index.ts';
import { addressOf, brandOf, displayName, frameOf, type RenderedPage, renderLayout } from './render.ts';

/** A file of the static version. */
export interface StaticFile {
  name: string;
  content: string;
}

/** By this an `index.html` is known as one of ours. */
export const STATIC_MARK = '<meta name="generator" content="Intermission">';

/**
 * The page for any host of static files. Site and end are read from the address
 * (`?site={domain}&until={until}`) in the visitor's browser.
 *
 * @param site whose brand it has and to which it takes visitors back; without one it does neither
 */
export function staticFiles(
  template: TemplateName,
  site: Pick<PublicState, 'domain' | 'brand'> | undefined,
): StaticFile[] {
  const page = staticPage(template, site);
  return [
    { name: 'index.html', content: page.html },
    { name: '_headers', content: headersFile(page.csp) },
  ];
}

function staticPage(
  template: TemplateName,
  site: Pick<PublicState, 'domain' | 'brand'> | undefined,
): RenderedPage {
  const name = site === undefined ? '' : displayName(site.domain);
  const texts = LOCALES.en;
  const back = site === undefined ? undefined : addressOf(site.domain);
  return renderLayout(
    { template, color: site?.brand.color },
    {
      ...frameOf('en', name),
      ...brandOf(site?.brand ?? {}, name),
      data:
        site === undefined
          ? []
          : [
              ['site', site.domain],
              ['back', back],
            ],
      heading: texts.heading,
      lead: site === undefined ? texts.leadAnywhere : texts.lead.replaceAll('{site}', name),
      clock: true,
      wait: texts.noEnd,
      back,
      // `<` would end the script element too early.
      json: JSON.stringify(LOCALES).replaceAll('<', '\\u003c'),
      script: STATIC_SCRIPT,
      ownPolicy: true,
    },
  );
}

/** As Cloudflare Pages and Netlify read it; other hosts ignore the file. */
function headersFile(csp: string): string {
  const headers = [
    `Content-Security-Policy: ${csp}`,
    'Cache-Control: no-store',
    'X-Robots-Tag: noindex',
    'X-Content-Type-Options: nosniff',
    'Referrer-Policy: no-referrer',
  ];
  return `/*\n${headers.map((header) => `  ${header}\n`).join('')}`;
}
