import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readBrand, TEMPLATES } from '../../domain/brand.ts';
import { IntermissionError } from '../../errors.ts';
import type { Intermission } from '../../intermission.ts';
import { type CommandResult, defineCommand } from '../command.ts';
import { argument, oneOf, option } from '../parameters.ts';

interface ExportedFile {
  file: string;
  bytes: number;
}

export const command = defineCommand({
  arguments: { dir: argument('dir', 'Folder to write to; made if it does not exist') },
  options: {
    site: option('--site <domain>', 'Give it the brand of this site, and take visitors back there'),
    template: option(
      '--template <template>',
      `Look: ${TEMPLATES.join(', ')} (default: modern)`,
      oneOf(TEMPLATES),
    ),
  },
  examples: [
    { command: 'page export ./maintenance', does: 'One page for all sites' },
    { command: 'page export ./maintenance --site example.com', does: 'With the brand of example.com' },
  ],
  notes:
    'Writes index.html, and _headers for Cloudflare Pages and Netlify. Then set the address with its placeholders, for example: INTERMISSION_MAINTENANCE_URL="https://maintenance.pages.dev/?site={domain}&until={until}". The page reads both in the browser, so a host of plain files is enough; such a host answers with 200, not with 503.',
  async run(context, { arguments: { dir }, options }): Promise<CommandResult<ExportedFile>> {
    const { dryRun, force } = context.flags;
    const site = await siteOf(options.site, context.openApp);
    const { staticFiles, STATIC_MARK } = await import('../../pages/static-page.ts');
    const folder = resolve(dir);
    const template = options.template ?? site?.brand.template ?? 'modern';
    const files = staticFiles(template, site);
    if (!force) await refuseForeign(join(folder, 'index.html'), STATIC_MARK);
    if (!dryRun) await writeAll(folder, files);
    const results = files.map(({ name, content }) => {
      return { file: join(folder, name), bytes: Buffer.byteLength(content) };
    });
    return { summary: { total: files.length, dryRun }, results };
  },
  render: ({ summary = {}, results = [] }, { colors }) => {
    const did = summary['dryRun'] === true ? 'would write' : `${colors.green('✓')} wrote`;
    const lines = results.map(({ file, bytes }) => `${did} ${file} (${(bytes / 1024).toFixed(1)} KB)\n`);
    return lines.join('');
  },
});

async function siteOf(domain: string | undefined, openApp: () => Promise<Intermission>) {
  if (domain === undefined) return undefined;
  const site = await (await openApp()).sites.get({ domain });
  return { domain: site.domain, brand: readBrand(site.brand) };
}

async function writeAll(folder: string, files: readonly { name: string; content: string }[]): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    for (const { name, content } of files) await writeFile(join(folder, name), content);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new IntermissionError('validation_failed', `The page cannot be written to ${folder}: ${why}.`, {
      hint: 'Give a folder that this user may write to.',
      cause,
    });
  }
}

/** A page that somebody else has made is not written over. */
async function refuseForeign(path: string, mark: string): Promise<void> {
  const existing = await readFile(path, 'utf8').catch(() => '');
  if (existing === '' || existing.includes(mark)) return;
  throw new IntermissionError('already_exists', `${path} exists and is not a page of Intermission.`, {
    hint: 'Choose another folder, or repeat with --force to write over it.',
  });
}
