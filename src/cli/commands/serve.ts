import { once } from 'node:events';
import { IntermissionError } from '../../errors.ts';
import { type CommandContext, defineCommand } from '../command.ts';
import { oneOf, option, wholeNumber } from '../parameters.ts';
import { fields } from '../table.ts';

export const command = defineCommand({
  options: {
    only: option('--only <part>', 'Serve this part and nothing else: page', oneOf(['page'])),
    host: option('--host <address>', 'Address to listen on (default: HOST, else 127.0.0.1)'),
    port: option('--port <port>', 'Port to listen on (default: PORT, else 8000)', wholeNumber(0, 65_535)),
  },
  examples: [
    {
      command: 'serve --only page',
      does: 'The maintenance page on 127.0.0.1:8000, for a proxy in front of it',
    },
    { command: 'serve --host 0.0.0.0 --port 80', does: 'Reachable from everywhere' },
  ],
  notes:
    'Serves the maintenance page at /maintenance?site=DOMAIN, and /healthz and /readyz for whoever watches it. With INTERMISSION_PUBLIC_URL set, visitors of closed sites are sent there by default. It runs until Ctrl-C or SIGTERM and finishes the requests in hand. It does not reopen sites by itself: run `intermission process_scheduled_maintenance` from cron. With --json it prints {"url"} once it listens.',
  async run(context, { options }) {
    const app = await context.openApp();
    const { buildApp } = await import('../../server/build-app.ts');
    const { config } = app;
    const log =
      config.logLevel === 'silent' ? undefined : { level: config.logLevel, stream: context.io.stderr };
    const server = buildApp({ served: app, now: context.now, log });
    const { host = config.host, port = config.port } = options;
    try {
      const url = await server.listen({ host, port }).catch(explainAddress(host, port));
      announce(url, config.publicUrl, context);
      if (!context.signal.aborted) await once(context.signal, 'abort');
    } finally {
      await server.close();
    }
    return undefined;
  },
});

function announce(url: string, publicUrl: string | undefined, { io, flags, colors }: CommandContext): void {
  if (flags.json) {
    io.stdout.write(`${JSON.stringify({ url })}\n`);
    return;
  }
  const reached =
    publicUrl === undefined
      ? 'Visitors are not sent here: set INTERMISSION_PUBLIC_URL to the address under which they reach it.'
      : `Visitors of closed sites are sent to ${publicUrl}/maintenance unless something else is set.`;
  io.stdout.write(`${fields(
    [
      ['Listens on', url],
      ['Page', `${url}/maintenance?site=DOMAIN`],
    ],
    colors,
  )}
${reached}
It runs until Ctrl-C.
`);
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
