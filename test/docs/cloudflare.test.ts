import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(ROOT, 'docs', 'cloudflare.md'), 'utf8');
const sections = new Set([...page.matchAll(/^##+ (\d+(?:\.\d+)?)\b/gm)].map(([, number = '']) => number));

test('every section that a comment cites is on the page', () => {
  const cited = [...citations()];
  expect(cited.length).toBeGreaterThan(30);
  expect(cited.filter(({ section }) => !sections.has(section))).toEqual([]);
});

/** `reference 1.4` anywhere; in comments of the emulator also `(1.4)`, `(1.6, 12)`, `(9: …)` and `6.4.` */
function* citations(): Generator<{ file: string; section: string }> {
  for (const file of globSync('src/**/*.ts', { cwd: ROOT })) {
    const inEmulator = file.startsWith('src/emulator/');
    const code = readFileSync(join(ROOT, file), 'utf8');
    for (const [comment] of code.matchAll(/\/\*\*?[\s\S]*?\*\/|\/\/.*$/gm)) {
      const text = [...comment.matchAll(inEmulator ? IN_EMULATOR : ELSEWHERE)].join('\n');
      for (const [section] of text.matchAll(/(?<![\d.]|code )\d{1,2}(?:\.\d)?(?![\d.]*\d)/g)) {
        yield { file, section };
      }
    }
  }
}

const ELSEWHERE = /\breference \d[^)]*/g;
const IN_EMULATOR = /\((?:\d\.\d|\d{1,2}(?=[:,)]))[^)]*|(?<=^\/\*\* |^ \* )\d\.\d(?=[.:])/gm;
