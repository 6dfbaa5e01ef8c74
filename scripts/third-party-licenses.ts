import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Manifest {
  name: string;
  version: string;
  license?: string;
}

/** The licence texts of all packages that the given module files belong to, as one document. */
export function thirdPartyLicenses(modules: readonly string[]): string {
  const folders = new Set(modules.map(packageFolder).filter((folder) => folder !== undefined));
  const entries = [...folders].map(licenseEntry).sort();
  return `${['Intermission contains code of the following packages.', ...entries].join(`\n\n${'-'.repeat(78)}\n\n`)}\n`;
}

function packageFolder(module: string): string | undefined {
  return /^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(module.replaceAll('\\', '/'))?.[1];
}

function licenseEntry(folder: string): string {
  const manifest = join(folder, 'package.json');
  if (!existsSync(manifest)) throw new Error(`${folder} has no package.json, so its licence is not known.`);
  const {
    name,
    version,
    license = 'no licence named',
  } = JSON.parse(readFileSync(manifest, 'utf8')) as Manifest;
  const texts = globSync('{LICEN[CS]E,licen[cs]e}*', { cwd: folder }).sort();
  const text = texts.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n');
  return `${name} ${version} (${license})\n\n${text}`.trimEnd();
}
