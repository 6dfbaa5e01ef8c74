import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { openCliWorkplace } from '../cli-workplace.ts';

const A = 'site-1.example';

function svgFile(content = '<svg xmlns="http://www.w3.org/2000/svg"/>'): string {
  const file = join(temporaryDirectory(), 'logo.svg');
  writeFileSync(file, content);
  return file;
}

test('preview writes the page of a site that is open, and changes nothing', async () => {
  await using place = await openCliWorkplace();
  const options = ['--template', 'premium', '--lang', 'de', '--message', 'Neue Datenbank', '--for', '2h'];
  const { status, document } = await place.json('page', 'preview', A, ...options);
  expect(status).toBe(0);
  expect(document.results).toMatchObject([
    { site: A, maintenanceActive: false, template: 'premium', language: 'de' },
  ]);
  const html = readFileSync(document.results[0].file, 'utf8');
  expect(document.results[0].bytes).toBe(Buffer.byteLength(html));
  expect(html).toContain('Wir sind gleich zurück');
  expect(html).toContain('Neue Datenbank');
  expect(html).not.toContain('data-poll');
  expect(place.emulator.requests()).toEqual([]);
});

test('preview shows a closed site as it is, and refuses a site, a template or a language that there is not', async () => {
  await using place = await openCliWorkplace();
  await place.cli('site', 'edit', A, '--brand-template', 'minimal');
  await place.cli('maintenance', 'enable', A, '--reason', 'Secret', '--message', 'Back soon');
  const { stdout } = await place.cli('page', 'preview', A);
  const html = readFileSync(stdout.trim(), 'utf8');
  expect(html).toContain('Back soon');
  expect(html).not.toContain('Secret');
  expect((await place.cli('page', 'preview', 'unknown.example')).status).toBe(1);
  expect((await place.cli('page', 'preview', A, '--template', 'fancy')).status).toBe(2);
  expect((await place.cli('page', 'preview', A, '--lang', 'tlh')).status).toBe(2);
});

test('export writes the static version, again and again, but not over a page of somebody else', async () => {
  await using place = await openCliWorkplace();
  await place.cli('site', 'edit', A, '--brand-color', '#0a7f5a', '--brand-logo', svgFile());
  const dir = join(temporaryDirectory(), 'new', 'folder');
  const dry = await place.cli('page', 'export', dir, '--dry-run');
  expect(dry.stdout).toContain('would write');
  for (const _ of [1, 2]) expect((await place.cli('page', 'export', dir, '--site', A)).status).toBe(0);
  const html = readFileSync(join(dir, 'index.html'), 'utf8');
  expect(html).toContain('src="data:image/svg+xml;base64,');
  expect(readFileSync(join(dir, '_headers'), 'utf8')).toContain('X-Robots-Tag: noindex');

  const taken = temporaryDirectory();
  mkdirSync(taken, { recursive: true });
  writeFileSync(join(taken, 'index.html'), '<h1>Mine</h1>');
  const refused = await place.cli('page', 'export', taken);
  expect(refused.status).toBe(6);
  expect(readFileSync(join(taken, 'index.html'), 'utf8')).toBe('<h1>Mine</h1>');
  expect((await place.cli('page', 'export', taken, '--force')).status).toBe(0);
  expect((await place.cli('page', 'export', join(taken, 'index.html'))).status).toBe(2);
});

test('a brand is stored field by field, shown, logged without its picture, and cleared by an empty value', async () => {
  await using place = await openCliWorkplace();
  const logo = svgFile();
  const brand = ['--brand-color', '#abc', '--brand-logo', logo, '--brand-contact', 'help@example.com'];
  const { document } = await place.json('site', 'edit', A, ...brand);
  const described = { color: '#aabbcc', contact: 'help@example.com', logo: 'image/svg+xml, 41 bytes' };
  expect(document.results[0].changes).toEqual({ brand: { from: {}, to: described } });
  await place.cli(
    'site',
    'edit',
    A,
    '--brand-status-page',
    'https://status.example.net',
    '--brand-contact',
    '',
  );
  const shown = await place.cli('site', 'show', A);
  expect(shown.stdout).toContain(
    'color #aabbcc, status page https://status.example.net/, logo image/svg+xml, 41 bytes',
  );
  const [row] = await place.app.logs.all();
  expect(row?.changed).toMatchObject({ before: { brand: described } });
  expect(JSON.stringify(row?.changed)).not.toContain('base64');
});

test.each([
  ['--brand-color', 'red'],
  ['--brand-template', 'fancy'],
  ['--brand-status-page', 'javascript:alert(1)'],
  ['--brand-logo', '/nowhere/logo.png'],
  ['--brand-logo', '/'],
  ['--brand-logo', import.meta.filename],
])('a brand that cannot be shown is refused: %s %s', async (option, value) => {
  await using place = await openCliWorkplace();
  const { status, document } = await place.json('site', 'edit', A, option, value);
  expect([status, document.error?.code]).toEqual([2, 'validation_failed']);
  expect((await place.site(A)).brand).toEqual({});
});
