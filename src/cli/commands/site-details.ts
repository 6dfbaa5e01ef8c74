import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import { visitorUrl } from '../../domain/maintenance-url.ts';
import type { Intermission } from '../../intermission.ts';
import type { SiteStatus } from '../../services/maintenance/describe-sites.ts';
import type { View } from '../command.ts';
import { fieldLines } from '../field-lines.ts';
import { doubtsAbout, operationText } from '../status-text.ts';
import { type Field, fields } from '../table.ts';
import { formatRelative, formatTime } from '../time.ts';
import { unrestoredText } from '../unrestored-text.ts';
import { brandText, closedHosts, coverageText, type SiteRow, siteRow, zoneText } from './site-row.ts';

/** Everything that our database says of one site. */
export interface SiteDetails extends SiteRow {
  closedHosts: string[];
  /** Where visitors are sent while the site is closed, unless the command that closes it says otherwise. */
  visitorUrl: string;
  /** Where they are sent now; null while the site is open. */
  currentUrl: string | null;
  /** The key that is used: the site's own or the default one; `env` for the token of the environment. */
  effectiveApiKey: string | null;
  until: Date | null;
  holds: SiteStatus['holds'];
  /** Rules of the user that Cloudflare refused to take back. */
  unrestored: SiteStatus['unrestored'];
  /** Rules of ours that Cloudflare refused to remove when the site was to be open again. */
  leftRules: SiteStatus['leftRules'];
  /** Operations that have not ended, interrupted ones among them. */
  operations: SiteStatus['operations'];
}

/** @param site with its API key loaded */
export async function siteDetails(app: Intermission, site: CloudflareSite): Promise<SiteDetails> {
  const row = siteRow(site);
  const [status] = await app.describeSites([site]);
  const fallback = app.config.cloudflareApiToken === undefined ? null : 'env';
  const defaultKey = row.apiKey === null ? await app.apiKeys.query().findDefault() : undefined;
  return {
    ...row,
    closedHosts: closedHosts(row),
    visitorUrl: visitorUrl(row.maintenanceUrl ?? app.config.maintenanceUrl, row.site),
    currentUrl: status?.url ?? null,
    effectiveApiKey: row.apiKey ?? defaultKey?.name ?? fallback,
    until: status?.until ?? null,
    holds: status?.holds ?? [],
    unrestored: status?.unrestored ?? [],
    leftRules: status?.leftRules ?? [],
    operations: status?.operations ?? [],
  };
}

/** The facts of one site, one per line, in three groups: what it is, its zone, what it has been through. */
export function siteText(site: SiteDetails, view: View): string {
  const { colors } = view;
  const groups = [[...stateFields(site, view), ...ownFields(site, view)], zoneFieldsOf(site, view)];
  return fields(groups.flat(), colors) + keptText(site, view);
}

function stateFields(site: SiteDetails, { colors, now }: View): Field[] {
  const closed = site.maintenanceActive;
  const end = site.until === null ? '' : `, until ${moment(site.until, now)}`;
  const state = closed
    ? `in maintenance${end}`
    : site.isActive
      ? 'open'
      : 'open, inactive: it is never closed';
  const doubts = doubtsAbout(site);
  const usual = closed || !site.isActive ? colors.yellow : colors.green;
  return [
    ['Site', site.site, colors.bold],
    ['Name', site.name === site.site ? undefined : site.name],
    ['State', [state, ...doubts].join(', '), doubts.length > 0 ? colors.red : usual],
    ...fieldLines(
      'Operation',
      site.operations.map((operation) => operationText(operation, { now })),
      colors.yellow,
    ),
    ...site.holds.map((hold): Field => {
      const why = hold.reason === '' ? '' : `: ${hold.reason}`;
      return ['Held by', `${hold.name}${why} (${hold.actor}, ${formatRelative(hold.since, now)})`];
    }),
  ];
}

function ownFields(site: SiteDetails, { colors }: View): Field[] {
  const origin = site.maintenanceUrl === null ? ' (the default)' : '';
  const key = site.apiKey ?? `${site.effectiveApiKey ?? 'none yet'} (the default)`;
  const current = site.currentUrl === site.visitorUrl ? null : site.currentUrl;
  return [
    ['Closes', coverageText(site)],
    ['Visitors go to', current ?? undefined, colors.yellow],
    [current === null ? 'Visitors go to' : 'Usually to', `${site.visitorUrl}${origin}`],
    ['Engine', site.engine],
    ['Open paths', site.openPaths.join(', ') || undefined],
    ['Let through', site.bypassIps.join(', ') || undefined],
    ['Page', brandText(site.brand) || undefined],
    ['API key', site.apiKey === null && site.effectiveApiKey === 'env' ? 'CLOUDFLARE_API_TOKEN' : key],
  ];
}

function zoneFieldsOf(site: SiteDetails, { colors, now }: View): Field[] {
  const serves = site.zonePaused !== true && (site.zoneStatus ?? 'active') === 'active';
  const last = site.lastMaintenanceAt;
  return [
    ['Zone', zoneText(site), serves ? String : colors.yellow],
    ['Zone id', site.zoneId ?? undefined],
    ['Account id', site.accountId ?? undefined],
    ['Zone checked', site.zoneCheckedAt === null ? undefined : moment(site.zoneCheckedAt, now)],
    ['Last closed', last === null ? 'never' : moment(last, now)],
    ['Added', moment(site.createdAt, now)],
  ];
}

function keptText({ site, unrestored }: SiteDetails, { colors }: View): string {
  if (unrestored.length === 0) return '';
  const headline = colors.yellow('Rules of yours that Cloudflare refused to take back:');
  const next = colors.dim(
    `Make them again by hand if you need them, then: intermission site forget-unrestored ${site}`,
  );
  return `\n${headline}\n${unrestoredText(unrestored)}${next}\n`;
}

function moment(time: Date, now: Date): string {
  return `${formatTime(time)} (${formatRelative(time, now)})`;
}
