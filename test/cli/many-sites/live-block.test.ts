import { expect, test } from 'vitest';
import { LiveBlock } from '../../../src/cli/many-sites/live-block.ts';
import { memoryIo } from '../memory-io.ts';

const TERMINAL = { stderr: { isTTY: true, columns: 10, rows: 5 } };

test('each line is written over the old one, and they go at the end', () => {
  const io = memoryIo(TERMINAL);
  {
    using _block = new LiveBlock(io.stderr, () => ['one', 'two']);
  }
  expect(io.stderrText()).toBe('\rone\u001b[K\ntwo\u001b[K\n\u001b[J\r\u001b[2A\u001b[J');
});

test('what others write meanwhile appears above the lines', () => {
  const io = memoryIo(TERMINAL);
  {
    using _block = new LiveBlock(io.stderr, () => ['live']);
    io.stderr.write('note\n');
  }
  expect(io.stderrText()).toContain('\r\u001b[1A\u001b[Jnote\n\rlive\u001b[K\n');
  const before = io.stderrText();
  io.stderr.write('after\n');
  expect(io.stderrText()).toBe(`${before}after\n`);
});

test('lines that a terminal has broken, because it became narrower, are all taken away', () => {
  const io = memoryIo(TERMINAL);
  {
    using _block = new LiveBlock(io.stderr, () => ['123456789']);
    Object.assign(io.stderr, { columns: 5 });
  }
  expect(io.stderrText().endsWith('\r\u001b[2A\u001b[J')).toBe(true);
});
