import { expect, test } from 'vitest';
import { withProgress } from '../../src/cli/progress.ts';
import { memoryIo } from './memory-io.ts';

const FLAGS = { json: false } as never;

test('the line is drawn over itself, not more often than the eye can follow', async () => {
  const io = memoryIo({ stderr: { isTTY: true, columns: 12 } });
  const result = await withProgress({ io, flags: FLAGS }, 'Reading …', async (show) => {
    show('Reading … 50 of 10,000');
    return 'done';
  });
  expect(result).toBe('done');
  // What came a moment after the first was left out.
  expect(io.stderrText()).toBe('\rReading …\u001b[K\r\u001b[K');
});

test('a text that is wider than the terminal is cut', async () => {
  const io = memoryIo({ stderr: { isTTY: true, columns: 12 } });
  await withProgress({ io, flags: FLAGS }, 'Reading the zones', async () => undefined);
  expect(io.stderrText()).toBe('\rReading the\u001b[K\r\u001b[K');
});

test('the line goes also when the work fails, and elsewhere than at a terminal nothing is written', async () => {
  const terminal = memoryIo({ stderr: { isTTY: true } });
  const fail = () => Promise.reject(new Error('no'));
  await expect(withProgress({ io: terminal, flags: FLAGS }, 'Reading …', fail)).rejects.toThrow('no');
  expect(terminal.stderrText().endsWith('\r\u001b[K')).toBe(true);
  const pipe = memoryIo();
  await withProgress({ io: pipe, flags: FLAGS }, 'Reading …', async (show) => show('Reading … 1'));
  expect(pipe.stderrText()).toBe('');
});
