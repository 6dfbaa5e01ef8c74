import type { RuleSeed } from '../../src/emulator/index.ts';

/** What a site covers, the patterns that closing it takes, and what a visitor then meets. */
export interface Cover {
  site: { includeSubdomains: boolean; subdomainList: string };
  patterns: string[];
  hosts: string[];
}

/** Closed: by which rules, leading where, held by whom. */
export type Expected = { open: true } | { open: false; cover: Cover; url: string; holds: string[] };

export interface Next {
  name: string;
  argv: string[];
  expected: Expected;
  /** Error code of a command that is refused after it has put things in order; all others succeed. */
  refusal?: string;
}

/** A command that is killed. `DOMAIN` stands for the site in arguments, rules, patterns and hosts. */
export interface Scenario {
  name: string;
  /** The rules of the zone that others made, the winning one first. */
  foreign: RuleSeed[];
  /** Rules that a lost installation has left on top of them. */
  forgotten?: RuleSeed[];
  /** How the site is before the command. */
  cover: Cover;
  /** Whether it is closed before the command, and by which further holds. */
  closed: boolean;
  holds?: string[];
  closedTo?: string;
  /** Whose the redirects are that stand in the zone before. */
  existing?: 'ours' | 'theirs';
  /** Coverage that is stored after closing and before the command. */
  edited?: Cover;
  argv: string[];
  next: Next[];
}

export const PAGE = 'https://status.example.net/down';
const OTHER_PAGE = 'https://status.example.net/other?site=a&until=b';

const everything: Cover = {
  site: { includeSubdomains: true, subdomainList: '' },
  patterns: ['*DOMAIN/*'],
  hosts: ['DOMAIN', 'www.DOMAIN', 'api.DOMAIN', 'else.DOMAIN'],
};
const one: Cover = listed();
const two: Cover = listed('api');
const three: Cover = listed('api', 'www');

function listed(...names: string[]): Cover {
  const hosts = ['DOMAIN', ...names.map((name) => `${name}.DOMAIN`)];
  return {
    site: { includeSubdomains: false, subdomainList: names.join(',') },
    patterns: hosts.map((host) => `${host}/*`),
    hosts,
  };
}

const blog: RuleSeed = { pattern: 'DOMAIN/blog/*', forwardTo: 'https://blog.DOMAIN/$1' };
const secure: RuleSeed = { pattern: 'http://*DOMAIN/*', actions: [{ id: 'always_use_https' }] };
const cached: RuleSeed = {
  pattern: '*DOMAIN/static/*',
  actions: [{ id: 'cache_level', value: 'cache_everything' }],
  status: 'disabled',
};
/** Rules that stand where ours have to stand. */
const taken = {
  everything: { pattern: '*DOMAIN/*', actions: [{ id: 'browser_check', value: 'on' }] },
  one: { pattern: 'DOMAIN/*', actions: [{ id: 'security_level', value: 'high' }], status: 'disabled' },
  api: { pattern: 'api.DOMAIN/*', actions: [{ id: 'ssl', value: 'strict' }] },
} as const satisfies Record<string, RuleSeed>;

const nobody: RuleSeed[] = [];
const unrelated = [blog, secure];
const inTheWay = [blog, taken.everything, cached];
const severalInTheWay = [taken.api, blog, taken.one, cached];

const ENABLE = ['maintenance', 'enable', 'DOMAIN'];
const ENABLE_OTHER = [...ENABLE, '--url', OTHER_PAGE];
const DISABLE = ['maintenance', 'disable', 'DOMAIN'];
const TICK = ['process_scheduled_maintenance'];

const open: Expected = { open: true };
const closed = (cover: Cover, url = PAGE, holds = ['manual']): Expected => ({
  open: false,
  cover,
  url,
  holds,
});
const same = (argv: string[], expected: Expected): Next => ({ name: 'the same again', argv, expected });
const enable = (expected: Expected): Next => ({ name: 'enable', argv: ENABLE, expected });
const disable: Next = { name: 'disable', argv: DISABLE, expected: open };
const tick = (expected: Expected): Next => ({ name: 'process_scheduled_maintenance', argv: TICK, expected });

function enabling(name: string, foreign: RuleSeed[], cover: Cover): Scenario {
  const next = [same(ENABLE, closed(cover)), disable, tick(open)];
  return { name: `enable: ${name}`, foreign, cover, closed: false, argv: ENABLE, next };
}

function updating(name: string, foreign: RuleSeed[], from: Cover, to: Cover, argv = ENABLE): Scenario {
  const again = same(argv, closed(to, argv === ENABLE ? PAGE : OTHER_PAGE));
  const next = [again, disable, tick(closed(from))];
  return { name: `update: ${name}`, foreign, cover: from, closed: true, edited: to, argv, next };
}

function disabling(name: string, foreign: RuleSeed[], cover: Cover): Scenario {
  const next = [same(DISABLE, open), enable(closed(cover)), tick(open)];
  return { name: `disable: ${name}`, foreign, cover, closed: true, argv: DISABLE, next };
}

/** Releasing one of two holds keeps the site closed and leads its visitors to another page. */
const releasingOne: Scenario = {
  name: 'disable: another hold keeps the site closed and another page comes up',
  foreign: inTheWay,
  cover: everything,
  closed: true,
  closedTo: OTHER_PAGE,
  holds: ['deploy'],
  argv: DISABLE,
  next: [
    { ...same(DISABLE, closed(everything, PAGE, ['deploy'])), refusal: 'held_by_others' },
    enable(closed(everything, PAGE, ['deploy', 'manual'])),
    tick(closed(everything, PAGE, ['deploy'])),
  ],
};

const anotherPage = updating('another page', unrelated, everything, everything, ENABLE_OTHER);

const brand: RuleSeed = { pattern: '*DOMAIN/*', forwardTo: 'https://brand.example.net/$2' };

/** Once it is back, the user's redirect of the whole site is no forgotten closure. */
const puttingBackRedirect: Scenario = {
  ...disabling('a redirect of the user was taken', [blog, brand, cached], everything),
  existing: 'theirs',
};

const removingForgotten: Scenario = {
  name: 'disable: two forgotten rules are ours',
  foreign: unrelated,
  forgotten: two.patterns.map((pattern) => ({ pattern, forwardTo: OTHER_PAGE })),
  cover: two,
  closed: false,
  argv: [...DISABLE, '--existing', 'ours'],
  next: [disable, enable(closed(two)), tick(open)],
};

export const SCENARIOS: readonly Scenario[] = [
  enabling('an empty zone', nobody, everything),
  enabling('listed subdomains, among rules of others', unrelated, two),
  enabling('the pattern is taken', inTheWay, everything),
  enabling('several patterns are taken', severalInTheWay, three),
  { ...anotherPage, next: [...anotherPage.next, enable(closed(everything))] },
  updating('another page, over rules of others', severalInTheWay, three, three, ENABLE_OTHER),
  updating('fewer hosts, over rules of others', severalInTheWay, three, one),
  updating('more hosts, over rules of others', severalInTheWay, one, three),
  updating('from listed hosts to all', [...severalInTheWay, taken.everything], two, everything),
  updating('from all hosts to listed ones', inTheWay, everything, two),
  disabling('an empty zone', nobody, everything),
  disabling('listed subdomains, among rules of others', unrelated, two),
  disabling('the pattern was taken', inTheWay, everything),
  disabling('several patterns were taken', severalInTheWay, three),
  puttingBackRedirect,
  removingForgotten,
  releasingOne,
];

/** The same with the name of a site in place of `DOMAIN`. */
export function forDomain<T>(value: T, domain: string): T {
  return JSON.parse(JSON.stringify(value).replaceAll('DOMAIN', domain)) as T;
}
