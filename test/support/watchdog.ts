import { spawn } from 'node:child_process';

export interface Leftovers {
  directory?: string;
  /** Process to end with SIGINT. */
  pid?: number;
}

// Reads until the parent's end of the pipe closes: that happens even when the parent is killed outright.
const SCRIPT = `
const { directory, pid } = JSON.parse(process.argv[1]);
const remove = () => directory && require('node:fs').rmSync(directory, { recursive: true, force: true, maxRetries: 20 });
process.stdin.on('data', () => process.exit(0)).on('end', () => {
  try { if (pid) process.kill(pid, 'SIGINT'); } catch {}
  setTimeout(remove, pid ? 1000 : 0);
  // Once more, for what children of the parent still wrote before they noticed.
  setTimeout(remove, 5000);
}).resume();
`;

/**
 * Cleans up after this process when it ends without doing so itself, also on SIGKILL.
 * Returns a function that calls the watchdog off.
 */
export function removeWhenParentEnds(leftovers: Leftovers): () => void {
  const child = spawn(process.execPath, ['-e', SCRIPT, JSON.stringify(leftovers)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.unref();
  const pipe = child.stdin;
  (pipe as unknown as { unref(): void }).unref();
  pipe.on('error', () => undefined);
  return () => pipe.end('done');
}
