import { expect, test } from 'vitest';
import { readMovingFile } from '../../../../src/services/registry/moving-in/read-moving-file.ts';
import { MAX_FILE_BYTES } from '../../../../src/services/registry/moving-in/read-text.ts';

const read = (text: string) => readMovingFile(new TextEncoder().encode(text));

test('a header is read whatever its spelling, and what it does not know is named', () => {
  const file = read(
    'Domain,Maintenance URL,include_subdomains,maintainance_url,zone_id\na.example,,no,x,1\n',
  );
  expect(file).toMatchObject({ form: 'csv', unknown: ['maintainance_url'] });
  expect(file.sites).toEqual([{ row: 2, values: { domain: 'a.example', includeSubdomains: 'no' } }]);
});

test('a byte order mark and Windows line ends are no part of the first column', () => {
  expect(read('\ufeffdomain\r\na.example\r\n').sites).toEqual([{ row: 2, values: { domain: 'a.example' } }]);
});

test('a row with too many or too few cells is a problem of that row alone', () => {
  const { sites } = read('domain,name\na.example,A,B\nb.example\nc.example,C\n');
  expect(sites.map(({ row, problem }) => [row, problem])).toEqual([
    [2, 'has 3 cells, the header 2'],
    [3, 'has 1 cells, the header 2'],
    [4, undefined],
  ]);
});

test.each([
  ['no header', 'a.example\n', 'names no column "domain"'],
  ['an empty file', '', 'it is empty'],
  ['two columns of one field', 'domain,name,Name\n', 'two columns for name'],
  ['JSON that is cut off', '[{"site":\n"a.example"', 'no valid JSON'],
  ['JSON of something else', '{"version":1,"command":"log list","results":[]}', 'neither an export'],
  ['a binary file', 'PK\0\0', 'is binary'],
])('refuses %s', (_name, text, message) => {
  expect(() => read(text)).toThrow(
    expect.objectContaining({ code: 'validation_failed', message: expect.stringContaining(message) }),
  );
});

test('semicolons between the cells are recognised', () => {
  expect(() => read('domain;name\na.example;A\n')).toThrow(
    expect.objectContaining({ hint: expect.stringContaining('semicolons') }),
  );
});

test('another encoding is refused with the line, UTF-16 by its name', () => {
  const latin1 = Buffer.from('domain,name\na.example,Caf\u00e9\n', 'latin1');
  expect(() => readMovingFile(latin1)).toThrow(/line 2/);
  expect(() => readMovingFile(Buffer.from('\ufeffdomain\n', 'utf16le'))).toThrow(/UTF-16/);
});

test('a file that is far too large is refused before it is read', () => {
  expect(() => readMovingFile(new Uint8Array(MAX_FILE_BYTES + 1))).toThrow(/larger than 64 MB/);
});

test('a broken file with tokens in it is not repeated', () => {
  const broken = '[{"model":"maintenance.cloudflareapikey","fields":{"api_token":"s3cret-token"';
  expect(() => read(broken)).not.toThrow('s3cret');
});

test('a dump of Django gives sites, keys without tokens, and windows, whatever the label of the app', () => {
  const file = read(
    JSON.stringify([
      { model: 'auth.user', pk: 1, fields: { username: 'ada' } },
      {
        model: 'django_cfg_maintenance.cloudflareapikey',
        pk: 7,
        fields: { name: 'Production', api_token: 's3cret' },
      },
      {
        model: 'django_cfg_maintenance.cloudflaresite',
        pk: 3,
        fields: { name: 'A', domain: 'a.example', api_key: 7, zone_id: 'z', maintenance_active: true },
      },
      {
        model: 'django_cfg_maintenance.scheduledmaintenance',
        pk: 1,
        fields: { title: 'T', sites: [3, 4] },
      },
    ]),
  );
  expect(file).toEqual({
    form: 'django',
    sites: [
      { row: 3, values: { name: 'A', domain: 'a.example', apiKey: 'Production', maintenanceActive: true } },
    ],
    keys: [{ row: 2, name: 'Production' }],
    windows: [{ row: 4, values: { title: 'T', sites: [3, 4] }, sites: ['a.example', undefined] }],
    unknown: [],
    holdsTokens: true,
  });
});
