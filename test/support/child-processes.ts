import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

export interface ChildOptions {
  /** Runs under this user instead of root: then permissions count. Ignored unless this process is root. */
  uid?: number;
}

const ROOT = join(import.meta.dirname, '../..');

/**
 * Runs ES module code in a Node process of its own, in the folder of the repository.
 *
 * @returns what it printed, trimmed.
 */
export async function runInChild(code: string, args: string[], options: ChildOptions = {}): Promise<string> {
  const user =
    options.uid !== undefined && process.getuid?.() === 0 ? { uid: options.uid, gid: options.uid } : {};
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', code, ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...user,
  });
  const [output, errors, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  if (status !== 0) {
    throw new Error(`The child ended with ${String(status)}: ${errors}`);
  }
  return output.trim();
}

/** Runs the same code in `count` processes at once; their outputs in the order of the processes. */
export function runInParallel(count: number, code: string, args: string[]): Promise<string[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => runInChild(code, [...args, String(index)])));
}
