import { createReadStream } from 'node:fs';
import { IntermissionError } from '../errors.ts';
import type { Io } from './io.ts';

/**
 * The bytes of a file, or of standard input for `-`. Reading stops as soon as there is more than `limit`, so that the
 * caller sees that it is too much and nothing larger is ever held.
 *
 * @throws IntermissionError `usage` when it cannot be read, or nobody has piped anything in
 */
export async function readInput(io: Io, path: string, limit: number): Promise<Uint8Array> {
  if (path === '-' && io.stdin.isTTY === true) {
    throw new IntermissionError('usage', 'Nothing is piped into standard input.', {
      hint: 'Name a file, or pipe one in: put < and its name behind the command.',
    });
  }
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of path === '-' ? io.stdin : createReadStream(path)) {
      const bytes = Buffer.from(chunk as Uint8Array);
      chunks.push(bytes);
      size += bytes.length;
      if (size > limit) break;
    }
  } catch (error) {
    throw unreadable(path, error);
  }
  return Buffer.concat(chunks);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
  EISDIR: 'it is a folder',
};

function unreadable(path: string, error: unknown): IntermissionError {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  return new IntermissionError('usage', `${path} cannot be read: ${REASONS[code] ?? code}.`, {
    hint: 'Check the path, or pipe the file in and write - instead of it.',
    cause: error,
  });
}
