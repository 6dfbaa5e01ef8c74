/**
 * What runs in the visitor's browser. The scripts are constants: whatever differs from page to page is in the page, as
 * escaped attributes and texts, so that one hash allows each of them.
 */

/** The end in the visitor's own time zone, and the time that is left. */
const CLOCK = `
const main = document.querySelector('main');
const data = main.dataset;
const part = (name) => document.querySelector('[data-part="' + name + '"]');
const show = (name, isShown) => { const element = part(name); if (element) element.hidden = !isShown; };
const write = (name, text) => { const element = part(name); if (element) element.textContent = text; };
const units = [['days', 86400], ['hours', 3600], ['minutes', 60], ['seconds', 1]];
let end = NaN;
let skew = 0;
let ticking;
function setEnd(text, language) {
  end = Date.parse(text);
  show('end', !Number.isNaN(end));
  clearTimeout(ticking);
  if (Number.isNaN(end)) return;
  const parts = { weekday: 'long', day: 'numeric', month: 'long', hour: 'numeric', minute: '2-digit', timeZoneName: 'short' };
  const time = part('time');
  time.dateTime = new Date(end).toISOString();
  // Some browsers name languages that no other part of them understands, such as en-US@posix.
  const isTag = (tag) => /^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i.test(tag) && tag.split('-')[0] === language;
  const region = navigator.languages.find(isTag) || language;
  time.textContent = new Intl.DateTimeFormat(region, parts).format(end);
  tick();
}
function tick() {
  let left = Math.ceil((end - Date.now() - skew) / 1000);
  show('overrun', left <= 0);
  show('clock', left > 0);
  show('days', left >= 86400);
  show('hours', left >= 3600);
  for (const [name, size] of units) {
    const value = Math.floor(Math.max(left, 0) / size);
    left -= value * size;
    part(name).querySelector('b').textContent = name === 'days' ? value : String(value).padStart(2, '0');
  }
  ticking = setTimeout(tick, 1000 - ((Date.now() + skew) % 1000));
}
const mayReturn = () => {
  const key = 'intermission:' + data.site;
  try {
    const count = Number(sessionStorage.getItem(key)) + 1;
    sessionStorage.setItem(key, String(count));
    return count <= 3;
  } catch {
    return false;
  }
};
`;

/** Asks gently whether the site is open, and takes the visitor back then: at most three times in a session. */
const LIVE = `
const USUAL = 20000;
let pause = 5000;
let asking;
let askedAt = Date.now();
const askLater = () => { clearTimeout(asking); asking = setTimeout(ask, pause * (0.75 + Math.random() / 2)); };
async function ask() {
  if (document.hidden) return askLater();
  askedAt = Date.now();
  try {
    const reply = await fetch(data.poll, { cache: 'no-store', headers: { accept: 'application/json' } });
    if (!reply.ok) throw new Error(reply.status);
    const state = await reply.json();
    const ahead = Date.parse(reply.headers.get('date')) - Date.now();
    if (Math.abs(ahead) > 2000) skew = ahead;
    pause = USUAL;
    if (!state.maintenance) return comeBack();
    if (state.revision !== data.revision) return location.reload();
  } catch {
    pause = Math.min(pause * 2, 300000);
  }
  askLater();
}
function comeBack() {
  clearTimeout(ticking);
  for (const name of ['end', 'overrun', 'message']) show(name, false);
  write('heading', data.openHeading);
  write('lead', data.open);
  write('wait', '');
  write('go', data.goThere);
  if (mayReturn()) setTimeout(() => location.replace(data.back), 1000 + Math.random() * 3000);
}
document.addEventListener('visibilitychange', () => {
  if (document.hidden || Date.now() - askedAt < 10000) return;
  pause = 1000;
  askLater();
});
setEnd(data.until, document.documentElement.lang);
askLater();
`;

/** Reads site and end from the address, and speaks the visitor's language. Sends nobody to a site that it was not made for. */
const STATIC = `
const locales = JSON.parse(part('texts').textContent);
const wished = (navigator.languages || [navigator.language]).map((tag) => tag.toLowerCase().split('-')[0]);
const language = wished.find((code) => Object.hasOwn(locales, code)) || 'en';
const texts = locales[language];
const query = new URLSearchParams(location.search);
const asked = (query.get('site') || '').toLowerCase();
const isName = asked.length <= 253 && /^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\\.)+[a-z0-9-]{2,63}$/.test(asked);
const site = data.site || (isName ? asked : '');
const say = (text) => text.replaceAll('{site}', site);
document.documentElement.lang = language;
document.documentElement.dir = texts.dir;
document.title = site ? texts.title + ' · ' + site : texts.title;
write('name', site);
write('heading', texts.heading);
write('lead', site ? say(texts.lead) : texts.leadAnywhere);
for (const name of ['expected', 'overrun', 'contact', 'statusPage']) write(name, texts[name]);
for (const [name] of units) write(name + '-label', texts[name]);
write('go', texts.tryAgain);
const until = Date.parse(query.get('until') || '');
const isNear = Math.abs(until - Date.now()) < 400 * 86400000;
setEnd(isNear ? new Date(until).toISOString() : '', language);
write('wait', isNear ? '' : texts.noEnd);
const left = until - Date.now();
if (data.back && isNear && left > 0 && left < 86400000) {
  setTimeout(() => { if (mayReturn()) location.replace(data.back); }, left + 5000 + Math.random() * 25000);
}
`;

export const LIVE_SCRIPT = isolated(CLOCK + LIVE);
export const STATIC_SCRIPT = isolated(CLOCK + STATIC);

/** Names of its own, and no white space that only readers of this file need. */
function isolated(code: string): string {
  return `(()=>{'use strict';${code.replace(/^\s*\/\/.*$/gm, '').replace(/\n\s*/g, '\n')}})()`;
}
