import { operatingSystemUser } from '../config/operating-system-user.ts';
import type { Actor } from '../domain/maintenance-log.ts';

/** Who the log names for what this command line does: the user of the operating system. */
export function cliActor(): Actor {
  return { name: operatingSystemUser(), source: 'cli' };
}
