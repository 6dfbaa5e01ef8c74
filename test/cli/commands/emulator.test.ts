import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { exitOf, startCli } from '../process.ts';

interface Addresses {
  api: string;
  edge: string;
  control: string;
  token: string;
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  'with --json it prints one line, serves, and exits 0 on %s',
  async (signal) => {
    const child = startCli(['emulator', '--zones', '2', '--plan', 'pro', '--json']);
    const exit = exitOf(child);
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const addresses = JSON.parse(String(line)) as Addresses;
    expect(Object.keys(addresses)).toEqual(['api', 'edge', 'control', 'token']);

    const headers = { authorization: `Bearer ${addresses.token}` };
    const reply = (await (await fetch(`${addresses.api}/zones`, { headers })).json()) as {
      result: unknown[];
    };
    expect(reply.result).toHaveLength(2);
    expect(reply.result[0]).toMatchObject({ plan: { legacy_id: 'pro' } });

    child.kill(signal);
    expect(await exit).toEqual({ status: 0, stdout: String(line), stderr: '' });
  },
);

test('as text it shows the addresses and how to use them', async () => {
  const child = startCli(['emulator']);
  const exit = exitOf(child);
  const [text] = (await once(child.stdout, 'data')) as [Buffer];
  child.kill('SIGTERM');
  expect((await exit).status).toBe(0);
  expect(String(text)).toMatch(/^API {6}http:\/\/127\.0\.0\.1:\d+/);
  expect(String(text)).toMatch(/^export CLOUDFLARE_BASE_URL=http/m);
});

test('a port that is in use is refused with what to do', async () => {
  const blocker = createServer().listen(0, '127.0.0.1');
  await once(blocker, 'listening');
  const { port } = blocker.address() as { port: number };
  const { status, stdout } = await exitOf(startCli(['emulator', '--api-port', String(port), '--json']));
  blocker.close();
  expect(status).toBe(2);
  expect(JSON.parse(stdout).error).toMatchObject({
    code: 'validation_failed',
    message: `Port ${port} is in use by another program.`,
    hint: expect.stringContaining('--api-port'),
  });
});
