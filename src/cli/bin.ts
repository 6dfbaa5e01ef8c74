#!/usr/bin/env node
// Plain syntax and no static imports: an older Node must be able to read this file and say what is missing.

const needed = 24;
const found = process.versions.node;

if (Number.parseInt(found, 10) < needed) {
  process.stderr.write(
    `Intermission needs Node.js ${needed} or newer; this is Node.js ${found} (${process.execPath}).\n`,
  );
  process.exitCode = 1;
} else {
  await keepCompiledCode();
  const { main } = await import('./main.ts');
  await main();
}

/**
 * Saves about a quarter of the start-up time. The folder belongs to the user: compiled code in a shared
 * temporary folder could be replaced by somebody else.
 */
async function keepCompiledCode(): Promise<void> {
  try {
    const [{ enableCompileCache }, { homedir }, { join }] = await Promise.all([
      import('node:module'),
      import('node:os'),
      import('node:path'),
    ]);
    enableCompileCache(join(homedir(), '.cache', 'intermission'));
  } catch {
    // A user without a home folder starts a little slower.
  }
}
