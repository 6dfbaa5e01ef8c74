import { once } from 'node:events';
import { IntermissionError } from '../../errors.ts';
import { type CommandContext, defineCommand } from '../command.ts';
import { oneOf, option, wholeNumber } from '../parameters.ts';
import { fields } from '../table.ts';

const PLANS = ['free', 'pro', 'business', 'enterprise'] as const;
const PORT = wholeNumber(0, 65_535);

export const command = defineCommand({
  options: {
    zones: option('--zones <number>', 'How many zones to start with (default 3)', wholeNumber(0, 20_000)),
    plan: option('--plan <plan>', `Plan of these zones: ${PLANS.join(', ')} (default free)`, oneOf(PLANS)),
    apiPort: option('--api-port <port>', 'Port of the API (default: any free one)', PORT),
    edgePort: option('--edge-port <port>', 'Port of the edge (default: any free one)', PORT),
    latency: option('--latency <ms>', 'Wait of every API reply in milliseconds', wholeNumber(0, 60_000)),
    propagation: option('--propagation <ms>', 'Time until the edge knows a change', wholeNumber(0, 600_000)),
  },
  examples: [
    { command: 'emulator --zones 5', does: 'Five zones on free ports' },
    { command: 'emulator --api-port 8787 --json', does: 'For scripts: one line of JSON once it listens' },
  ],
  notes:
    'It keeps nothing on disk and runs until Ctrl-C or SIGTERM. With --json it prints {"api","edge","control","token"}.',
  async run(context, { options }) {
    const { startEmulator } = await import('../../emulator/index.ts');
    const emulator = await startEmulator({
      zones: options.zones ?? 3,
      plan: options.plan ?? 'free',
      apiPort: options.apiPort ?? 0,
      edgePort: options.edgePort ?? 0,
      latencyMs: options.latency ?? 0,
      propagationMs: options.propagation ?? 0,
    }).catch(explainPort);
    const { api, edge, control, token } = emulator;
    announce({ api, edge, control, token }, context);
    if (!context.signal.aborted) await once(context.signal, 'abort');
    await emulator.close();
    return undefined;
  },
});

interface Addresses {
  api: string;
  edge: string;
  control: string;
  token: string;
}

function announce(addresses: Addresses, { io, flags, colors }: CommandContext): void {
  if (flags.json) {
    io.stdout.write(`${JSON.stringify(addresses)}\n`);
    return;
  }
  const { api, edge, control, token } = addresses;
  const lines = fields(
    [
      ['API', api],
      ['Edge', edge],
      ['Control', control],
      ['Token', token],
    ],
    colors,
  );
  const use = `export CLOUDFLARE_BASE_URL=${api}
export CLOUDFLARE_API_TOKEN=${token}`;
  io.stdout.write(`${lines}
To use it, in another terminal:

${use}

It runs until Ctrl-C.
`);
}

function explainPort(error: unknown): never {
  const { code, port: wanted } = error as { code?: string; port?: number };
  if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
  const problem = code === 'EACCES' ? 'may not be used by this user' : 'is in use by another program';
  throw new IntermissionError('validation_failed', `Port ${wanted} ${problem}.`, {
    hint: 'Choose another with --api-port or --edge-port; 0 takes any free one.',
    cause: error,
  });
}
