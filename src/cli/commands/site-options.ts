import { readFile } from 'node:fs/promises';
import { type BrandInput, TEMPLATES, toLogo } from '../../domain/brand.ts';
import type { EngineChoice } from '../../domain/edge-state.ts';
import { OPEN_PRESETS, openPreset } from '../../domain/open-paths.ts';
import { IntermissionError } from '../../errors.ts';
import { parseEngine, type SiteInput } from '../../services/registry/site-input.ts';
import { printable } from '../io.ts';
import { commaList, flag, negatableFlag, option, repeatedOption, type Values } from '../parameters.ts';

/** What can be said of a site; the same for `site add` and `site edit`. */
export const siteOptions = {
  name: option('--name <text>', 'Name for people (default: the domain)'),
  zoneId: option('--zone-id <id>', 'Zone at Cloudflare (default: looked up)'),
  apiKey: option('--api-key <name>', 'API key that this site uses (default: the default key)'),
  includeSubdomains: negatableFlag(
    '--include-subdomains',
    'Close every subdomain with the site (the default)',
    'Close the domain and the listed subdomains only',
  ),
  subdomainList: option(
    '--subdomain-list <a,b>',
    'Close these subdomains and no others; implies --no-include-subdomains',
  ),
  maintenanceUrl: option(
    '--maintenance-url <url>',
    'Where visitors are sent while it is closed; {domain} stands for the site',
  ),
  engine: option(
    '--engine <engine>',
    'How it is closed: auto (the default), page_rules or redirect_rules',
    parseEngineOption,
  ),
  openPath: repeatedOption(
    '--open-path <path>',
    'A path that stays reachable, such as /health or "/webhooks/*"; repeat it for more, or list them: /a,/b',
    // A comma is a sign like any other in a path: only one before "/" begins the next one.
    (text) => text.split(/,\s*(?=\/)/),
  ),
  openPreset: option(
    '--open-preset <a,b>',
    `Paths that must often stay reachable: ${Object.keys(OPEN_PRESETS).join(', ')}`,
    (text) => commaList(text).flatMap(openPreset),
  ),
  bypassIp: repeatedOption(
    '--bypass-ip <address>',
    'An address or network that is let through, such as 203.0.113.0/24; repeat it for more, or list them with commas',
    commaList,
  ),
  brandTemplate: option(
    '--brand-template <template>',
    `Look of its maintenance page: ${TEMPLATES.join(', ')} (default: modern)`,
  ),
  brandColor: option('--brand-color <color>', 'Accent colour of the page, such as "#0a7f5a"'),
  brandLogo: option('--brand-logo <file>', 'Picture on the page: PNG, JPEG, GIF, WebP or SVG, up to 16 KB'),
  brandContact: option('--brand-contact <text>', 'Mail address, web address or text for visitors in need'),
  brandStatusPage: option('--brand-status-page <url>', 'Status page that the maintenance page links to'),
  active: flag('--active', 'It may be closed'),
  inactive: flag('--inactive', 'It is never closed until it is active again'),
};

export type SiteOptions = Values<typeof siteOptions>;

/**
 * What the options say, for the service; an empty value clears. Reads the file of a logo.
 *
 * @throws IntermissionError `usage` for options that contradict each other, `validation_failed` for a logo that
 *   cannot be read
 */
export async function toSiteInput(options: SiteOptions): Promise<SiteInput> {
  const { name, zoneId, apiKey, subdomainList, maintenanceUrl, engine, active, inactive } = options;
  if (active && inactive) {
    throw new IntermissionError('usage', '--active and --inactive contradict each other.', {
      hint: 'Give one of them.',
    });
  }
  const isActive = active ? true : inactive ? false : undefined;
  const given = { name, zoneId, apiKey, subdomainList, maintenanceUrl, engine, isActive };
  const brand = await brandOf(options);
  return {
    ...given,
    brand,
    bypassIps: options.bypassIp?.flat(),
    openPaths: openPathsOf(options),
    ...coverageOf(options),
  };
}

async function brandOf(options: SiteOptions): Promise<BrandInput | undefined> {
  const { brandLogo, brandTemplate: template, brandColor: color } = options;
  const { brandContact: contact, brandStatusPage: statusPage } = options;
  const logo = brandLogo ? toLogo(await readPicture(brandLogo)) : brandLogo;
  const brand = { template, color, contact, statusPage, logo };
  return Object.values(brand).every((value) => value === undefined) ? undefined : brand;
}

async function readPicture(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new IntermissionError('validation_failed', `The logo ${printable(path)} cannot be read.`, {
      hint: 'Give the path of a picture: the page asks no other server for one.',
      cause,
    });
  }
}

/** Presets and single paths together are the whole list. */
function openPathsOf({ openPath, openPreset }: SiteOptions): string[] | undefined {
  return openPath === undefined && openPreset === undefined
    ? undefined
    : [...(openPreset ?? []), ...(openPath ?? []).flat()];
}

/** Who lists subdomains wants those closed, not all: otherwise the list would have no effect. */
function coverageOf({ includeSubdomains, subdomainList }: SiteOptions): Pick<SiteInput, 'includeSubdomains'> {
  if (includeSubdomains !== undefined) return { includeSubdomains };
  return subdomainList !== undefined && subdomainList.trim() !== '' ? { includeSubdomains: false } : {};
}

function parseEngineOption(text: string): EngineChoice {
  return text === '' ? 'auto' : parseEngine(text);
}
