import { openSandbox } from '../scripts/sandbox.ts';
import { prepareSites, type Row, runWell } from './harness.ts';

const SITE = 'site-1.example';

/** Requests to Cloudflare that closing and reopening one apex site take, by the emulator's log over the built CLI. */
export async function measureApiCalls(): Promise<Row[]> {
  await using sandbox = await openSandbox({ emulator: ['--zones', '1'] });
  await prepareSites(sandbox);
  const callsOf = async (argv: readonly string[]) => {
    await fetch(`${sandbox.emulator.control}/requests`, { method: 'DELETE' });
    await runWell(sandbox, argv);
    const reply = await fetch(`${sandbox.emulator.control}/requests?limit=0`);
    const { total } = (await reply.json()) as { total: number };
    return total;
  };
  const floor = '1: the write itself';
  return [
    {
      what: 'API calls to enable one apex site',
      unit: 'calls',
      measured: await callsOf(['maintenance', 'enable', SITE, '--no-verify']),
      budget: 1,
      floor,
    },
    {
      what: 'API calls to disable it',
      unit: 'calls',
      measured: await callsOf(['maintenance', 'disable', SITE, '--no-verify']),
      budget: 1,
      floor,
    },
  ];
}
