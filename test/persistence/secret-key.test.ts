import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { loadSecretKey } from '../../src/persistence/secret-key.ts';
import { runInParallel } from '../support/child-processes.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const HEX = 'ab'.repeat(32);

describe('the variable', () => {
  test.each([
    ['hex', HEX],
    ['hex in upper case with a line end', `${HEX.toUpperCase()}\n`],
    ['base64', Buffer.from(HEX, 'hex').toString('base64')],
    ['base64url without padding', Buffer.from(HEX, 'hex').toString('base64url')],
  ])('is read as %s', (_form, value) => {
    const key = loadSecretKey({ value, keyFile: '/nowhere/secret.key', mayCreate: true });
    expect(key.id).toBe(loadSecretKey({ value: HEX, keyFile: '', mayCreate: false }).id);
    expect(key.source).toBe('INTERMISSION_SECRET_KEY');
    expect(existsSync('/nowhere')).toBe(false);
  });

  test.each([
    ['too short', 'ab'.repeat(31)],
    ['too long', 'ab'.repeat(33)],
    ['no key at all', 'correct horse battery staple'],
    ['empty', ''],
  ])('is refused when it is %s, without repeating it', (_form, value) => {
    const load = () => loadSecretKey({ value, keyFile: '/nowhere/secret.key', mayCreate: true });
    expect(load).toThrow(expect.objectContaining({ code: 'validation_failed' }));
    if (value !== '') expect(load).not.toThrow(value);
  });

  test('gives another key for every purpose, and always the same one', () => {
    const key = loadSecretKey({ value: HEX, keyFile: '', mayCreate: false });
    expect(key.derive('a')).toHaveLength(32);
    expect(key.derive('a')).toEqual(key.derive('a'));
    expect(key.derive('a')).not.toEqual(key.derive('b'));
    expect(JSON.stringify(key)).not.toContain(HEX);
  });
});

describe('the key file', () => {
  let keyFile: string;
  const load = (mayCreate = true) => loadSecretKey({ keyFile, mayCreate });

  beforeEach(() => {
    keyFile = join(temporaryDirectory(), 'data', 'secret.key');
  });

  test('is made when there is none, for this user only, and read again afterwards', () => {
    const key = load();
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(keyFile)).mode & 0o777).toBe(0o700);
    expect(readFileSync(keyFile, 'utf8')).toMatch(/^[0-9a-f]{64}\n$/);
    expect(readdirSync(dirname(keyFile))).toEqual(['secret.key']);
    expect(load(false).id).toBe(key.id);
  });

  test('is the same for several processes that start at once', async () => {
    const code = `import { loadSecretKey } from './src/persistence/secret-key.ts';
      console.log(loadSecretKey({ keyFile: process.argv[1], mayCreate: true }).id);`;
    const ids = await runInParallel(6, code, [keyFile]);
    expect(new Set(ids).size).toBe(1);
  });

  test('is not made while tokens are sealed with a key that is gone', () => {
    expect(() => load(false)).toThrow(
      expect.objectContaining({ code: 'secret_key_mismatch', message: expect.stringContaining(keyFile) }),
    );
    expect(existsSync(dirname(keyFile))).toBe(false);
  });

  test.each([0o640, 0o604, 0o666])('is refused when others may read it (mode %o)', (mode) => {
    load();
    chmodSync(keyFile, mode);
    expect(() => load()).toThrow(
      expect.objectContaining({ code: 'secret_key_mismatch', hint: `Run: chmod 600 ${keyFile}` }),
    );
  });

  test('is refused when it holds something else, and left as it is', () => {
    mkdirSync(dirname(keyFile));
    writeFileSync(keyFile, 'ab\n', { mode: 0o600 });
    expect(() => load()).toThrow(expect.objectContaining({ code: 'validation_failed' }));
    expect(readFileSync(keyFile, 'utf8')).toBe('ab\n');
  });

  test('is refused when it is a folder', () => {
    mkdirSync(keyFile, { recursive: true, mode: 0o700 });
    expect(() => load()).toThrow(expect.objectContaining({ code: 'secret_key_mismatch' }));
  });

  test('cannot be made below a file', () => {
    writeFileSync(dirname(keyFile), '');
    expect(() => load()).toThrow(expect.objectContaining({ code: 'secret_key_mismatch' }));
  });
});
