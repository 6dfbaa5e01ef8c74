import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LANGUAGES, LOCALES } from '../../src/pages/locales/index.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'src', 'pages', 'locales');
const { en } = LOCALES;
const keys = Object.keys(en) as (keyof typeof en)[];

test('there is one file per language, and every file is used', () => {
  const files = readdirSync(FOLDER).filter((file) => !['index.ts', 'texts.ts'].includes(file));
  expect(files.sort()).toEqual(LANGUAGES.map((language) => `${language}.ts`).sort());
});

test.each(LANGUAGES)('%s says everything, and names the site where English does', (language) => {
  const texts = LOCALES[language];
  expect(Object.keys(texts).sort()).toEqual([...keys].sort());
  for (const key of keys) {
    expect(texts[key].trim(), key).not.toBe('');
    expect(texts[key].match(/\{[^}]*\}/g), key).toEqual(en[key].match(/\{[^}]*\}/g));
  }
});

test.each(LANGUAGES.filter((language) => language !== 'en'))('%s is translated', (language) => {
  const alike = keys.filter((key) => LOCALES[language][key] === en[key] && en[key].length > 12);
  expect(alike).toEqual([]);
});
