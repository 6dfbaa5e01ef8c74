import { spawnSync } from 'node:child_process';
import { existsSync, globSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = dirname(import.meta.dirname);
const builtFiles = ['dist/cli.js', 'dist/index.js', 'dist/emulator.js', 'dist/admin/index.html'];
const sources = ['src/**/*.ts', 'admin/**/*.{ts,tsx,html}', 'package.json', 'tsdown.config.ts'];
const tools = [['tsdown/dist/run.mjs'], ['vite/bin/vite.js', 'build', 'admin']] as const;

/** Builds `dist/` when it is missing or older than a source file. Throws when the build fails. */
export function buildIfStale(): void {
  if (isFresh()) return;
  console.error('Building …');
  // The bundler would leave a folder of compiled code in the temporary folder.
  const env = { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1', NODE_ENV: 'production' };
  for (const [tool, ...argv] of tools) {
    const program = join(root, 'node_modules', tool);
    const run = spawnSync(process.execPath, [program, ...argv], { cwd: root, encoding: 'utf8', env });
    if (run.status !== 0) throw new Error(`The build failed.\n${run.stdout}${run.stderr}`);
  }
}

function isFresh(): boolean {
  if (!builtFiles.every((file) => existsSync(join(root, file)))) return false;
  const oldestResult = Math.min(...builtFiles.map(changedAt));
  return globSync(sources, { cwd: root }).every((file) => changedAt(file) <= oldestResult);
}

function changedAt(file: string): number {
  return statSync(join(root, file)).mtimeMs;
}
