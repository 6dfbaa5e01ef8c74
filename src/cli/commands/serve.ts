import { once } from 'node:events';
import { IntermissionError } from '../../errors.ts';
import type { Intermission } from '../../intermission.ts';
import { type CommandContext, defineCommand } from '../command.ts';
import { negatableFlag, oneOf, option, wholeNumber } from '../parameters.ts';
import { fields } from '../table.ts';

export const command = defineCommand({
  options: {
    only: option(
      '--only <part>',
      'Serve this part and not the other: page or admin',
      oneOf(['page', 'admin']),
    ),
    host: option('--host <address>', 'Address to listen on (default: HOST, else 127.0.0.1)'),
    port: option('--port <port>', 'Port to listen on (default: PORT, else 8000)', wholeNumber(0, 65_535)),
    tick: negatableFlag(
      '--tick',
      'Do what is due by itself: windows, ends of maintenance, repairs, notices (the default with the admin)',
      'Leave that to process_scheduled_maintenance',
    ),
  },
  examples: [
    { command: 'serve', does: 'The admin and the maintenance page on 127.0.0.1:8000' },
    {
      command: 'serve --only page',
      does: 'The maintenance page alone, for a proxy in front of it',
    },
    { command: 'serve --host 0.0.0.0 --port 80', does: 'Reachable from everywhere' },
  ],
  notes:
    'Serves the admin at /admin and the maintenance page at /maintenance?site=DOMAIN, with /healthz and /readyz for whoever watches it, and /metrics if INTERMISSION_METRICS_TOKEN is set. While there is no user, it prints a link that makes the first one, an admin; the link works once, for an hour. With INTERMISSION_PUBLIC_URL set, visitors of closed sites are sent there by default. It runs until Ctrl-C or SIGTERM and finishes what is in hand. With --json it prints {"url","setupUrl"} once it listens.',
  async run(context, { options }) {
    const app = await context.openApp();
    const { config } = app;
    const { host = config.host, port = config.port, only } = options;
    const server = await build(context, app, only);
    const stop = new AbortController();
    const ticking = (options.tick ?? only !== 'page') ? watch(app, server, stop.signal) : undefined;
    try {
      const url = await server.listen({ host, port }).catch(explainAddress(host, port));
      await announce(url, { app, only, context });
      if (!context.signal.aborted) await once(context.signal, 'abort');
    } finally {
      stop.abort();
      await closeSoon(server);
      await ticking;
    }
    return undefined;
  },
});

/** How long a client may take to ask or to read once the server is to end, milliseconds. */
const GRACE_MS = 3_000;

/** Finishes the requests in hand, and then waits for nobody: a connection on which nothing comes would keep it for ever. */
async function closeSoon(server: Server): Promise<void> {
  const late = setTimeout(() => server.server.closeAllConnections(), GRACE_MS);
  try {
    await server.close();
  } finally {
    clearTimeout(late);
  }
}

type Part = 'page' | 'admin' | undefined;
type Server = Awaited<ReturnType<typeof build>>;

async function build({ io, now }: CommandContext, app: Intermission, only: Part) {
  const { logLevel, trustProxy, metricsToken } = app.config;
  const { buildApp } = await import('../../server/build-app.ts');
  const log = logLevel === 'silent' ? undefined : { level: logLevel, stream: io.stderr };
  const server = buildApp({ served: app, now, log, trustProxy, page: only !== 'admin' });
  if (metricsToken !== undefined) {
    const { metrics } = await import('../../server/metrics.ts');
    metrics(server, { app, now, token: metricsToken });
  }
  if (only !== 'page') {
    const { admin, findPages } = await import('../../server/admin/index.ts');
    server.register(admin, { app, now, pages: findPages() });
  }
  return server;
}

/** Windows and ends of holds, as they come due; what was done is in the log. */
async function watch(app: Intermission, server: Server, signal: AbortSignal): Promise<void> {
  const onError = (error: unknown): undefined => {
    server.log.error({ err: error }, 'What is due could not be done.');
  };
  return app.schedule.watch({ signal, onError, report: () => undefined });
}

interface Announcement {
  app: Intermission;
  only: Part;
  context: CommandContext;
}

async function announce(url: string, { app, only, context }: Announcement): Promise<void> {
  const { io, flags, colors } = context;
  const { publicUrl } = app.config;
  const token = only === 'page' ? undefined : await app.users.createSetupToken();
  const setupUrl = token === undefined ? null : `${publicUrl ?? url}/admin/#/set-up?token=${token}`;
  if (flags.json) {
    io.stdout.write(`${JSON.stringify({ url, ...(only !== 'page' && { setupUrl }) })}\n`);
    return;
  }
  const reached =
    publicUrl === undefined
      ? 'Visitors are not sent here: set INTERMISSION_PUBLIC_URL to the address under which they reach it.'
      : `Visitors of closed sites are sent to ${publicUrl}/maintenance unless something else is set.`;
  const parts = fields(
    [
      ['Listens on', url],
      ['Admin', only === 'page' ? undefined : `${url}/admin/`, colors.bold],
      ['Page', only === 'admin' ? undefined : `${url}/maintenance?site=DOMAIN`],
    ],
    colors,
  );
  const setup =
    setupUrl === null
      ? ''
      : `\nNobody can sign in yet. This link makes the first user; it works once, for an hour:\n${colors.bold(setupUrl)}\n\n`;
  io.stdout.write(`${parts}${setup}${only === 'admin' ? '' : `${reached}\n`}It runs until Ctrl-C.\n`);
}

function explainAddress(host: string, port: number): (error: unknown) => never {
  return (error) => {
    const { code } = error as { code?: string };
    const problems: Record<string, string> = {
      EADDRINUSE: 'is in use by another program',
      EACCES: 'may not be used by this user',
      EADDRNOTAVAIL: 'is not an address of this machine',
      ENOTFOUND: 'is not an address of this machine',
    };
    const problem = problems[code ?? ''];
    if (problem === undefined) throw error;
    throw new IntermissionError('validation_failed', `${host}, port ${port}, ${problem}.`, {
      hint: 'Choose another with --host and --port, or HOST and PORT; port 0 takes any free one.',
      cause: error,
    });
  };
}
