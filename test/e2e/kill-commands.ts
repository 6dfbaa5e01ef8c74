import type { Intermission } from '../../src/intermission.ts';

/** Does through the library what a command line of the kill table does. */
export async function carryOut(app: Intermission, argv: readonly string[]): Promise<void> {
  const [, action, domain = ''] = argv;
  const option = (flag: string) => (argv.includes(flag) ? argv[argv.indexOf(flag) + 1] : undefined);
  const url = option('--url');
  const existing = option('--existing') === 'ours' ? 'ours' : undefined;
  if (action === undefined) await app.schedule.processScheduledMaintenances();
  else if (action === 'enable') await app.enableMaintenanceForDomain(domain, 'kill table', { url });
  else await app.disableMaintenanceForDomain(domain, { existing });
}

/** Commands in one database. */
export interface Room {
  options: { databaseUrl: string | undefined; dataDir: string; cloudflareBaseUrl: string };
  commands: string[][];
}
