import { expect, test } from 'vitest';
import { toErrorDocument } from '../../src/cli/errors.ts';
import { type OutputOptions, printFailure, printResult, toEnvelope } from '../../src/cli/output.ts';
import { IntermissionError } from '../../src/errors.ts';
import { memoryIo } from './memory-io.ts';

const conflict = new IntermissionError('rule_conflict', 'A rule is in the way.', { hint: 'Look at it.' });
const failed = { site: 'b.example', error: toErrorDocument(conflict) };
const fine = { site: 'a.example', error: null };

test('the document of an empty result has every key', () => {
  expect(toEnvelope('log list', {}).envelope).toEqual({
    version: 1,
    ok: true,
    command: 'log list',
    summary: {},
    results: [],
    warnings: [],
    error: null,
  });
});

test.each([
  ['all rows succeeded', { results: [fine, {}] }, 0, null],
  ['one of two rows failed', { results: [fine, failed] }, 3, null],
  ['all of two rows failed', { results: [failed, failed] }, 6, null],
  ['the only row failed', { results: [failed] }, 6, failed.error],
  ['the command failed as a whole', { results: [fine], error: conflict }, 6, failed.error],
  ['a difference was found', { results: [fine], exit: 7 as const }, 7, null],
])('when %s, status, ok and error agree', (_, result, status, error) => {
  const { envelope, exit } = toEnvelope('maintenance enable', result);
  expect({ exit, ok: envelope.ok, error: envelope.error }).toEqual({ exit: status, ok: status === 0, error });
});

test('dates are ISO 8601 in UTC', () => {
  const io = memoryIo();
  printResult({ results: [{ at: new Date(0) }] }, undefined, options(io, { json: true }));
  expect(JSON.parse(io.stdoutText()).results).toEqual([{ at: '1970-01-01T00:00:00.000Z' }]);
});

test('with --json stdout holds one line and stderr nothing', () => {
  const io = memoryIo();
  const result = {
    results: [fine, failed],
    warnings: [{ code: 'no_heartbeat', message: 'Nobody reopens it.' }],
  };
  expect(printResult(result, () => 'text\n', options(io, { json: true }))).toBe(3);
  expect(io.stdoutText().trimEnd().split('\n')).toHaveLength(1);
  expect(JSON.parse(io.stdoutText())).toMatchObject({
    ok: false,
    warnings: [{ code: 'no_heartbeat' }],
    error: null,
  });
  expect(io.stderrText()).toBe('');
});

test('as text, data goes to stdout and warnings and errors to stderr', () => {
  const io = memoryIo();
  const result = {
    results: [fine, failed],
    warnings: [{ code: 'no_heartbeat', message: 'Nobody reopens it.' }],
  };
  printResult(result, ({ results = [] }) => `${results.length} sites\n`, options(io));
  expect(io.stdoutText()).toBe('2 sites\n');
  expect(io.stderrText()).toBe(
    'warning: Nobody reopens it.\nerror: b.example: A rule is in the way. (rule_conflict)\n  Look at it.\n',
  );
});

test('a failure without --verbose shows what, why and what to do, and no stack', () => {
  const io = memoryIo();
  expect(printFailure(conflict, options(io))).toBe(6);
  expect(io.stderrText()).toBe('error: A rule is in the way. (rule_conflict)\n  Look at it.\n');
  expect(io.stdoutText()).toBe('');
});

test('the text of an unexpected error appears only with --verbose', () => {
  const quiet = memoryIo();
  const loud = memoryIo();
  const error = new TypeError('postgres://u:hunter2@db failed');
  expect(printFailure(error, options(quiet, { json: true }))).toBe(1);
  printFailure(error, options(loud, { verbose: true }));
  expect(JSON.parse(quiet.stdoutText()).error).toMatchObject({ code: 'internal' });
  expect(quiet.stdoutText()).not.toContain('hunter2');
  expect(loud.stderrText()).toContain('TypeError: postgres://u:hunter2@db failed');
  expect(loud.stderrText()).toContain('output.test.ts');
});

test('--verbose adds the facts of an error', () => {
  const io = memoryIo();
  const error = new IntermissionError('site_locked', 'Busy.', { details: { owner: 'host:12' } });
  printFailure(error, options(io, { verbose: true }));
  expect(io.stderrText()).toContain('owner: "host:12"');
});

test('an aborted wait is an interruption', () => {
  const io = memoryIo();
  expect(printFailure(new DOMException('stop', 'AbortError'), options(io, { json: true }))).toBe(130);
  expect(JSON.parse(io.stdoutText()).error.code).toBe('interrupted');
});

test('a message from outside cannot control the terminal', () => {
  const io = memoryIo();
  printFailure(new IntermissionError('api_rejected', 'bad\u001b]0;title\u0007'), options(io));
  expect(io.stderrText()).not.toContain('\u001b');
});

test.each([
  ['a terminal', { isTTY: true }, 'auto', true, true],
  ['a pipe', {}, 'auto', true, false],
  ['a terminal with NO_COLOR', { isTTY: true }, 'never', true, false],
  ['a pipe with FORCE_COLOR', {}, 'always', true, true],
  ['a terminal with --no-color', { isTTY: true }, 'always', false, false],
] as const)('%s gets colours or not', (_, terminal, colorWish, color, colored) => {
  const io = memoryIo({ stderr: terminal });
  printFailure(conflict, { ...options(io), colorWish, flags: { json: false, verbose: false, color } });
  expect(io.stderrText().includes('\u001b[31m')).toBe(colored);
});

function options(io: OutputOptions['io'], flags: Partial<OutputOptions['flags']> = {}): OutputOptions {
  return {
    io,
    flags: { json: false, verbose: false, color: true, ...flags },
    colorWish: 'auto',
    command: 'maintenance enable',
    now: new Date(0),
  };
}
