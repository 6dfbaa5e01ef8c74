import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const BIN = join(import.meta.dirname, '..', '..', 'src', 'cli', 'bin.ts');

export interface Exit {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Starts the command line from its sources as a process of its own. */
export function startCli(
  argv: readonly string[],
  env: Record<string, string> = {},
): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [BIN, ...argv], { env: { PATH: process.env['PATH'], ...env } });
}

/** Waits for the end of a process and returns everything it printed. */
export async function exitOf(child: ChildProcessWithoutNullStreams): Promise<Exit> {
  const texts = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    texts.stdout += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    texts.stderr += String(chunk);
  });
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, ...texts };
}
