import { isDeepStrictEqual } from 'node:util';
import { IntermissionError, type JsonValue } from '../../errors.ts';
import { cliActor } from '../actor.ts';
import { type CommandResult, defineCommand, type View, type Warning } from '../command.ts';
import { domainArgument } from '../site-selection.ts';
import { type Field, fields } from '../table.ts';
import { listWarnings, zoneWarnings } from './site-add.ts';
import { type SiteDetails, siteDetails } from './site-details.ts';
import { siteOptions, toSiteInput } from './site-options.ts';
import { brandText, type SiteRow } from './site-row.ts';

interface EditedSite extends SiteDetails {
  /** What is different now; nothing when it was so already. */
  changes: { [field: string]: { from: JsonValue; to: JsonValue } };
}

export const command = defineCommand({
  arguments: { domain: domainArgument },
  options: siteOptions,
  examples: [
    {
      command: 'site edit example.com --subdomain-list www,api',
      does: 'Close only these subdomains with it',
    },
    { command: 'site edit example.com --include-subdomains', does: 'Close all of them again' },
    { command: 'site edit example.com --maintenance-url ""', does: 'Back to the default maintenance page' },
    {
      command: 'site edit example.com --open-path /health --bypass-ip 203.0.113.0/24',
      does: 'Let these requests through while it is closed',
    },
    {
      command: 'site edit example.com --brand-logo logo.svg --brand-color "#0a7f5a"',
      does: 'Make the maintenance page look like it',
    },
    { command: 'site edit example.com --inactive', does: 'Keep it from being closed' },
  ],
  notes:
    'Only what is given changes; an empty value goes back to the default. What concerns the rules of a site that is closed is stored now and takes effect with the next `intermission maintenance enable`. A new key or zone is checked with Cloudflare.',
  async run(context, { arguments: { domain }, options }): Promise<CommandResult<EditedSite>> {
    const { dryRun } = context.flags;
    const input = await toSiteInput(options);
    if (Object.values(input).every((value) => value === undefined)) throw nothingGiven();
    const app = await context.openApp();
    const before = await siteDetails(app, await app.sites.get({ domain }));
    const after = await siteDetails(
      app,
      await app.sites.update({ domain }, input, { actor: cliActor(), dryRun }),
    );
    const changes = changesOf(before, after);
    return {
      summary: { total: 1, changed: Object.keys(changes).length === 0 ? 0 : 1, dryRun },
      results: [{ ...after, changes }],
      warnings: [
        ...('zoneId' in changes || 'apiKey' in changes ? zoneWarnings(after) : []),
        ...listWarnings(after, options),
        ...closedWarnings(after, Object.keys(changes)),
      ],
    };
  },
  render: ({ summary = {}, results = [] }, view) =>
    results.map((site) => editText(site, summary['dryRun'] === true, view)).join(''),
});

const EDITABLE = [
  'name',
  'apiKey',
  'zoneId',
  'includeSubdomains',
  'subdomainList',
  'maintenanceUrl',
  'engine',
  'openPaths',
  'bypassIps',
  'brand',
  'isActive',
] as const satisfies (keyof SiteRow)[];

const LABELS: Record<(typeof EDITABLE)[number], string> = {
  name: 'Name',
  apiKey: 'API key',
  zoneId: 'Zone id',
  includeSubdomains: 'Every subdomain',
  subdomainList: 'Subdomains',
  maintenanceUrl: 'Maintenance URL',
  engine: 'Engine',
  openPaths: 'Open paths',
  bypassIps: 'Bypass addresses',
  brand: 'Maintenance page',
  isActive: 'Active',
};

/** What decides about the rules at Cloudflare. */
const SHAPES_RULES: readonly string[] = [
  'includeSubdomains',
  'subdomainList',
  'maintenanceUrl',
  'engine',
  'openPaths',
  'bypassIps',
];

function changesOf(before: SiteRow, after: SiteRow): EditedSite['changes'] {
  const changed = EDITABLE.filter((field) => !isDeepStrictEqual(before[field], after[field]));
  return Object.fromEntries(changed.map((field) => [field, { from: before[field], to: after[field] }]));
}

function closedWarnings({ site, maintenanceActive }: SiteRow, changed: readonly string[]): Warning[] {
  if (!maintenanceActive) return [];
  const warnings: Warning[] = [];
  if (changed.some((field) => SHAPES_RULES.includes(field))) {
    const message = `${site} is closed: its rules at Cloudflare stay as they are until \`intermission maintenance enable ${site}\` applies this.`;
    warnings.push({ code: 'not_applied', message });
  }
  if (changed.includes('isActive')) {
    const message = `${site} is closed and stays so until \`intermission maintenance disable ${site}\`.`;
    warnings.push({ code: 'still_closed', message });
  }
  return warnings;
}

function editText({ site, changes }: EditedSite, dryRun: boolean, { colors }: View): string {
  const changed = Object.entries(changes);
  if (changed.length === 0) return `${colors.bold(site)} is so already: nothing changed.\n`;
  const did = dryRun
    ? `Would edit ${colors.bold(site)}. Nothing was changed.`
    : `${colors.green('✓')} Edited ${colors.bold(site)}.`;
  const lines = changed.map(([field, { from, to }]): Field => {
    return [LABELS[field as keyof typeof LABELS], `${shown(from)} → ${shown(to)}`];
  });
  return `${did}\n\n${fields(lines, colors)}`;
}

function shown(value: JsonValue): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(', ');
  if (typeof value === 'object' && value !== null) return brandText(value) || 'none';
  return value === null ? 'the default' : value === '' ? 'none' : String(value);
}

function nothingGiven(): IntermissionError {
  return new IntermissionError('usage', 'There is nothing to change: no option was given.', {
    hint: 'See intermission site edit --help.',
  });
}
