import { userInfo } from 'node:os';
import type { Actor } from '../domain/maintenance-log.ts';

/** Who the log names for what this command line does: the user of the operating system. */
export function cliActor(): Actor {
  return { name: userName(), source: 'cli' };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a number that no account has.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
