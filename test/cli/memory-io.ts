import { PassThrough } from 'node:stream';
import type { Io } from '../../src/cli/io.ts';

interface Terminal {
  isTTY?: boolean;
  columns?: number;
}

export interface MemoryIo extends Io {
  readonly stdin: PassThrough & Terminal;
  stdoutText(): string;
  stderrText(): string;
}

/** Streams in memory; `{ stdout: { isTTY: true } }` makes one look like a terminal. */
export function memoryIo(
  terminals: { stdin?: Terminal; stdout?: Terminal; stderr?: Terminal } = {},
): MemoryIo {
  const stdin = Object.assign(new PassThrough(), { setRawMode: () => {} }, terminals.stdin);
  const [stdout, stdoutText] = recorder(terminals.stdout);
  const [stderr, stderrText] = recorder(terminals.stderr);
  return { stdin, stdout, stderr, stdoutText, stderrText };
}

function recorder(terminal: Terminal = {}): [PassThrough & Terminal, () => string] {
  const chunks: string[] = [];
  const stream = Object.assign(new PassThrough(), terminal);
  stream.on('data', (chunk) => chunks.push(String(chunk)));
  return [stream, () => chunks.join('')];
}
