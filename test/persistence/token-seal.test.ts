import { expect, test } from 'vitest';
import { SecretKey } from '../../src/persistence/secret-key.ts';
import { rowBinding, TokenSeal } from '../../src/persistence/token-seal.ts';
import { fc } from '../support/property.ts';

const key = new SecretKey(Buffer.alloc(32, 7), 'INTERMISSION_SECRET_KEY');
const seal = new TokenSeal(key);
const binding = rowBinding('cloudflare_api_key', '5f0c1f0e-0000-4000-8000-000000000001');
const refused = expect.objectContaining({ code: 'secret_key_mismatch' });

test('what was sealed for a row opens for that row, whatever the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.uuid(), (text, id) => {
      const row = rowBinding('cloudflare_api_key', id);
      expect(seal.open(seal.seal(text, row), row)).toBe(text);
    }),
  );
});

test('an envelope shows neither the text nor that two texts are equal', () => {
  const [one, two] = [seal.seal('token-in-plain-sight', binding), seal.seal('token-in-plain-sight', binding)];
  expect(one).not.toBe(two);
  expect(Buffer.from(one.split('.')[3] ?? '', 'base64url').toString('latin1')).not.toContain('token');
  expect(one).toMatch(/^v1\.[0-9a-f]{16}\.[\w-]{16}\.[\w-]+$/);
});

test('an envelope with any bit flipped is refused', () => {
  const envelope = Buffer.from(seal.seal('a token of some length', binding));
  fc.assert(
    fc.property(fc.nat(envelope.length * 8 - 1), (bit) => {
      const changed = Buffer.from(envelope);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => seal.open(changed.toString('latin1'), binding)).toThrow(refused);
    }),
    { numRuns: 500 },
  );
});

test('an envelope that is cut or lengthened anywhere is refused', () => {
  const envelope = seal.seal('token', binding);
  fc.assert(
    fc.property(fc.nat(envelope.length - 1), fc.string({ minLength: 1 }), (at, extra) => {
      expect(() => seal.open(envelope.slice(0, at), binding)).toThrow(refused);
      expect(() => seal.open(envelope + extra, binding)).toThrow(refused);
    }),
  );
});

test('an envelope that was moved to another row or table is refused', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.uuid(), (id, other) => {
      fc.pre(id !== other);
      const envelope = seal.seal('token', rowBinding('cloudflare_api_key', id));
      expect(() => seal.open(envelope, rowBinding('cloudflare_api_key', other))).toThrow(refused);
      expect(() => seal.open(envelope, rowBinding('webhook', id))).toThrow(refused);
    }),
  );
});

test('another key is named, with where it came from, and shows nothing of either key', () => {
  const other = new TokenSeal(new SecretKey(Buffer.alloc(32, 8), '/data/secret.key'));
  try {
    other.open(seal.seal('token', binding), binding);
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({
      code: 'secret_key_mismatch',
      hint: expect.stringContaining('/data/secret.key'),
    });
    expect(String(error)).toContain(key.id);
    expect(String(error)).not.toContain('0707');
  }
});
