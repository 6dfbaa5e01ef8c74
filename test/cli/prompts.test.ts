import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { createPrompts, readSecret } from '../../src/cli/prompts.ts';
import { memoryIo } from './memory-io.ts';

const TERMINAL = { stdin: { isTTY: true }, stderr: { isTTY: true, columns: 80 } };
const NO_FLAGS = { json: false, yes: false };

describe('without a terminal', () => {
  test.each([
    ['stdin is a pipe', { stderr: { isTTY: true } }, NO_FLAGS],
    ['stderr is a file', { stdin: { isTTY: true } }, NO_FLAGS],
    ['--json is given', TERMINAL, { json: true, yes: false }],
  ])('nothing is asked when %s', async (_, terminals, flags) => {
    const io = memoryIo(terminals);
    const prompts = createPrompts(io, flags);
    expect(prompts.interactive).toBe(false);
    await prompts.confirm({ message: 'Close example.com?' });
    expect(await prompts.text('Why?')).toBeUndefined();
    expect(await prompts.secret('Token')).toBeUndefined();
    expect(io.stderrText() + io.stdoutText()).toBe('');
  });

  test('a selection needs --yes', async () => {
    const question = { message: 'Close 12 sites?', needsYes: true };
    await expect(createPrompts(memoryIo(), NO_FLAGS).confirm(question)).rejects.toMatchObject({
      code: 'usage',
      hint: expect.stringContaining('--yes'),
    });
    await createPrompts(memoryIo(), { json: false, yes: true }).confirm(question);
  });
});

describe('at a terminal', () => {
  test('yes lets it pass, and the question is on stderr only', async () => {
    const io = memoryIo(TERMINAL);
    const answered = createPrompts(io, NO_FLAGS).confirm({ message: 'Close example.com?' });
    await type(io, 'Close example.com?', 'y');
    await answered;
    expect(io.stdoutText()).toBe('');
  });

  test.each([
    ['no', 'n'],
    ['Enter, because nothing is the default', '\r'],
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('%s cancels', async (_, key) => {
    const io = memoryIo(TERMINAL);
    const answered = createPrompts(io, NO_FLAGS).confirm({ message: 'Close example.com?' });
    const refused = expect(answered).rejects.toMatchObject({ code: 'cancelled' });
    await type(io, 'Close example.com?', key);
    await refused;
  });

  test('the end of the terminal cancels, and the cursor is shown again', async () => {
    const io = memoryIo(TERMINAL);
    const answered = createPrompts(io, NO_FLAGS).text('Reason');
    const refused = expect(answered).rejects.toMatchObject({ code: 'cancelled' });
    while (!io.stderrText().includes('Reason')) await new Promise((resolve) => setImmediate(resolve));
    io.stdin.end();
    await refused;
    expect(io.stderrText().lastIndexOf('\u001b[?25h')).toBeGreaterThan(
      io.stderrText().lastIndexOf('\u001b[?25l'),
    );
    expect(io.stdin.listenerCount('end')).toBe(memoryIo(TERMINAL).stdin.listenerCount('end'));
  });

  test('--yes answers without a question', async () => {
    const io = memoryIo(TERMINAL);
    await createPrompts(io, { json: false, yes: true }).confirm({ message: 'Close example.com?' });
    expect(io.stderrText()).toBe('');
  });

  test('a secret is not shown', async () => {
    const io = memoryIo(TERMINAL);
    const answered = createPrompts(io, NO_FLAGS).secret('Token');
    await type(io, 'Token', 'hush\r');
    expect(await answered).toBe('hush');
    expect(io.stderrText()).not.toContain('hush');
  });
});

describe('readSecret', () => {
  const piped = (text: string) => ({ ...memoryIo(), stdin: new PassThrough().end(text) });

  test('reads stdin to its end and drops the line break', async () => {
    expect(await readSecret(piped('abc\n'))).toBe('abc');
  });

  test.each([
    ['nothing', ' \n'],
    ['ten megabytes', 'x'.repeat(10_000_000)],
  ])('refuses %s', async (_, text) => {
    await expect(readSecret(piped(text))).rejects.toMatchObject({ code: 'usage' });
  });
});

/** Types once the question has appeared. */
async function type(io: ReturnType<typeof memoryIo>, question: string, keys: string): Promise<void> {
  while (!io.stderrText().includes(question)) await new Promise((resolve) => setImmediate(resolve));
  io.stdin.write(keys);
}
