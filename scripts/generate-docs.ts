/**
 * Writes the parts of `docs/` that are made from code. With `--check` it writes nothing and fails
 * when a file is not up to date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { exit } from 'node:process';
import { VARIABLES } from '../src/config/variables.ts';
import { cliPage } from './cli-page.ts';

const pages = { 'docs/cli.md': await cliPage(), 'docs/configuration.md': configurationPage() };
const stale = Object.entries(pages).filter(([path, content]) => read(path) !== content);

if (process.argv.includes('--check')) {
  for (const [path] of stale) console.error(`${path} is out of date: run npm run docs.`);
  console.log(`Generated docs: ${Object.keys(pages).length} files, ${stale.length} out of date.`);
  exit(stale.length === 0 ? 0 : 1);
}
for (const [path, content] of stale) writeFileSync(path, content);

function configurationPage(): string {
  const rows = Object.values(VARIABLES).map(
    ({ env, description, defaultText }) => `| \`${env}\` | ${description} | ${defaultText || 'none'} |`,
  );
  return `<!-- Made by "npm run docs" from src/config/variables.ts. -->

# Configuration

Nothing has to be configured. Every setting is an environment variable, or a line \`NAME=value\` in a file \`.env\` in
the folder where a command runs. A flag wins over the environment, the environment over \`.env\`, and that over the
default. An empty value counts as not set. All faults are reported at once, with exit status 2 and the code
\`validation_failed\`; values of secrets are never repeated.

| Variable | What it does | Default |
|---|---|---|
${rows.join('\n')}

\`NO_COLOR\` turns colours off, as \`--no-color\` does.
`;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
