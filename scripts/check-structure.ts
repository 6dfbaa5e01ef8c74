/**
 * Fails when a file under `src/` imports what it must not (scripts/structure/arrows.ts).
 * `node scripts/check-structure.ts [FOLDER]`: FOLDER holds `src/`, by default the working directory.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { chdir, exit } from 'node:process';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { layerOf, mayImport } from './structure/arrows.ts';
import { readUsing } from './structure/read-using.ts';
import { structureRules } from './structure/rules.ts';

chdir(process.argv[2] ?? '.');
readUsing();
const files = globSync('src/**/*.{ts,tsx}').map((file) => file.replaceAll('\\', '/'));
const { faults, modules } = await cruiseSources();
faults.push(...filesWithoutLayer(), ...writtenImports());
if (modules === 0) faults.push('No module was read: the check does not work.');

for (const fault of faults) console.error(fault);
console.log(`Structure: ${modules} modules, ${faults.length} faults.`);
exit(faults.length === 0 ? 0 : 1);

async function cruiseSources(): Promise<{ faults: string[]; modules: number }> {
  const { forbidden, options } = structureRules;
  const { enhancedResolveOptions, ...cruiseOptions } = options ?? {};
  const ruleSet = { forbidden: forbidden ?? [] };
  const reply = await cruise(
    ['src', 'admin/src'].filter((folder) => existsSync(folder)),
    { ...cruiseOptions, ruleSet, validate: true },
    enhancedResolveOptions,
  );
  const result = reply.output as ICruiseResult;
  const found = result.summary.violations.map(({ rule, from, to, cycle }) => {
    const path = cycle === undefined ? to : cycle.map(({ name }) => name).join(' → ');
    return `${rule.name}: ${from} → ${path}`;
  });
  return {
    faults: found,
    modules: result.modules.filter(({ source }) => /^(src|admin\/src)\//.test(source)).length,
  };
}

function filesWithoutLayer(): string[] {
  const strangers = files.filter((file) => layerOf(file) === undefined);
  return strangers.map((file) => `${file} belongs to no folder that scripts/structure/arrows.ts knows.`);
}

/** What the parser may miss: `export type … from` and inline `import('…').Type`, found in the text. */
function writtenImports(): string[] {
  return files.flatMap((file) => {
    const code = readFileSync(file, 'utf8').replace(/^\s*(\*|\/\/|\/\*).*$/gm, '');
    const specifiers = [...code.matchAll(/\b(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g)].map(
      ([, path = '']) => path,
    );
    const targets = new Set(specifiers.map((path) => posix.normalize(posix.join(posix.dirname(file), path))));
    return [...targets]
      .filter((to) => to.startsWith('src/') && !mayImport(file, to))
      .map((to) => `arrows, as written: ${file} → ${to}`);
  });
}
