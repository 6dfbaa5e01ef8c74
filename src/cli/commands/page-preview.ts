import { spawn } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readBrand, TEMPLATES } from '../../domain/brand.ts';
import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import type { PublicState } from '../../domain/public-page.ts';
import type { Intermission } from '../../intermission.ts';
import { LANGUAGES } from '../../pages/locales/index.ts';
import { type CommandResult, defineCommand } from '../command.ts';
import { parseDuration } from '../duration.ts';
import { flag, oneOf, option } from '../parameters.ts';
import { domainArgument } from '../site-selection.ts';

interface Preview {
  site: string;
  maintenanceActive: boolean;
  template: string;
  language: string;
  file: string;
  bytes: number;
}

export const command = defineCommand({
  arguments: { domain: domainArgument },
  options: {
    template: option(
      '--template <template>',
      `Instead of the site's own: ${TEMPLATES.join(', ')}`,
      oneOf(TEMPLATES),
    ),
    lang: option('--lang <language>', `Language: ${LANGUAGES.join(', ')} (default: en)`, oneOf(LANGUAGES)),
    message: option('--message <text>', 'Message for visitors, instead of the present one'),
    for: option('--for <duration>', 'An end so far from now, instead of the present one', parseDuration),
    open: flag('--open', 'Open it in the browser'),
  },
  examples: [
    { command: 'page preview example.com --open', does: 'What visitors see, or would see, in the browser' },
    {
      command: 'page preview example.com --template premium --lang de --for 2h --message "New shop"',
      does: 'Another look, language, end and message',
    },
  ],
  notes:
    'Writes an HTML file to the temporary folder and prints where. The site may be open: nothing is changed by looking at its page.',
  async run(context, { arguments: { domain }, options }): Promise<CommandResult<Preview>> {
    const app = await context.openApp();
    const site = await app.sites.get({ domain });
    const { renderPage, templateOf } = await import('../../pages/render.ts');
    const until =
      options.for === undefined ? undefined : new Date(context.now().getTime() + options.for * 1000);
    const state = await stateOf(app, site, { until, message: options.message });
    const language = options.lang ?? 'en';
    const template = templateOf(state, options.template);
    const overrun = state.until !== null && state.until <= context.now();
    const { html } = renderPage(state, { language, template, overrun });
    const folder = await mkdtemp(join(tmpdir(), 'intermission-preview-'));
    const file = join(folder, `${site.domain}.html`);
    await writeFile(file, html);
    if (options.open) openInBrowser(file);
    const maintenanceActive = site.maintenanceActive ?? false;
    const bytes = Buffer.byteLength(html);
    return {
      summary: { total: 1 },
      results: [{ site: site.domain, maintenanceActive, template, language, file, bytes }],
    };
  },
  render: ({ results = [] }) => results.map(({ file }) => `${file}\n`).join(''),
});

/** The page as it is, or as it would be if the site were closed now. */
async function stateOf(
  app: Intermission,
  site: CloudflareSite,
  { until, message }: { until: Date | undefined; message: string | undefined },
): Promise<PublicState> {
  const states = await app.publicStates();
  const current = states.find(({ domain, state }) => domain === site.domain && state === 'closed') ?? {
    domain: site.domain,
    message: null,
    until: null,
    template: null,
    brand: readBrand(site.brand),
  };
  return {
    ...current,
    state: 'closed',
    ...(until !== undefined && { until }),
    ...(message !== undefined && { message: message || null }),
  };
}

/** The way each system opens a file with the program that its user has chosen for it. */
function openInBrowser(file: string): void {
  const [program, ...args] =
    process.platform === 'darwin'
      ? ['open']
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', '']
        : ['xdg-open'];
  const child = spawn(program, [...args, file], { detached: true, stdio: 'ignore' });
  // Without a desktop there is nothing to open it with; the path is printed either way.
  child.once('error', () => undefined).unref();
}
