import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { findCommand } from '../../src/cli/registry.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const pages = globSync(['*.md', 'docs/**/*.md', 'src/**/*.md'], { cwd: ROOT }).map((file) => ({
  file,
  text: readFileSync(join(ROOT, file), 'utf8'),
}));
const texts = new Map(pages.map(({ file, text }) => [file, text]));

test('there are pages to look at', () => {
  expect([...texts.keys()]).toEqual(expect.arrayContaining(['README.md', 'docs/architecture.md']));
});

test.each(pages)('$file links only to files and headings that exist', ({ file, text }) => {
  const links = [...text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)];
  const broken = links.filter(([, path = '', anchor]) => {
    const target = path === '' ? file : join(dirname(file), path);
    if (!existsSync(join(ROOT, target))) return true;
    return anchor !== undefined && !anchorsOf(texts.get(target) ?? '').includes(anchor);
  });
  expect(broken.map(([link]) => link)).toEqual([]);
});

test.each(pages)('$file names only paths that exist', ({ text }) => {
  const named = [...text.matchAll(/`((?:src|test|scripts|bench|docs)\/[\w./-]*)`/g)].map(
    ([, path = '']) => path,
  );
  expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  // A file without its folder: some folder of the sources has one of that name.
  const bare = [...text.matchAll(/`([\w-]+\.ts)`/g)].map(([, name = '']) => name);
  expect(
    bare.filter(
      (name) => globSync([name, `src/**/${name}`, `test/support/${name}`], { cwd: ROOT }).length === 0,
    ),
  ).toEqual([]);
});

test.each(pages)('$file names only npm scripts that exist', ({ text }) => {
  const scripts = [...text.matchAll(/\bnpm run ([\w:]+)/g)].map(([, name = '']) => name);
  expect(scripts.filter((name) => !(name in manifest.scripts))).toEqual([]);
});

test.each(pages)('$file names only commands and options that exist', async ({ text }) => {
  const lines = [...text.matchAll(/(?:^(?:\$ )?(?:npx )?|`)intermission ([^`\n]+)/gm)].map(
    ([, line = '']) => line,
  );
  const faults = await Promise.all(lines.map(async (line) => ((await isKnown(line)) ? undefined : line)));
  expect(faults.filter((line) => line !== undefined)).toEqual([]);
});

const GLOBAL = ['--json', '--yes', '--dry-run', '--force', '--no-color', '--verbose', '--version', '--help'];

/** Whether a command line of the docs names a command with options that it has. */
async function isKnown(line: string): Promise<boolean> {
  const words = line.replace(/#.*$/, '').trim().split(/\s+/);
  if (/^(<|…|help\b|-)/.test(words.join(' ')) || words[1] === '…') return true;
  const { entry } = findCommand(words);
  if (entry === undefined) return false;
  const { options = {} } = (await entry.load()).command;
  const known = Object.values(options).flatMap(({ flags, negative }) => {
    const [name = ''] = /--[\w-]+/.exec(flags) ?? [];
    return negative === undefined ? [name] : [name, name.replace('--', '--no-')];
  });
  return words.filter((word) => word.startsWith('--')).every((word) => [...known, ...GLOBAL].includes(word));
}

/** The anchors of a page, as GitHub names them. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );
}
