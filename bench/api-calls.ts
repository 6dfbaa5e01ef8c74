import { openSandbox, type Sandbox } from '../scripts/sandbox.ts';
import { prepareSites, type Row, runWell } from './harness.ts';

const SITE = 'site-1.example';
const FLOOR = '1: the write itself';

/**
 * Requests to Cloudflare that closing and reopening one apex site take, by the emulator's log over the built CLI: by
 * page rules, then by redirect rules in a zone whose ruleset is not known yet, and again when it is.
 */
export async function measureApiCalls(): Promise<Row[]> {
  await using sandbox = await openSandbox({ emulator: ['--zones', '1'] });
  await prepareSites(sandbox);
  const enable = () => callsOf(sandbox, 'enable');
  const disable = () => callsOf(sandbox, 'disable');
  const rows = [
    row('API calls to enable one apex site', await enable(), 1),
    row('API calls to disable it', await disable(), 1),
  ];
  await runWell(sandbox, ['site', 'edit', SITE, '--engine', 'redirect_rules']);
  const first = await enable();
  await disable();
  return [
    ...rows,
    row('API calls to enable it by redirect rules, the first time in its zone', first, 2),
    row('API calls to enable it by redirect rules', await enable(), 1),
    row('API calls to disable it by redirect rules', await disable(), 1),
  ];
}

function row(what: string, measured: number, budget: number): Row {
  const floor = budget === 1 ? FLOOR : '2: whether there is a ruleset, and the write';
  return { what, unit: 'calls', measured, budget, floor };
}

async function callsOf(sandbox: Sandbox, action: 'enable' | 'disable'): Promise<number> {
  await fetch(`${sandbox.emulator.control}/requests`, { method: 'DELETE' });
  await runWell(sandbox, ['maintenance', action, SITE, '--no-verify']);
  const reply = await fetch(`${sandbox.emulator.control}/requests?limit=0`);
  const { total } = (await reply.json()) as { total: number };
  return total;
}
