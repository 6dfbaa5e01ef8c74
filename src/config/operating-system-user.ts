import { userInfo } from 'node:os';

/** The user that this process runs as, for people. */
export function operatingSystemUser(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a number that no account has.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
