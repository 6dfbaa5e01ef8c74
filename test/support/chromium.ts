import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Browser, chromium as playwright } from 'playwright-core';

const PACKAGE = dirname(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')));
const { version } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')) as { version: string };
/** Unpacked once per version, and shared by all processes. */
const FOLDER = join(dirname(dirname(PACKAGE)), '.cache', `chromium-${version}`);

/** The fonts of the machine, if it has any, and those of the package. */
const FONTS = `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${FOLDER}/fonts/fonts</dir>
  <cachedir>${FOLDER}/font-cache</cachedir>
  <alias binding="strong"><family>sans</family><prefer><family>Open Sans</family></prefer></alias>
  <alias binding="strong"><family>sans-serif</family><prefer><family>Open Sans</family></prefer></alias>
  <alias binding="strong"><family>system-ui</family><prefer><family>Open Sans</family></prefer></alias>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
</fontconfig>
`;

/**
 * Starts the Chromium of the npm package, with the libraries and fonts that it brings along: a bare machine is enough.
 * The package's own arguments switch off what tests of security are about, so they are not used.
 */
export async function launchChromium(): Promise<Browser> {
  if (!existsSync(FOLDER)) await unpack();
  const libraries = join(FOLDER, 'al2023', 'lib');
  return playwright.launch({
    executablePath: join(FOLDER, 'chromium'),
    args: ['--no-sandbox', '--disable-gpu', '--font-render-hinting=none'],
    env: {
      ...process.env,
      LD_LIBRARY_PATH: [libraries, process.env['LD_LIBRARY_PATH'] ?? ''].filter(Boolean).join(':'),
      FONTCONFIG_FILE: join(FOLDER, 'fonts.conf'),
    },
  });
}

/** The package takes whatever lies in the temporary folder, complete or not: so a folder of its own, moved when done. */
async function unpack(): Promise<void> {
  const partial = `${FOLDER}.${process.pid}`;
  mkdirSync(partial, { recursive: true });
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = partial;
  try {
    const { default: chromium, inflate } = await import('@sparticuz/chromium');
    await chromium.executablePath();
    await inflate(join(PACKAGE, 'bin', 'al2023.tar.br'));
    writeFileSync(join(partial, 'fonts.conf'), FONTS);
    renameSync(partial, FOLDER);
  } catch (error) {
    // Another process was quicker.
    if (!existsSync(FOLDER)) throw error;
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    rmSync(partial, { recursive: true, force: true });
  }
}
