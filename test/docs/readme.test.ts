import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { buildIfStale } from '../../scripts/build-if-stale.ts';
import { openSandbox, type Sandbox } from '../../scripts/sandbox.ts';
import { visit } from '../../scripts/visit.ts';

const page = readFileSync(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8');
const session = /^```console\n(.*?)^```$/ms.exec(page)?.[1] ?? '';

beforeAll(buildIfStale, 120_000);

test('the session of the README is what the commands print', async () => {
  await using sandbox = await openSandbox({ emulator: ['--zones', '0'] });
  for (const name of ['example.com', 'shop.example']) await addZone(sandbox, name);
  const commands = [...session.matchAll(/^\$ (.*)$/gm)].map(([, command = '']) => command);
  expect(commands.length).toBeGreaterThan(4);
  const printed = [];
  for (const command of commands) printed.push(`$ ${command}\n${await carryOut(sandbox, command)}\n`);
  expect(lasting(printed.join('').trim())).toBe(lasting(session.trim()));
}, 60_000);

async function carryOut(sandbox: Sandbox, command: string): Promise<string> {
  const host = /^curl .*'Host: (.*?)' http:\/\/[^/]*(.*)$/.exec(command);
  if (host !== null) {
    const { status, location = '' } = await visit(sandbox.emulator.edge, `http://${host[1]}${host[2]}`);
    return `${status} ${location}\n`;
  }
  const [, words = ''] = /^npx intermission (.*?)(?: < token\.txt)?$/.exec(command) ?? [];
  const argv = [...words.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  const { status, output } = await sandbox.run(argv, { input: sandbox.emulator.token });
  expect(status, output).toBe(0);
  return output;
}

async function addZone({ emulator }: Sandbox, name: string): Promise<void> {
  await fetch(`${emulator.control}/zones`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  });
}

/** Without what differs from run to run: times, durations, the end of the token, the user, and column widths. */
function lasting(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'TIME')
    .replace(/\d+\.\d s\b/g, 'DURATION')
    .replace(/…[\w-]{4}\)/g, '…LAST)')
    .replace(/(by |DURATION {2})\S+/g, '$1USER')
    .replace(/ {2,}/g, '  ');
}
