import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { openBareWorkplace } from '../bare-workplace.ts';

function fileOf(text: string): string {
  const path = join(temporaryDirectory(), 'file');
  writeFileSync(path, text);
  return path;
}

const GOOD = 'domain,name\na.example,A\nb.example,B\n';
const MIXED = 'domain,name,engine\na.example,A,\nb.example,B,workers\n';

test('a file is imported, tried before, and unchanged the second time', async () => {
  await using place = await openBareWorkplace();
  const path = fileOf(GOOD);
  const tried = await place.cli(['site', 'import', path, '--dry-run']);
  const done = await place.cli(['site', 'import', path]);
  const again = await place.cli(['site', 'import', path]);
  expect([tried.status, done.status, again.status]).toEqual([0, 0, 0]);
  expect(tried.stdout).toBe(`${done.stdout.trimEnd()} Only tried: nothing was stored.\n`);
  expect(done.stdout.split('\n')).toEqual([
    'Row  Action   Name       Details',
    '  2  created  a.example',
    '  3  created  b.example',
    '',
    '2 rows: 2 created.',
    '',
  ]);
  expect(again.stdout).toBe('2 rows: 2 unchanged.\n');
  expect(place.emulator.requests()).toEqual([]);
});

test('standard input is read for -, and what is wrong with a row is exit status 3, with row and field', async () => {
  await using place = await openBareWorkplace();
  const { status, document } = await place.json(['site', 'import', '-'], { stdin: MIXED });
  expect(status).toBe(3);
  expect(document).toMatchObject({
    ok: false,
    summary: { total: 2, created: 1, updated: 0, unchanged: 0, skipped: 0, failed: 1, dryRun: false },
    error: null,
  });
  expect(document.results).toEqual([
    {
      row: 2,
      kind: 'site',
      site: 'a.example',
      name: 'a.example',
      action: 'created',
      changes: {},
      field: null,
      note: null,
      closedThere: false,
      error: null,
    },
    expect.objectContaining({
      row: 3,
      action: 'failed',
      field: 'engine',
      error: {
        code: 'validation_failed',
        message: 'b.example, row 3 (engine): There is no engine "workers".',
        hint: expect.any(String),
      },
    }),
  ]);
});

test('when every row is wrong the exit status is what they have in common', async () => {
  await using place = await openBareWorkplace();
  const { status, stderr } = await place.cli(['site', 'import', fileOf('domain\nnot good\n*.x\n')]);
  expect(status).toBe(2);
  expect(stderr).toContain('error: Row 2 (domain): "not good" is not a domain name. (validation_failed)');
});

test.each([
  ['a file that is not there', () => '/nowhere/sites.csv', 'there is no such file'],
  ['a folder', () => temporaryDirectory(), 'it is a folder'],
  ['a file without a header', () => fileOf('a.example\n'), 'no column "domain"'],
])('%s is a usage error', async (_name, path, message) => {
  await using place = await openBareWorkplace();
  const { status, stderr } = await place.cli(['site', 'import', path()]);
  expect(status).toBe(2);
  expect(stderr).toContain(message);
});

test('an export moves all sites to another installation, as CSV and as JSON, without a token', async () => {
  await using place = await openBareWorkplace();
  await place.addKey('main');
  await place.cli(['sync_cloudflare']);
  await place.cli(['site', 'edit', 'site-1.example', '--name', '=cmd', '--subdomain-list', 'api,www']);
  for (const flags of [[], ['--csv'], ['--json']]) {
    const exported = await place.cli(['site', 'export', ...flags]);
    expect(exported.stdout).not.toContain(place.emulator.token);
    await using elsewhere = await openBareWorkplace();
    await elsewhere.addKey('main', elsewhere.emulator.token);
    const imported = await elsewhere.cli(['site', 'import', '-'], { stdin: exported.stdout });
    expect(imported).toMatchObject({ status: 0, stdout: expect.stringContaining('3 rows: 3 created.') });
    expect((await elsewhere.cli(['site', 'export', ...flags])).stdout).toBe(exported.stdout);
  }
  const { stdout } = await place.cli(['site', 'export', '--search', 'site-1']);
  expect(stdout.split('\r\n')).toEqual([
    'domain,name,api_key,include_subdomains,subdomain_list,maintenance_url,engine,open_paths,bypass_ips,is_active,maintenance_active',
    `site-1.example,'=cmd,main,false,"api,www",,auto,,,true,false`,
    '',
  ]);
  expect((await place.cli(['site', 'export', '--csv', '--json'])).status).toBe(2);
});

test('a dump of the Django app: what is closed there can be taken over, and its tokens are not repeated', async () => {
  await using place = await openBareWorkplace();
  await place.addKey('main');
  place.emulator.addRule('site-1.example', {
    pattern: '*site-1.example/*',
    forwardTo: 'https://docs.djangocfg.com/maintenance?site=site-1.example',
  });
  const path = fileOf(
    JSON.stringify([
      { model: 'maintenance.cloudflareapikey', pk: 1, fields: { name: 'Old', api_token: 'plain-s3cret' } },
      {
        model: 'maintenance.cloudflaresite',
        pk: 1,
        fields: { name: 'One', domain: 'site-1.example', api_key: 1, maintenance_active: true },
      },
    ]),
  );
  const { status, stdout, stderr } = await place.cli(['site', 'import', path, '--api-key', 'main']);
  expect([status, stdout]).toEqual([0, expect.stringContaining('closed there')]);
  expect(stderr).toContain('site-1.example is in maintenance');
  expect(stderr).toContain('API tokens in plain text');
  expect(place.traces()).not.toContain('plain-s3cret');
  const reopened = await place.cli([
    'maintenance',
    'disable',
    'site-1.example',
    '--existing',
    'ours',
    '--yes',
  ]);
  expect(reopened.status).toBe(0);
  expect(place.emulator.rules('site-1.example')).toEqual([]);
});
