import { createHash } from 'node:crypto';
import { domainToUnicode } from 'node:url';
import { Eta, type TemplateFunction } from 'eta/core';
import { contactLink, type TemplateName } from '../domain/brand.ts';
import type { PublicState } from '../domain/public-page.ts';
import { readableAccent } from './accent.ts';
import { LIVE_SCRIPT } from './browser-script.ts';
import { LAYOUT } from './layout.ts';
import { type Language, LOCALES, type Texts } from './locales/index.ts';
import { STYLES } from './styles/index.ts';
import { BASE_CSS, type Style } from './styles/style.ts';

export interface RenderOptions {
  language: Language;
  /** Instead of that of the window or site. */
  template?: TemplateName | undefined;
  /** True once the expected end has passed. */
  overrun: boolean;
  /** Where the page asks whether the site is open; without it, it does not ask. */
  pollUrl?: string | undefined;
}

/** A page and the policy that allows exactly what is in it. */
export interface RenderedPage {
  html: string;
  /** Value of `Content-Security-Policy`. */
  csp: string;
}

/** Without JavaScript the page is asked for again after so many seconds. */
const REFRESH_SECONDS = 60;
const DEFAULT_TEMPLATE = 'modern';

/** The page of a site that is closed or about to be open again. */
export function renderPage(state: PublicState, options: RenderOptions): RenderedPage {
  const { language, overrun, pollUrl } = options;
  const name = displayName(state.domain);
  const texts = LOCALES[language];
  const say = (text: string) => text.replaceAll('{site}', name);
  const isClosed = state.state === 'closed';
  const until = isClosed ? (state.until?.toISOString() ?? '') : '';
  const data = [
    ['site', state.domain],
    ['back', addressOf(state.domain)],
    ['until', until],
    ['open-heading', texts.openHeading],
    ['open', say(texts.open)],
    ['go-there', say(texts.goThere)],
    ...(pollUrl === undefined
      ? []
      : [
          ['poll', pollUrl],
          ['revision', revisionOf(state)],
        ]),
  ];
  return renderLayout(
    { template: templateOf(state, options.template), color: state.brand.color },
    {
      ...frameOf(language, name),
      ...brandOf(state.brand, name),
      data,
      heading: isClosed ? texts.heading : texts.reopeningHeading,
      lead: say(isClosed ? texts.lead : texts.reopening),
      message: state.message,
      clock: true,
      until,
      time: until === '' ? '' : timeInUtc(new Date(until), language),
      overrun: isClosed && overrun,
      wait: waitingText(state, texts),
      back: addressOf(state.domain),
      refreshSeconds: REFRESH_SECONDS,
      script: pollUrl === undefined ? undefined : LIVE_SCRIPT,
    },
  );
}

/** What is answered for every address that says nothing: the same, whether there is such a site or not. */
export function renderNeutralPage(language: Language): RenderedPage {
  const texts = LOCALES[language];
  return renderLayout(
    { template: 'simple' },
    {
      ...frameOf(language, ''),
      name: undefined,
      data: [],
      heading: texts.neutralHeading,
      lead: texts.neutral,
    },
  );
}

/** The same in plain text. */
export function renderNeutralText(language: Language): string {
  const { neutralHeading, neutral } = LOCALES[language];
  return `${neutralHeading}\n\n${neutral}\n`;
}

/** The page of a closed site in plain text, for terminals. */
export function renderText(state: PublicState, { language, overrun }: RenderOptions): string {
  const texts = LOCALES[language];
  const isClosed = state.state === 'closed';
  const say = (text: string) => text.replaceAll('{site}', displayName(state.domain));
  const end = state.until === null ? undefined : `${texts.expected}: ${timeInUtc(state.until, language)}`;
  const paragraphs = [
    isClosed ? texts.heading : texts.reopeningHeading,
    say(isClosed ? texts.lead : texts.reopening),
    state.message,
    isClosed ? (overrun ? texts.overrun : (end ?? texts.noEnd)) : undefined,
  ];
  return `${paragraphs.filter((text) => text != null).join('\n\n')}\n`;
}

/** A short text that changes with everything that the page shows. */
export function revisionOf(state: PublicState): string {
  return sha256(JSON.stringify(state)).slice(0, 12);
}

/** What the look of a page depends on. */
interface Look {
  template: TemplateName;
  color?: string | undefined;
}

/** The look of a page: what is asked for, else that of the window, else that of the site. */
export function templateOf({ template, brand }: PublicState, asked?: TemplateName): TemplateName {
  return asked ?? template ?? brand.template ?? DEFAULT_TEMPLATE;
}

/** Fills the layout in and makes the policy for it; a page without a server carries the policy itself. */
export function renderLayout(
  { template, color }: Look,
  values: Record<string, unknown> & { script?: string | undefined; ownPolicy?: boolean },
): RenderedPage {
  const style = STYLES[template];
  const css = squeeze(BASE_CSS + style.css) + accentCss(color, style);
  const csp = policyFor(css, values.script);
  const carried = values.ownPolicy === true ? csp.replace(/; frame-ancestors [^;]*/, '') : undefined;
  return { html: fill({ ...values, css, mark: style.mark, csp: carried }), csp };
}

export function frameOf(language: Language, name: string) {
  const texts = LOCALES[language];
  return { lang: language, texts, name, title: name === '' ? texts.title : `${texts.title} · ${name}` };
}

export function brandOf({ logo, contact, statusPage }: PublicState['brand'], name: string) {
  return {
    logo,
    name,
    statusPage,
    contact: contact === undefined ? undefined : { text: contact, link: contactLink(contact) },
  };
}

/** International names as people write them. */
export function displayName(domain: string): string {
  return domainToUnicode(domain) || domain;
}

/** Where visitors of a site are taken back to. */
export function addressOf(domain: string): string {
  return `https://${domain}/`;
}

function waitingText({ domain, state, until }: PublicState, texts: Texts): string {
  const waiting = texts.waiting.replaceAll('{site}', displayName(domain));
  return state === 'closed' && until === null ? `${texts.noEnd} ${waiting}` : waiting;
}

/** Making one takes longer than rendering a page. */
const formats = new Map<Language, Intl.DateTimeFormat>();

function timeInUtc(time: Date, language: Language): string {
  const format = formats.get(language) ?? new Intl.DateTimeFormat(language, TIME_PARTS);
  formats.set(language, format);
  return format.format(time);
}

const TIME_PARTS = {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  hour: 'numeric',
  minute: '2-digit',
  timeZone: 'UTC',
  timeZoneName: 'short',
} as const;

function accentCss(color: string | undefined, { colors, light, dark }: Style): string {
  const day = readableAccent(color ?? colors[0], light);
  const night = readableAccent(color ?? colors[1], dark);
  const rule = ({ accent, onAccent }: typeof day) => `:root{--accent:${accent};--on-accent:${onAccent}}`;
  return `${rule(day)}@media (prefers-color-scheme:dark){${rule(night)}}`;
}

function policyFor(css: string, script: string | undefined): string {
  const scripts = script === undefined ? [] : [`script-src '${hashSource(script)}'`, "connect-src 'self'"];
  return [
    "default-src 'none'",
    `style-src '${hashSource(css)}'`,
    ...scripts,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function hashSource(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function squeeze(css: string): string {
  return css.replace(/\n\s*/g, '');
}

let compiled: { eta: Eta; layout: TemplateFunction } | undefined;

function fill(values: object): string {
  if (compiled === undefined) {
    const eta = new Eta({ autoTrim: false });
    compiled = { eta, layout: eta.compile(LAYOUT) };
  }
  return compiled.eta.render(compiled.layout, values);
}
