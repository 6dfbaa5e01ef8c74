/**
 * `npm run demo`: closes and reopens a site, with Cloudflare emulated on this machine. Everything goes through the
 * built command line. Ends with 1 when a step does not show what it should, and leaves nothing behind.
 */
import { isDeepStrictEqual, stripVTControlCharacters } from 'node:util';
import { colorsFor } from '../src/cli/io.ts';
import { readColorWish } from '../src/config/terminal.ts';
import { buildIfStale } from './build-if-stale.ts';
import { openSandbox, type Sandbox } from './sandbox.ts';
import { visit } from './visit.ts';

const SITE = 'site-1.example';
const PAGE = `https://www.${SITE}/checkout`;
const colors = colorsFor(process.stdout, readColorWish());
const stopping = new AbortController();

try {
  buildIfStale();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stopping.abort());
  // Whoever reads along may go away (`| head`): then there is nobody left to show it to.
  process.stdout.on('error', () => stopping.abort());
  await using sandbox = await openSandbox({
    emulator: ['--zones', '3'],
    color: colors.isColorSupported,
    signal: stopping.signal,
  });
  await show(sandbox);
} catch (error) {
  const { aborted } = stopping.signal;
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(aborted ? '\nStopped.\n' : `${colors.red('The demo failed.')} ${message}\n`);
  process.exitCode = aborted ? 130 : 1;
}

/** The main job from end to end. */
async function show(sandbox: Sandbox): Promise<void> {
  const { api, edge } = sandbox.emulator;
  print(`${colors.bold('Intermission')}: a website goes into maintenance and comes back.`);
  print(colors.dim('Cloudflare is emulated on this machine; nothing leaves it, and nothing stays.'));
  print(colors.dim(`Emulated API ${api}, edge ${edge}\n`));
  const before = await prepare(sandbox);

  heading('Close it');
  await cli(sandbox, ['maintenance', 'enable', SITE, '--reason', 'Database upgrade'], /→ in maintenance/);
  await look(sandbox, 302);
  await cli(sandbox, ['maintenance', 'status', SITE], /: in maintenance/);

  heading('Reopen it');
  await cli(sandbox, ['maintenance', 'disable', SITE, '--reason', 'Upgrade done'], /→ open/);
  await look(sandbox, 200);
  await expectSameRules(sandbox, before);

  heading('What was done, and by whom');
  await cli(sandbox, ['log', 'list'], /disable .*\n.*enable /);
  print(`${colors.green('Done.')} Next: npm run intermission -- --help`);
}

/** A zone as people have it: with a rule of their own in it. Returns its rules. */
async function prepare(sandbox: Sandbox): Promise<unknown> {
  heading('Store an API token and find the sites');
  await cli(sandbox, ['api-key', 'add', 'demo', '--token-stdin'], /demo/, sandbox.emulator.token);
  await cli(sandbox, ['sync_cloudflare'], new RegExp(SITE));

  heading('Before');
  const rule = { pattern: `${SITE}/blog/*`, forwardTo: `https://blog.${SITE}/$1` };
  await control(sandbox, `/zones/${SITE}/rules`, { method: 'POST', body: JSON.stringify(rule) });
  const rules = await control(sandbox, `/zones/${SITE}/rules`);
  print(`The zone has a page rule of its owner: ${rule.pattern} → ${rule.forwardTo}\n`);
  await look(sandbox, 200);
  return rules;
}

/** Runs a command and shows it as a terminal would. */
async function cli(sandbox: Sandbox, argv: readonly string[], shows: RegExp, input = ''): Promise<void> {
  stopping.signal.throwIfAborted();
  const words = argv.map((word) => (/^[\w./:=-]+$/.test(word) ? word : JSON.stringify(word)));
  const command = `intermission ${words.join(' ')}`;
  print(`${colors.dim('$')} ${input === '' ? '' : 'printenv TOKEN | '}${colors.cyan(command)}`);
  const { status, output } = await sandbox.run(argv, { input });
  print(output);
  if (status !== 0) throw new Error(`"${command}" ended with exit status ${status}.`);
  if (!shows.test(stripVTControlCharacters(output))) throw new Error(`"${command}" does not show ${shows}.`);
}

/** Visits the site as a browser would, shows the answer and compares it with what it should be. */
async function look(sandbox: Sandbox, expected: number): Promise<void> {
  stopping.signal.throwIfAborted();
  const { line, status, location } = await visit(sandbox.emulator.edge, PAGE);
  const answer = location === undefined ? line : `${line}\nLocation: ${location}`;
  print(`A visitor asks for ${PAGE}\n${(status === 200 ? colors.green : colors.yellow)(answer)}\n`);
  if (status !== expected) throw new Error(`The visitor should have got ${expected}, and got ${status}.`);
  if (status === 302 && !location?.endsWith(SITE)) throw new Error('The visitor was sent somewhere else.');
}

async function expectSameRules(sandbox: Sandbox, before: unknown): Promise<void> {
  const after = await control(sandbox, `/zones/${SITE}/rules`);
  if (!isDeepStrictEqual(after, before))
    throw new Error('The page rules of the zone are not what they were.');
  print('The page rules of the zone are exactly what they were before.\n');
}

async function control(sandbox: Sandbox, path: string, init: RequestInit = {}): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  const reply = await fetch(sandbox.emulator.control + path, { headers, ...init, signal: stopping.signal });
  if (!reply.ok) throw new Error(`The emulator refused ${path}: ${await reply.text()}`);
  return reply.json();
}

function heading(text: string): void {
  print(`${colors.bold(`— ${text}`)}\n`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
