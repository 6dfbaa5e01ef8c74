import { expect } from 'vitest';
import type { Emulator, PageRule } from '../../src/emulator/index.ts';
import type { Intermission } from '../../src/intermission.ts';
import { essence } from '../support/workplace.ts';
import { type Expected, forDomain } from './kill-scenarios.ts';

/** A site as it stood before the command under test. */
export interface Subject {
  domain: string;
  zoneId: string;
  /** The rules that others made. */
  foreign: PageRule[];
  /** True when a redirect in the zone was called the user's own, which stays on record. */
  isAnswered: boolean;
  /** What visitors got while the site was open. */
  visits: Record<string, string>;
}

interface OwnRule {
  id: string;
  pattern: string;
  url: string;
}

interface EdgeState {
  rules: OwnRule[];
  replaced: { id: string; rule: PageRule }[];
}

/** Judges zone, visitors and database: they must all be what is expected, and agree. */
export async function expectAgreement(
  { emulator, app }: { emulator: Emulator; app: Intermission },
  subject: Subject,
  expected: Expected,
  label: string,
): Promise<void> {
  const rules = emulator.rules(subject.zoneId);
  const site = await siteRow(app, subject.domain);
  const visits = await visitAll(emulator, subject.domain);
  if (expected.open) {
    expect({ rules: essence(rules), visits, site }, label).toEqual({
      rules: essence(subject.foreign),
      visits: subject.visits,
      site: { maintenanceActive: false, holds: [], edgeState: edgeStateWhenOpen(subject) },
    });
    return;
  }
  const isExchanged = emulator.switches().priorityMove === 'swap';
  expectClosed({ rules, visits, site, isExchanged }, subject, forDomain(expected, subject.domain), label);
}

function edgeStateWhenOpen({ isAnswered, foreign }: Subject): object | null {
  const theirs = foreign.filter(({ targets: [target] }) => target?.constraint.value.startsWith('*'));
  const ids = theirs.filter(({ actions }) => actions[0]?.id === 'forwarding_url').map(({ id }) => ({ id }));
  return isAnswered ? { engine: 'page_rules', rules: [], replaced: [], unrestored: [], foreign: ids } : null;
}

interface Found {
  rules: PageRule[];
  visits: Record<string, string>;
  site: SiteRow;
  /** Where two rules change places on a write, a rule of others stands in the place of ours until the site opens. */
  isExchanged: boolean;
}

function expectClosed(
  found: Found,
  subject: Subject,
  { cover, url, holds }: Extract<Expected, { open: false }>,
  label: string,
): void {
  const isTaken = (rule: PageRule) => cover.patterns.includes(patternOf(rule).toLowerCase());
  const replaced = subject.foreign.filter(isTaken);
  const kept = subject.foreign.filter((rule) => !isTaken(rule));
  const isKept = (rule: PageRule) => kept.some(({ id }) => id === rule.id);
  const own = found.rules.filter((rule) => !isKept(rule));
  const inOrder = (rules: PageRule[]) =>
    found.isExchanged ? rules.map(withoutPlace).sort(byId) : rules.map(withoutPlace);
  const asOwn = (rule: PageRule) => ({ id: rule.id, pattern: patternOf(rule).toLowerCase(), url });
  expect(
    {
      own: own.map((rule) => [patternOf(rule).toLowerCase(), rule.status, rule.actions]).sort(),
      replacedIds: replaced.filter(({ id }) => own.some((rule) => rule.id === id)).length,
      kept: inOrder(found.rules.filter(isKept)),
      visits: found.visits,
      site: {
        ...found.site,
        edgeState: {
          rules: found.site.edgeState?.rules
            .map((rule) => ({ ...rule, pattern: rule.pattern.toLowerCase() }))
            .sort(byId),
          replaced: found.site.edgeState?.replaced.map(({ rule }) => withoutPlace(rule)).sort(byId),
        },
      },
    },
    label,
  ).toEqual({
    own: cover.patterns
      .map((pattern) => [pattern, 'active', [{ id: 'forwarding_url', value: { url, status_code: 302 } }]])
      .sort(),
    replacedIds: replaced.length,
    kept: inOrder(kept),
    visits: Object.fromEntries(
      Object.entries(subject.visits).map(([address, before]) => [
        address,
        cover.hosts.includes(new URL(address).hostname) ? `302 ${url}` : before,
      ]),
    ),
    site: {
      maintenanceActive: true,
      holds,
      edgeState: { rules: own.map(asOwn).sort(byId), replaced: replaced.map(withoutPlace).sort(byId) },
    },
  });
}

/** What a visitor gets at several addresses of a site: status, and where it leads or what it shows. */
export async function visitAll(emulator: Emulator, domain: string): Promise<Record<string, string>> {
  const hosts = [domain, `www.${domain}`, `api.${domain}`, `else.${domain}`];
  const addresses = hosts.flatMap((host) => [`https://${host}/any?x=1`, `http://${host}/blog/post`]);
  const entries = addresses.map(async (address) => {
    const { status, location, body } = await emulator.visit(address);
    return [address, `${status} ${location ?? body}`] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** The operations in the log of a site, oldest first, as `action status code`. */
export async function operationRows(app: Intermission, domain: string): Promise<string[]> {
  const rows = await app.database
    .read()
    .execute<{ action: string; status: string; error_code: string | null }[]>(
      `select action, status, error_code from maintenance_log
       where domain = ? and action in ('enable', 'disable') order by id`,
      [domain],
    );
  return rows.map(({ action, status, error_code }) => [action, status, error_code ?? ''].join(' ').trim());
}

interface SiteRow {
  maintenanceActive: boolean;
  /** Names of those in force. */
  holds: string[];
  edgeState: EdgeState | null;
}

async function siteRow(app: Intermission, domain: string): Promise<SiteRow> {
  const em = app.database.read();
  const [row] = await em.execute<{ id: number; maintenance_active: unknown; edge_state: unknown }[]>(
    'select id, maintenance_active, edge_state from cloudflare_site where domain = ?',
    [domain],
  );
  const holds = await em.execute<{ name: string }[]>(
    'select name from maintenance_hold where site_id = ? and released_at is null order by name',
    [row?.id],
  );
  // SQLite keeps booleans as numbers and JSON as text.
  const state = typeof row?.edge_state === 'string' ? JSON.parse(row.edge_state) : row?.edge_state;
  return {
    maintenanceActive: Boolean(row?.maintenance_active),
    holds: holds.map(({ name }) => name),
    edgeState: (state ?? null) as EdgeState | null,
  };
}

function patternOf(rule: PageRule): string {
  return rule.targets[0]?.constraint.value ?? '';
}

/** Others may have moved around it: where it really belongs shows when the site opens again. */
function withoutPlace(rule: PageRule): object {
  const { priority: _, ...rest } = essence([rule])[0] as PageRule;
  return rest;
}

function byId(a: object, b: object): number {
  return JSON.stringify(a).localeCompare(JSON.stringify(b));
}
