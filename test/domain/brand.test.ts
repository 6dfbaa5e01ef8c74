import { describe, expect, test } from 'vitest';
import {
  type BrandInput,
  contactLink,
  describeBrand,
  MAX_LOGO_BYTES,
  parseBrand,
  readBrand,
  toLogo,
  withChanges,
} from '../../src/domain/brand.ts';
import { fc } from '../support/property.ts';

const refused = expect.objectContaining({ code: 'validation_failed' });
const SVG = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>');

describe('a brand', () => {
  test.each<[BrandInput, object]>([
    [{ color: '#ABC' }, { color: '#aabbcc' }],
    [{ color: '0a7f5a' }, { color: '#0a7f5a' }],
    [{ template: 'premium' }, { template: 'premium' }],
    [{ contact: ' help@example.com ' }, { contact: 'help@example.com' }],
    [{ contact: 'Call +49 30 123' }, { contact: 'Call +49 30 123' }],
    [{ statusPage: 'https://status.example.net' }, { statusPage: 'https://status.example.net/' }],
    [{ logo: toLogo(SVG) }, { logo: toLogo(SVG) }],
    [
      { color: '', contact: null },
      { color: null, contact: null },
    ],
    [{ color: undefined }, {}],
  ])('is stored: %j', (input, stored) => {
    expect(parseBrand(input)).toEqual(stored);
  });

  test.each<BrandInput>([
    { color: 'red' },
    { color: '#12345' },
    { color: '#fff;}*{display:none' },
    { template: 'fancy' },
    { template: 'constructor' },
    { contact: 'a\nb' },
    { contact: 'x'.repeat(201) },
    { contact: 'javascript:alert(1)' },
    { statusPage: 'javascript:alert(1)' },
    { statusPage: 'status.example.net' },
    { statusPage: 'https://user:secret@status.example.net/' },
    { statusPage: `https://status.example.net/${'a'.repeat(500)}` },
    { logo: 'https://cdn.example.net/logo.png' },
    { logo: 'data:text/html;base64,PHNjcmlwdD4=' },
    { logo: `data:image/png;base64,${SVG.toString('base64')}"onload="x` },
  ])('is refused: %j', (input) => {
    expect(() => parseBrand(input)).toThrow(refused);
  });

  test('keeps what is not changed and loses what is cleared', () => {
    const brand = { color: '#aabbcc', contact: 'help@example.com' };
    expect(withChanges(brand, { color: null, template: 'minimal' })).toEqual({
      contact: 'help@example.com',
      template: 'minimal',
    });
  });

  test('is read without what this version does not understand, whatever is stored', () => {
    const stored = { color: 'red', template: 'premium', logo: 'https://x.example/', next: true, contact: 7 };
    expect(readBrand(stored)).toEqual({ template: 'premium' });
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.constant(null))),
        (any) => {
          for (const value of Object.values(readBrand(any))) expect(typeof value).toBe('string');
        },
      ),
    );
  });

  test('is described without its picture', () => {
    expect(describeBrand({ color: '#aabbcc', logo: toLogo(SVG) })).toEqual({
      color: '#aabbcc',
      logo: 'image/svg+xml, 41 bytes',
    });
  });
});

describe('a logo', () => {
  test.each([
    ['image/png', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')],
    ['image/jpeg', Buffer.from('\xff\xd8\xff\xe0', 'latin1')],
    ['image/gif', Buffer.from('GIF89a')],
    ['image/webp', Buffer.from('RIFF1234WEBPVP8 ')],
    ['image/svg+xml', Buffer.from('<?xml version="1.0"?><svg/>')],
  ])('is known as %s by its bytes, not by its name', (type, bytes) => {
    expect(toLogo(bytes)).toBe(`data:${type};base64,${bytes.toString('base64')}`);
  });

  test('is refused when it is something else or too large', () => {
    expect(() => toLogo(Buffer.from('<html><script>'))).toThrow(refused);
    expect(() => toLogo(Buffer.concat([SVG, Buffer.alloc(MAX_LOGO_BYTES)]))).toThrow(refused);
  });
});

test.each([
  ['help@example.com', 'mailto:help@example.com'],
  ['a?cc=b@example.com', 'mailto:a%3Fcc%3Db@example.com'],
  ['https://example.com/contact', 'https://example.com/contact'],
  ['Call +49 30 123', undefined],
  ['data:text/html,x', undefined],
])('the contact %s leads to %s', (contact, link) => {
  expect(contactLink(contact)).toBe(link);
});
