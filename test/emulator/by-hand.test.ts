import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Emulator, EmulatorError, startEmulator } from '../../src/emulator/index.ts';
import { patternsOf, send } from './client.ts';

let emulator: Emulator;

beforeAll(async () => {
  emulator = await startEmulator({ zones: 1 });
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

const zone = 'site-1.example';
const add = (name: string, priority?: number) =>
  emulator.addRule(zone, {
    pattern: `${name}.${zone}/*`,
    forwardTo: 'https://x.example/',
    ...(priority === undefined ? {} : { priority }),
  });

test('a rule is put at its priority, at the bottom without one, and past the quota', () => {
  for (const name of ['a', 'b', 'c']) add(name, 9);
  expect(add('d').priority).toBe(1);
  expect(add('e', 2).priority).toBe(2);
  expect(patternsOf(emulator).map((pattern) => pattern[0])).toEqual(['c', 'b', 'a', 'e', 'd']);
});

test('a rule is edited in place, or moved', () => {
  const rule = add('a');
  add('b', 2);
  const actions = [{ id: 'ssl', value: 'full' }];
  const edited = emulator.editRule(zone, rule.id, { pattern: `new.${zone}/*`, actions, status: 'disabled' });
  expect(edited).toMatchObject({ id: rule.id, priority: 1, status: 'disabled', actions });
  expect(emulator.editRule(zone, rule.id, { priority: 2 }).priority).toBe(2);
  expect(patternsOf(emulator)).toEqual([`new.${zone}/*`, `b.${zone}/*`]);
});

test('what is not there cannot be changed', () => {
  expect(() => emulator.zone('nobody.example')).toThrow(EmulatorError);
  expect(() => emulator.removeRule(zone, '0'.repeat(32))).toThrow(EmulatorError);
  expect(() => emulator.setToken('nobody', {})).toThrow(EmulatorError);
  expect(() => emulator.addToken({ value: emulator.token })).toThrow('exists already');
});

test('a zone can be found by its id too', () => {
  const view = emulator.zone(zone);
  expect(emulator.zone(view.id)).toEqual(view);
});

test('a reset brings back the zones and the token of the start', async () => {
  add('a');
  emulator.addZone({ name: 'more.example' });
  emulator.addFault({ kind: 'reset' });
  emulator.setLatency(60_000);
  emulator.setPropagation(60_000);
  await emulator.reset();
  expect((await send(emulator, 'GET /zones')).body.result).toHaveLength(1);
  expect(emulator.rules(zone)).toEqual([]);
});

test('latency delays every reply', async () => {
  emulator.setLatency(30);
  const start = performance.now();
  await send(emulator, 'GET /zones');
  expect(performance.now() - start).toBeGreaterThan(28);
});

test('a token of the caller’s own making is taken', async () => {
  const token = `cfut_${'a'.repeat(40)}`;
  await using other = await startEmulator({ token });
  expect(other.token).toBe(token);
  expect((await send(other, 'GET /user/tokens/verify')).status).toBe(200);
});

test('a port that is taken is an error', async () => {
  const port = Number(new URL(emulator.api).port);
  await expect(startEmulator({ apiPort: port })).rejects.toThrow('EADDRINUSE');
});
